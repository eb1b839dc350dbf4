"""The man pages, from the help of the commands and docs/exit-codes.md; `scripts/docs.py` writes them to docs/man/."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from imgtar.cli.command import CommandLine, Example
from imgtar.cli.registry import EXAMPLES, GROUPS, NAMES, command, command_line, group
from imgtar.policy.defaults import FROM_ENVIRONMENT, variable

ROOT = Path(__file__).parent.parent
EXIT_CODES = re.compile(r"^\| (\d+) \| ([^|]+) \|", re.MULTILINE)


def pages() -> dict[Path, str]:
    """imgtar(1), and a page for each command."""
    found = {"imgtar": program_page(), **{f"imgtar-{name}": command_page(command_line(name)) for name in NAMES}}
    return {ROOT / f"docs/man/{name}.1": text for name, text in found.items()}


def program_page() -> str:
    """The page of the program: its commands by group."""
    commands = [
        line
        for heading, names in GROUPS.items()
        for line in (f".SS {quoted(heading)}", *(part for name in names for part in command_entry(name)))
    ]
    return page(
        "imgtar",
        "read a container image from a file and report what is in it",
        [r"\fBimgtar\fR [\fICOMMAND\fR] \fIIMAGE\fR [\fIOPTIONS\fR]"],
        group,
        [".SH COMMANDS", *commands, ".SH ENVIRONMENT", *variables()],
        EXAMPLES,
        [f"imgtar-{name}" for name in NAMES],
    )


def variables() -> Iterator[str]:
    """The variables that count, those of options as far as they have one."""
    names = ", ".join(f"`{variable(option)}`" for option in sorted(FROM_ENVIRONMENT))
    for name, meaning in (
        ("NO_COLOR", "if it is set and not empty: no colours, unless `--color` says otherwise"),
        ("FORCE_COLOR", "if it is set and not empty: colours also in a pipe"),
        ("COLUMNS", "the width of text; without it that of the terminal, else 80"),
        ("SOURCE_DATE_EPOCH", "the day with which `audit` and `check` compare expiry dates"),
        ("IMGTAR_OPTION", f"the default of an option: {names}"),
    ):
        yield from (".TP", rf"\fB{name}\fR", line(meaning))


def command_entry(name: str) -> list[str]:
    return [".TP", rf"\fB{troff(f'imgtar-{name}')}\fR(1)", line(command(name).summary)]


def command_page(called: CommandLine) -> str:
    """The page of a command: what it does, its options, its examples."""
    value = called.value
    with click.Context(called, info_name=f"imgtar {value.name}") as context:
        usage = " ".join(called.collect_usage_pieces(context))
    summary = value.summary[0].lower() + value.summary[1:].rstrip(".")
    synopsis = rf"\fBimgtar {value.name}\fR {troff(usage)}"
    return page(f"imgtar-{value.name}", summary, [synopsis], called, [], value.examples, ["imgtar"])


def page(
    name: str,
    summary: str,
    synopsis: list[str],
    called: click.Command,
    sections: list[str],
    examples: Iterable[Example],
    others: list[str],
) -> str:
    lines = [
        r".\" scripts/docs.py writes this page.",
        f'.TH {troff(name.upper())} 1 "" imgtar "imgtar manual"',
        ".SH NAME",
        rf"{troff(name)} \- {troff(summary)}",
        ".SH SYNOPSIS",
        *synopsis,
        ".SH DESCRIPTION",
        *description(called),
        *sections,
        ".SH OPTIONS",
        *options(called),
        ".SH EXIT STATUS",
        *exit_codes(),
        ".SH EXAMPLES",
        *example_lines(examples),
        ".SH SEE ALSO",
        ",\n".join(rf"\fB{troff(other)}\fR(1)" for other in others),
    ]
    return "\n".join(lines) + "\n"


def description(called: click.Command) -> Iterator[str]:
    """The paragraphs of the docstring."""
    for number, paragraph in enumerate(inspect.cleandoc(called.help or "").split("\n\n")):
        yield from [".PP"] if number else []
        yield line(" ".join(paragraph.split()))


def options(called: click.Command) -> Iterator[str]:
    """Each option as `--help` has it, with its default."""
    with click.Context(called, help_option_names=["-h", "--help"]) as context:
        declared = [option for option in called.get_params(context) if isinstance(option, click.Option)]
        records = [record for option in declared if (record := option.get_help_record(context))]
    for flags, text in records:
        yield ".TP"
        yield ", ".join(flag_line(flag) for flag in flags.split(", "))
        yield line(" ".join(text.split()))


def flag_line(flag: str) -> str:
    name, _, value = flag.partition(" ")
    return rf"\fB{troff(name)}\fR" + (rf" \fI{troff(value)}\fR" if value else "")


def exit_codes() -> Iterator[str]:
    """The table of docs/exit-codes.md."""
    for code, meaning in EXIT_CODES.findall((ROOT / "docs/exit-codes.md").read_text()):
        yield from (".TP", rf"\fB{code}\fR", line(meaning))


def example_lines(examples: Iterable[Example]) -> Iterator[str]:
    for example in examples:
        yield from (".PP", line(f"{example.purpose}:"), ".RS 4", ".nf", line(example.line), ".fi", ".RE")


def line(text: str) -> str:
    """The text as a line of troff, with what stands between backquotes in bold."""
    parts = [troff(part) for part in text.split("`")]
    bold = "".join(rf"\fB{part}\fR" if number % 2 else part for number, part in enumerate(parts))
    return rf"\&{bold}" if bold.startswith((".", "'")) else bold


def quoted(text: str) -> str:
    return f'"{troff(text)}"'


def troff(text: str) -> str:
    """The text as troff shows it: hyphens that can be copied, other characters than those of ASCII by their numbers."""
    text = text.replace("\\", r"\e").replace("-", r"\-").replace("'", r"\(aq").replace('"', r"\(dq")
    text = text.replace("^", r"\(ha").replace("~", r"\(ti")
    return "".join(char if char.isascii() else f"\\[u{ord(char):04X}]" for char in text)
