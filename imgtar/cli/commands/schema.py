"""`imgtar schema`: the JSON Schema of a command's JSON."""

from __future__ import annotations

from typing import Any

import click

from imgtar.cli import options


@click.command("schema", short_help="Print the JSON Schema of a command's JSON.")
@click.argument("name", metavar="[COMMAND]", default="inspect")
@options.format_options("schema")
@options.common_options
def command(name: str, **given: Any) -> int:
    """Print the JSON Schema (2020-12) of what COMMAND prints as JSON (default: inspect)."""
    from imgtar.cli.request import Request
    from imgtar.cli.run_command import write_content
    from imgtar.contract.schema import DOCUMENTS

    if name not in DOCUMENTS:
        raise click.UsageError(f"schema {name}: this command has no JSON; those that have are {', '.join(DOCUMENTS)}")
    return write_content(Request(command="schema", **given), name)
