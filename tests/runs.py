"""Command lines for every report that is about an archive, from the registry: a new command is among them."""

from __future__ import annotations

import os

import click

from imgtar.cli.registry import NAMES, command, command_line, report_types

REPORTS = {name: report for name, report in report_types().items() if report.reads != "nothing"}
LISTING_IMAGES = [
    name
    for name, report in REPORTS.items()
    if (document := report.schema_type()) is not None and "images" in document.__struct_fields__
]
COMMANDS = {report.name: name for name in NAMES for report in command(name).report_types}
# What a report needs beside the archive: without it the command refuses to run, or prints another report.
NEEDED: dict[str, tuple[str, ...]] = {
    "check": ("--max-layers", "99"),
    "du": ("--du",),
    "duplicates": ("--min-size", "0", "--all-layers"),
    "find": ("/**",),
    "extract": ("--tar", os.devnull),
}
# Reports about two archives: these tests give the same one twice.
COMPARING = {"diff"}
# Flags of all commands, and flags that print something else.
_OTHER_FLAGS = {
    *("--allow-missing", "--debug", "--du", "--help", "--list-rules", "--no-color", "--quiet"),
    "--compare-attested",  # needs an SBOM
    "--freeze",  # needs a folder
}


def line_of(name: str, archive: str, *options: str) -> list[str]:
    """The command line that prints the report `name` about an archive."""
    other = (archive,) if name in COMPARING else ()
    return [COMMANDS[name], archive, *other, *NEEDED.get(name, ()), *options]


def flags(name: str) -> list[str]:
    """The options of a report's command that change the report and take no value."""
    parameters = command_line(COMMANDS[name]).params
    options = (option for option in parameters if isinstance(option, click.Option) and option.is_flag)
    return [name for option in options if (name := option.opts[-1]) not in _OTHER_FLAGS]
