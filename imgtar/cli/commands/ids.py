"""`imgtar ids`: the IDs that docker commands show."""

from __future__ import annotations

from typing import Any

from imgtar.cli import options
from imgtar.cli.command import Command, Example, ReportType, declared

IDS = ReportType(
    name="ids",
    content="imgtar.answers.ids:ids_content",
    renderers={"table": "imgtar.report.table.ids:ids", "json": "imgtar.report.json_document:whole"},
    schema="imgtar.contract.documents:IdsReport",
    reads="catalog",
)


@declared(
    Command(
        name="ids",
        summary="Show the IDs that docker commands print for an image and its layers.",
        examples=(
            Example("imgtar ids app.tar", "Show every ID of an image and its layers"),
            Example("imgtar ids app.tar --image app:1.0 --format json", "Print the IDs of one image as JSON"),
        ),
        report_types=(IDS,),
    )
)
@options.image_argument
@options.format_options(IDS)
@options.choice_options
@options.reading_options
@options.common_options
def command(**given: Any) -> int:
    """Show the IDs that docker pull, load, images and rmi print for an image and its layers, and which is which."""
    from imgtar.cli.request import Request
    from imgtar.cli.run_command import run

    return run(Request(report_type=IDS, **given))
