"""`imgtar schema`: the JSON Schema of a command's JSON."""

from __future__ import annotations

from typing import Any

import click

from imgtar.cli import options
from imgtar.cli.command import Command, Example, ReportType, declared

SCHEMA = ReportType(
    name="schema",
    content="imgtar.contract.schema:schema",
    renderers={"json": "imgtar.contract.schema:render"},
    reads="nothing",
)


@declared(
    Command(
        name="schema",
        summary="Print the JSON Schema of a command's JSON.",
        examples=(
            Example("imgtar schema", "Print the schema of the JSON of inspect"),
            Example("imgtar schema audit -o json=audit.schema.json", "Write the schema of audit to a file"),
        ),
        report_types=(SCHEMA,),
    )
)
@click.argument("name", metavar="[COMMAND]", default="inspect")
@options.format_options(SCHEMA)
@options.common_options
def command(name: str, **given: Any) -> int:
    """Print the JSON Schema (2020-12) of the JSON that COMMAND prints (default: inspect).

    `fleet` and `failure` are the lines that fleet writes: about an archive, and about one that failed.
    """
    from imgtar.cli.command import document_type
    from imgtar.cli.near import did_you_mean
    from imgtar.cli.registry import report_types, schema_types
    from imgtar.cli.request import Request
    from imgtar.cli.run_command import write_content

    types = schema_types()
    if name not in types:
        what = f"schema {name}: there is no JSON schema of this name; choose {', '.join(types)}"
        raise click.UsageError(f"{what}{did_you_mean(name, types)}")
    document, printed = document_type(types[name]), name in report_types()
    return write_content(Request(report_type=SCHEMA, **given), name=name, document=document, printed=printed)
