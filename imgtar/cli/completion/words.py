"""What may stand on a command line, as the completion of any shell needs it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

import click

from imgtar.cli.command import CommandLine
from imgtar.cli.registry import NAMES, command_line, schema_types

# Metavars of files and directories on this machine; a PATH is one inside the image.
_FILES = re.compile(r"\b(?:FILE|DIR|FOLDER|IMAGE|OTHER|REPORT)\b")


class Value(NamedTuple):
    """What an option or an argument takes: one of `words`, and any file too if `files` is set.

    A word that ends in = is the beginning of a value.
    """

    words: tuple[str, ...] = ()
    files: bool = False


class OptionWords(NamedTuple):
    """An option: how it is written, what it does, and its value; None for a flag."""

    flags: tuple[str, ...]
    help: str
    value: Value | None
    repeatable: bool


class CommandWords(NamedTuple):
    """A command: its name, what it does, its options, and what its arguments are; the last of them may be repeated."""

    name: str
    summary: str
    options: tuple[OptionWords, ...]
    arguments: tuple[Value, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The words that its first argument may be."""
        return self.arguments[0].words if self.arguments else ()

    @property
    def takes_files(self) -> bool:
        """May one of its arguments be a file?"""
        return any(argument.files for argument in self.arguments)


def command_words() -> tuple[CommandWords, ...]:
    """All commands, in the order of the help."""
    return tuple(_command(command_line(name)) for name in NAMES)


def _command(line: CommandLine) -> CommandWords:
    options = tuple(_option(line, option) for option in line.params if isinstance(option, click.Option))
    arguments = tuple(_value(line, argument) for argument in line.params if isinstance(argument, click.Argument))
    helping = OptionWords(("-h", "--help"), "Show this message and exit.", None, repeatable=False)
    return CommandWords(line.value.name, line.value.summary, (*options, helping), arguments)


def _option(line: CommandLine, option: click.Option) -> OptionWords:
    value = None if option.is_flag else _value(line, option)
    return OptionWords(tuple(option.opts), option.help or "", value, repeatable=option.multiple)


def _value(line: CommandLine, parameter: click.Parameter) -> Value:
    metavar = parameter.metavar or ""
    files = isinstance(parameter.type, click.Path) or _FILES.search(metavar) is not None
    if isinstance(parameter.type, click.Choice):
        return Value(tuple(str(choice) for choice in parameter.type.choices))
    words = _WORDS.get((line.value.name, metavar)) or _WORDS.get(("", metavar))
    return Value(() if words is None else words(line), files)


def _formats(line: CommandLine) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for report in line.value.report_types for name in report.renderers))


def _outputs(line: CommandLine) -> tuple[str, ...]:
    return tuple(f"{name}=" for name in _formats(line))


def _limits(_line: CommandLine) -> tuple[str, ...]:
    from imgtar.limits import NAMES as LIMITS

    return tuple(f"{name}=" for name in LIMITS)


def _codes(_line: CommandLine) -> tuple[str, ...]:
    from imgtar.answers.catalogue import kinds

    return tuple(kinds())


def _documents(_line: CommandLine) -> tuple[str, ...]:
    return tuple(schema_types())


def _rules(_line: CommandLine) -> tuple[str, ...]:
    from imgtar.policy.values import RULES

    return tuple(RULES)


def _actions(_line: CommandLine) -> tuple[str, ...]:
    from imgtar.contract.fleet import ACTIONS

    return ACTIONS


def _engines(_line: CommandLine) -> tuple[str, ...]:
    return ("processes", "dask")


def _package_types(_line: CommandLine) -> tuple[str, ...]:
    from imgtar.packages.inventories import TYPES

    return TYPES


def _file_types(_line: CommandLine) -> tuple[str, ...]:
    from imgtar.analysis.search.query import TYPES

    return tuple(TYPES)


def _severities(_line: CommandLine) -> tuple[str, ...]:
    from imgtar.severity import Severity

    return tuple(Severity)


# Values that are words, by the command (empty: any) and the metavar.
_WORDS: Mapping[tuple[str, str], Callable[[CommandLine], tuple[str, ...]]] = {
    ("", "F"): _formats,
    ("", "F[=FILE]"): _outputs,
    ("", "NAME=VALUE"): _limits,
    ("", "CODE"): _codes,
    ("explain", "[CODE]"): _codes,
    ("schema", "[COMMAND]"): _documents,
    ("", "NAME"): _rules,
    ("", "L"): _severities,
    ("fleet", "WHAT"): _actions,
    ("fleet", "ENGINE"): _engines,
    ("packages", "T"): _package_types,
    ("find", "T"): _file_types,
}
