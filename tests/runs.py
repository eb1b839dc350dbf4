"""Command lines for every report that is about an archive, from the registry: a new command is among them."""

from __future__ import annotations

import click

from imgtar.cli.registry import command_line, report_types

REPORTS = {name: report for name, report in report_types().items() if report.reads != "nothing"}
LISTING_IMAGES = [
    name
    for name, report in REPORTS.items()
    if (document := report.schema_type()) is not None and "images" in document.__struct_fields__
]
# What a command needs beside the archive, or refuses to run.
NEEDED: dict[str, tuple[str, ...]] = {"check": ("--max-layers", "99")}
# Flags of all commands, and flags that print something else.
_OTHER_FLAGS = {"--allow-missing", "--debug", "--help", "--list-rules", "--no-color", "--quiet"}


def line_of(name: str, archive: str, *options: str) -> list[str]:
    """The command line that prints the report `name` about an archive."""
    return [name, archive, *NEEDED.get(name, ()), *options]


def flags(name: str) -> list[str]:
    """The options of a command that change its report and take no value."""
    options = (option for option in command_line(name).params if isinstance(option, click.Option) and option.is_flag)
    return [name for option in options if (name := option.opts[-1]) not in _OTHER_FLAGS]
