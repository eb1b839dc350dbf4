"""The shells that run the commands of history rows, recognised by their words: `/bin/bash -o errexit -c `.

A shell of Unix has an absolute path: `docker commit` records `sh -c …` of a container, which is not a step of a build.
All functions look at a bounded part of the text for each place where a shell may begin.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_HEAD = 4096  # a shell with its options is shorter than this
_MOST_OPTIONS = 16

_PROGRAM = re.compile(
    # `/bin/bash`, `/usr/bin/env bash`, `/bin/busybox sh`
    r"(?P<posix>(?:/[^\s/]{1,64}){0,6}/(?:(?:env|busybox) )?(?:ba|da|a|z|k|mk|fi|c|tc|hu|ya|o|y)?sh)"
    r"|(?P<cmd>(?i:(?:[a-z]:[\\/](?:[^\s\\/]{1,64}[\\/]){0,6})?cmd(?:\.exe)?))"
    r"|(?P<powershell>(?i:(?:(?:[a-z]:)?[\\/](?:[^\s\\/]{1,64}[\\/]){0,6})?(?:powershell|pwsh)(?:\.exe)?))"
)
# An option, with the word that belongs to it: `-o errexit`, `-euo pipefail`, `-O extglob`, `--rcfile FILE`.
_POSIX_OPTION = re.compile(
    r" (?:(?P<named>[-+][A-Za-z]{0,12}[oO] \w{1,32})|--(?:rcfile|init-file|init-command) [^\s-]\S{0,128}"
    r"|(?P<short>[-+][A-Za-z]{1,12})|--[a-z][\w-]{0,32}(?:=\S{0,64})?)(?= )"
)
_CMD_OPTION = re.compile(r" (?:(?P<last>/[cCkK])|/[A-Za-z](?::\w{1,16})?)(?= )")
_POWERSHELL_OPTION = re.compile(r" (?:(?P<last>(?i:-c(?:ommand)?))|-[A-Za-z]{1,24}(?: [^\s-]\S{0,64})?)(?= )")
_AT_WORD = re.compile(rf"(?<= )(?:{_PROGRAM.pattern})(?= )")


def shell_end(line: str, start: int = 0) -> int:
    """Where the command begins behind a shell at `start`, with its options and one blank; `start` without a shell."""
    program = _PROGRAM.match(line, start, start + _HEAD)
    return start if program is None else _behind_options(line, program) or start


def shells(line: str) -> Iterator[tuple[int, int]]:
    """Where shells with their options stand behind a blank of `line`, and where the command behind each begins."""
    for program in _AT_WORD.finditer(line):
        end = _behind_options(line, program)
        if end:
            yield program.start(), end


def _behind_options(line: str, program: re.Match[str]) -> int:
    """Where the command begins; 0 where no option says that a command follows."""
    if program["posix"] is not None:
        return _behind_posix(line, program.end())
    options = _CMD_OPTION if program["cmd"] is not None else _POWERSHELL_OPTION
    position = program.end()
    for _ in range(_MOST_OPTIONS):
        option = options.match(line, position)
        if option is None:
            break
        position = option.end()
        if option["last"] is not None:
            return position + 1
    return 0


def _behind_posix(line: str, position: int) -> int:
    """Options may follow `-c`, too: a command begins with another character."""
    takes_command = False
    for _ in range(_MOST_OPTIONS):
        option = _POSIX_OPTION.match(line, position)
        if option is None:
            break
        position = option.end()
        letters = option["short"] or (option["named"] or "").partition(" ")[0]
        takes_command = takes_command or (letters[:1] == "-" and "c" in letters)
    return position + 1 if takes_command else 0
