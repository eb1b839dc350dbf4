"""The commands by name, each in a module of its own that is imported only when it runs."""

from __future__ import annotations

from importlib import import_module

import click

from imgtar.version import __version__

# name → where the command lives, and what `imgtar --help` says of it without importing that
COMMANDS: dict[str, tuple[str, str]] = {
    "inspect": ("imgtar.cli.commands.inspect:command", "Report an image: layers, changes, history, waste, findings."),
    "history": ("imgtar.cli.commands.history:command", "Show every step of the build, and which layer it made."),
    "ids": ("imgtar.cli.commands.ids:command", "Explain the digits that the docker commands show."),
    "ls": ("imgtar.cli.commands.ls:command", "List the files of an image, or what one layer holds and removes."),
    "verify": ("imgtar.cli.commands.verify:command", "Recompute every digest; say of every byte what it belongs to."),
    "audit": ("imgtar.cli.commands.audit:command", "Find what is risky: secrets, privileges, leftovers, bad habits."),
    "check": (
        "imgtar.cli.commands.check:command",
        "Judge it by gates: sizes, waste, layers, paths, users, ports, findings.",
    ),
    "attach": ("imgtar.cli.commands.attach:command", "Put reports into an OCI layout as referrers of the image."),
    "schema": ("imgtar.cli.commands.schema:command", "Print the JSON Schema of a command's JSON."),
}


class LazyGroup(click.Group):
    """Knows its commands by name and imports the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's)
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 (click's)
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name][0].split(":")
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 (click's)
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    subcommand_metavar="[COMMAND] IMAGE [OPTIONS]…",
    options_metavar="",
    add_help_option=True,
)
@click.version_option(__version__, prog_name="imgtar", message="%(prog)s %(version)s")
def group() -> None:
    """Read a container image from a file and tell the truth about it, offline.

    IMAGE is a file (docker save, OCI archive; gzip, zstd, xz or bzip2 around it), a directory (OCI layout, an
    unpacked docker save, skopeo's dir:) or - for standard input. Without a command, `inspect` runs.

    `imgtar COMMAND --help` has a command's options.
    """
