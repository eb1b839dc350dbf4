"""The commands by name; the module of each is `imgtar.cli.commands.NAME`, imported when it is needed."""

from __future__ import annotations

from importlib import import_module

import click

from imgtar.cli.command import Command, CommandLine, Example, ReportType, write_examples
from imgtar.version import __version__

# A new command gets its name here, under the heading that it has in `imgtar --help`.
GROUPS: dict[str, tuple[str, ...]] = {
    "See what is in an image": (
        "inspect",
        "history",
        "dockerfile",
        "ids",
        "ls",
        "find",
        "packages",
        "duplicates",
        "explore",
    ),
    "Compare images": ("diff", "shared"),
    "Take files out": ("cat", "extract"),
    "Judge an image": ("verify", "audit", "check", "report"),
    "Many archives": ("fleet",),
    "Work with reports": ("attach", "schema", "explain"),
    "Work with the shell": ("completion",),
    "Keep what was read": ("cache",),
}
NAMES = tuple(name for names in GROUPS.values() for name in names)

EXAMPLES = (
    Example("imgtar app.tar", "Report what is in an image"),
    Example("docker save app:1.0 | imgtar -", "Read an image from a pipe"),
    Example("imgtar check app.tar --max-size 500MB", "Fail if an image is too large"),
)


def command_line(name: str) -> CommandLine:
    """The options of the command `name`, one of NAMES."""
    found = import_module(f"imgtar.cli.commands.{name}").command
    assert isinstance(found, CommandLine)
    return found


def command(name: str) -> Command:
    """The value of the command `name`, one of NAMES."""
    return command_line(name).value


def report_types() -> dict[str, ReportType]:
    """All reports that commands print, by name."""
    return {kind.name: kind for name in NAMES for kind in command(name).report_types}


def schema_types() -> dict[str, str]:
    """The types of all JSON that has a schema, as `module:name`, by the name of the schema."""
    printed = {report.name: report.schema for report in report_types().values() if report.schema is not None}
    return printed | {line: kind for name in NAMES for line, kind in command(name).lines.items()}


class CommandGroup(click.Group):
    """Knows its commands by name and imports the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's)
        return list(NAMES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 (click's)
        return command_line(cmd_name) if cmd_name in NAMES else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 (click's)
        width = max(map(len, NAMES))
        for heading, names in GROUPS.items():
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(width), command(name).summary) for name in names])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 (click's)
        write_examples(formatter, EXAMPLES)


def _print_version(context: click.Context) -> None:
    from imgtar.formats.tar.ordinary import compiled

    click.echo(f"imgtar {__version__} ({'Python' if compiled is None else 'compiled'} walker)")
    context.exit()


@click.group(
    cls=CommandGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    subcommand_metavar="[COMMAND] IMAGE [OPTIONS]…",
    options_metavar="",
    add_help_option=True,
)
@click.option(
    "-v",
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=lambda context, _option, wanted: _print_version(context) if wanted else None,
    help="Show the version, and whether headers are read by compiled code; then exit.",
)
def group() -> None:
    """Read a container image from a file and report what is in it, offline.

    IMAGE is a file (docker save or OCI archive, plain or compressed with gzip, zstd, xz or bzip2), a directory (OCI
    layout, unpacked docker save or skopeo's dir:), or - for standard input. Without a command, `inspect` runs.

    `imgtar COMMAND --help` shows the options of a command. Variables such as IMGTAR_FORMAT and the table [defaults] of
    imgtar.toml set defaults.
    """
