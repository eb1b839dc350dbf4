"""What CI runners take for a command in the log of a job, by their own grammars.

Each function says which command a line gives, or None. The runners search by .NET's rules of culture, which skip
control, format and combining characters; `read` takes these and terminal colours away, so the grammars see the most
that a runner can see.

- GitHub: `ActionCommand.TryParseV2` and `TryParse` of actions/runner.
- Azure: `Command.TryParse` of microsoft/azure-pipelines-agent, and the formatting commands `##[…]` of its log.
- TeamCity: `##teamcity[` of a service message, anywhere in a line.
- GitLab: `section_start:TIME:NAME` with carriage return and `ESC[0K`, in the bytes of the log.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_REGISTERED = (
    "add-mask",
    "add-matcher",
    "add-path",
    "debug",
    "echo",
    "endgroup",
    "error",
    "group",
    "notice",
    "remove-matcher",
    "save-state",
    "set-env",
    "set-output",
    "stop-commands",
    "warning",
    "internal-set-repo-path",
    "command",
    "section",
)
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_SECTION = re.compile(rb"section_(?:start|end):\d+:[A-Za-z0-9_.-]+(?:\[[^\]]*\])?\r\x1b\[0K")


def commands(log: bytes) -> Iterator[tuple[str, str]]:
    """Every line of a log that some runner takes for a command, and the command."""
    for section in _SECTION.findall(log):
        yield repr(section), "gitlab"
    for line in re.split(r"\r\n|\r|\n", log.decode("utf-8", "replace")):
        for seen in {line, _read(line)}:
            for name, grammar in GRAMMARS.items():
                if (command := grammar(seen)) is not None:
                    yield line, f"{name} {command}"


def _read(line: str) -> str:
    """The line without colours and without what a comparison by culture skips."""
    plain = _COLOURS.sub("", line)
    if plain.isascii() and plain.isprintable():
        return plain
    return "".join(char for char in plain if char == "\t" or unicodedata.category(char) not in ("Cc", "Cf", "Mn", "Me"))


def _github_colons(line: str) -> str | None:
    message = line.lstrip()
    end = message.find("::", 2)
    if not message.startswith("::") or end < 0:
        return None
    name = message[2:end].partition(" ")[0].lower()
    return name if name in _REGISTERED else None


def _github_hashes(line: str) -> str | None:
    start = line.find("##[")
    end = line.find("]", start)
    if start < 0 or end < 0:
        return None
    name = line[start + 3 : end].partition(" ")[0].lower()
    return name if name in _REGISTERED else None


def _azure(line: str) -> str | None:
    start = line.find("##vso[")
    end = line.find("]", start)
    return line[start + 6 : end].partition(" ")[0] if start >= 0 and end >= 0 else None


def _teamcity(line: str) -> str | None:
    start = line.find("##teamcity[")
    end = line.find("]", start)
    return line[start + 11 : end].partition(" ")[0] if start >= 0 and end >= 0 else None


GRAMMARS = {"github ::": _github_colons, "github ##": _github_hashes, "azure": _azure, "teamcity": _teamcity}
