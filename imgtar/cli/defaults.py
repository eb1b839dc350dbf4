"""Defaults of options from the environment and the configuration file, as click takes them (docs/shell.md)."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from imgtar.cli.near import did_you_mean
from imgtar.errors import UsageError
from imgtar.policy.defaults import Default, find_defaults

if TYPE_CHECKING:
    from imgtar.cli.command import CommandLine

Stated = Mapping[str, Default]  # by the names of the options, without the leading dashes
FORMAT = "format"


def stated_for(line: CommandLine, parsed: Mapping[str, Any]) -> Stated:
    """The defaults of a command whose line gives the parameters `parsed`.

    Raises click.UsageError that names the file and the key, or the variable.
    """
    from imgtar.cli.registry import NAMES

    options = options_of(line)
    given = [key for key, option in options.items() if option.name in parsed]
    name = line.value.name
    try:
        found = find_defaults(name, options, given, os.environ, commands=NAMES, config=parsed.get("config"))
    except UsageError as problem:
        raise click.UsageError(f"{problem.message}; {problem.remedy}") from None
    if FORMAT in found:
        _check_format(line, found[FORMAT])
    return found


def options_of(line: CommandLine) -> dict[str, click.Option]:
    """The options of a command by their long names, without the leading dashes."""
    options = [option for option in line.params if isinstance(option, click.Option)]
    return {flag[2:]: option for option in options for flag in option.opts if flag.startswith("--")}


def default_map(line: CommandLine, stated: Stated) -> dict[str, object]:
    """The defaults as click takes them, all but the format, which counts only where no report is asked for.

    Raises click.UsageError for a value of another type.
    """
    options = options_of(line)
    return {str(options[key].name): _value(options[key], stated[key]) for key in stated if key != FORMAT}


def sources(stated: Stated, message: str) -> str:
    """Where the defaults are stated that an error is about, because it names the option or the value."""
    about = [
        f"--{key} is from {default.place}"
        for key, default in stated.items()
        if _names(message, f"--{key}") or _names(message, str(default.value))
    ]
    return f" ({', '.join(about)})" if about else ""


def _names(message: str, word: str) -> bool:
    return re.search(rf"(?<![\w/-]){re.escape(word)}(?![\w/-])", message) is not None


def told(stated: Stated) -> list[str]:
    """Each default and where it is stated, as lines."""
    return [f"--{key} {default.value} is from {default.place}" for key, default in stated.items()]


def _value(option: click.Option, default: Default) -> object:
    value = default.value
    if default.of_environment:
        text = str(value)
        if not option.multiple:
            return text
        try:
            return shlex.split(text)
        except ValueError:
            raise click.UsageError(f"{default.place}: a quotation has no end; quote the values as in a shell") from None
    if option.is_flag:
        if not isinstance(value, bool):
            raise click.UsageError(f"{default.place}: not true or false; write it without quotes")
        return value
    values = value if option.multiple and isinstance(value, list) else [value]
    if any(isinstance(one, bool) or not isinstance(one, str | int | float) for one in values):
        kind = "a text or a list of texts" if option.multiple else "a text or a number"
        raise click.UsageError(f"{default.place}: not {kind}; docs/shell.md has an example")
    texts = [str(one) for one in values]
    return texts if option.multiple else texts[0]


def _check_format(line: CommandLine, default: Default) -> None:
    """Raises click.UsageError for a format that the command lacks, where other commands count too: that all lack."""
    reports = line.value.report_types
    from imgtar.cli.command import format_named

    name = format_named(str(default.value))
    if any(name in report.renderers for report in reports):
        return
    if not default.of_command:
        from imgtar.cli.registry import report_types

        reports = tuple(report_types().values())
    formats = dict.fromkeys(name for report in reports for name in report.renderers)
    if name not in formats:
        what = f"{default.place}: {default.value}: not a format; choose {', '.join(formats)}"
        raise click.UsageError(f"{what}{did_you_mean(name, formats)}")
