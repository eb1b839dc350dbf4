"""The commands in the text of a shell, as far as words alone tell: nothing is expanded or run.

POSIX.1-2017, «Shell Command Language», 2.2 Quoting, 2.3 Token Recognition; besides them bash's `<(…)` and `{a,b}`.
The time is linear in the text.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import NamedTuple

_DEPTH = 4  # commands within `sh -c` or `$(…)` within one another
_BRACES = 64  # paths that one word with braces stands for, at most
# The next piece of a word or of what separates words; every alternative takes at least a character.
_PIECE = re.compile(
    r"(?P<blank>[ \t\r]+|\\\r?\n)"
    r"|(?P<comment>(?<![^\s;&|(])#[^\n]*)"
    r"|(?P<end>\n|;;?|&&|\|\||[&()])"
    r"|(?P<pipe>\|&?)"
    r"|(?P<single>'[^']*'?)"
    r"|(?P<open>\$\(|<\(|`)"
    r"|(?P<double>\")"
    r"|(?P<escaped>\\.?)"
    r"|(?P<plain>[^\s\\;&|()'\"`$<#]+|.)",
    re.DOTALL,
)
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=")
_KEYWORDS = frozenset(["if", "then", "elif", "else", "while", "until", "do", "!", "{", "time"])
_SHELL = re.compile(r"(?:.*/)?(?:ba|da|a|z|k)?sh")
# Programs that run the command behind them, with those of their options that take a value.
_RUNNERS = {
    "sudo": "ugCDhpRrtTU",
    "doas": "uC",
    "env": "uCS",
    "exec": "a",
    "nice": "n",
    "ionice": "cn",
    "nohup": "",
    "command": "",
    "builtin": "",
    "xargs": "aEIiLlnPsd",
    "stdbuf": "ioe",
}


class Word(NamedTuple):
    """A word without its quotes; `commands` are the texts of the substitutions in it, which `text` has as `$(`."""

    text: str
    commands: tuple[str, ...] = ()


class ShellCommand(NamedTuple):
    """A simple command: its words from the program on, and what ran it (`sudo`, `env` …), the first first.

    `reads` are the commands whose output it gets through a pipe, in their order.
    """

    words: tuple[Word, ...]
    runners: tuple[str, ...] = ()
    reads: tuple[ShellCommand, ...] = ()

    @property
    def program(self) -> str:
        """The name of the program, without its directory."""
        return self.words[0].text.rpartition("/")[2]

    @property
    def arguments(self) -> tuple[str, ...]:
        return tuple(word.text for word in self.words[1:])


def shell_commands(text: str, depth: int = 0) -> Iterator[ShellCommand]:
    """The simple commands of a text, those in substitutions and in `sh -c TEXT` included."""
    for pipeline in _pipelines(text):
        reads: tuple[ShellCommand, ...] = ()
        for words in pipeline:
            command = _command(words, reads)
            if command is None:
                continue
            reads = (*reads[-8:], command)
            yield command
            if depth < _DEPTH:
                for inner in itertools.chain(_script(command), *(word.commands for word in words)):
                    yield from shell_commands(inner, depth + 1)


def is_shell(program: str) -> bool:
    """Is it the name of a shell?"""
    return _SHELL.fullmatch(program) is not None


def script_argument(command: ShellCommand) -> Word | None:
    """The script of `sh -c SCRIPT`, None for any other command."""
    if not is_shell(command.program):
        return None
    for position, word in enumerate(command.words[1:-1], 1):
        if not word.text.startswith(("-", "+")):
            return None
        if word.text[0] == "-" and word.text[1:2] != "-" and word.text.endswith("c"):
            return command.words[position + 1]
    return None


def expanded(word: str) -> list[str]:
    """The words that a word with braces stands for: `/a/{b,c}` is `/a/b` and `/a/c`."""
    words = [""]
    for part in re.split(r"(\{[^{}]*,[^{}]*\})", word):
        ends = part[1:-1].split(",") if part[:1] == "{" and part[-1:] == "}" and "," in part else [part]
        words = [start + end for start in words for end in ends][:_BRACES]
    return words


def _script(command: ShellCommand) -> tuple[str, ...]:
    word = script_argument(command)
    return () if word is None else (word.text,)


def _command(words: list[Word], reads: tuple[ShellCommand, ...]) -> ShellCommand | None:
    """The command behind keywords, assignments and the programs that run it; None where nothing is left."""
    runners: list[str] = []
    position = 0
    while position < len(words):
        text = words[position].text
        name = text.rpartition("/")[2]
        if _ASSIGNMENT.match(text) or (text in _KEYWORDS and not runners):
            position += 1
        elif name in _RUNNERS:
            runners.append(name)
            position = _behind_options(words, position + 1, _RUNNERS[name])
        else:
            return ShellCommand(tuple(words[position:]), tuple(runners), reads)
    if runners:  # `sudo -v`: the runner is the program
        return ShellCommand((Word(runners[-1]),), tuple(runners), reads)
    return None


def _behind_options(words: list[Word], position: int, with_value: str) -> int:
    while position < len(words) and words[position].text.startswith("-"):
        option = words[position].text
        position += 1
        if option == "--":
            break
        if option[1:2] != "-" and option[-1:] in with_value:
            position += 1
    return position


class _Words:
    """The words of a command while its text is read."""

    def __init__(self) -> None:
        self.words: list[Word] = []
        self.pieces: list[str] = []  # of the word at hand
        self.commands: list[str] = []  # of its substitutions
        self.is_quoted = False  # a word of empty quotes is a word

    def end_word(self) -> None:
        if self.pieces or self.commands or self.is_quoted:
            self.words.append(Word("".join(self.pieces), tuple(self.commands)))
        self.pieces.clear()
        self.commands.clear()
        self.is_quoted = False

    def end_command(self) -> list[Word]:
        self.end_word()
        words, self.words = self.words, []
        return words


def _pipelines(text: str) -> Iterator[list[list[Word]]]:
    """The words of each command, pipeline by pipeline. An unfinished quote or substitution ends with the text."""
    pipeline: list[list[Word]] = []
    command = _Words()
    position = 0
    while position < len(text):
        found = _PIECE.match(text, position)
        assert found is not None  # any character is a piece
        kind, piece = found.lastgroup, found[0]
        position = found.end()
        if kind in ("blank", "comment"):
            command.end_word()
        elif kind in ("end", "pipe"):
            pipeline.append(command.end_command())
            if kind == "end":
                yield pipeline
                pipeline = []
        elif kind == "single":
            command.pieces.append(piece.strip("'"))
            command.is_quoted = True
        elif kind == "double":
            position = _double(text, position, command.pieces, command.commands)
            command.is_quoted = True
        elif kind == "open":
            position = _substitution(text, position, piece, command.commands)
            command.pieces.append("$(")
        else:
            command.pieces.append(piece[1:] if kind == "escaped" else piece)
    yield [*pipeline, command.end_command()]


_IN_QUOTES = re.compile(r"[^\"\\`$]+|\\.?|\$\(|.", re.DOTALL)


def _double(text: str, position: int, pieces: list[str], commands: list[str]) -> int:
    """Reads a double-quoted text from behind its first quote; returns where it ends."""
    while position < len(text):
        found = _IN_QUOTES.match(text, position)
        assert found is not None
        piece = found[0]
        position = found.end()
        if piece == '"':
            break
        if piece in ("$(", "`"):
            position = _substitution(text, position, piece, commands)
            pieces.append("$(")
        else:
            pieces.append(piece[1:] if piece[0] == "\\" and piece[1:] in tuple('"\\`$\n') else piece)
    return position


_IN_SUBSTITUTION = re.compile(r"[^()'\"\\]+|'[^']*'?|\"(?:[^\"\\]|\\.)*\"?|\\.?|[()]", re.DOTALL)


def _substitution(text: str, position: int, opening: str, commands: list[str]) -> int:
    """Reads `$(…)`, `<(…)` or `` `…` `` from behind its opening; returns where it ends."""
    start = position
    if opening == "`":
        end = text.find("`", position)
        end = len(text) if end < 0 else end
        commands.append(text[start:end])
        return end + 1
    depth = 1
    while position < len(text):
        found = _IN_SUBSTITUTION.match(text, position)
        assert found is not None
        position = found.end()
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if not depth:
            commands.append(text[start : position - 1])
            return position
    commands.append(text[start:])
    return position
