"""`imgtar ls`: the files of an image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from imgtar.cli import options
from imgtar.cli.command import Command, Example, ReportType, declared

if TYPE_CHECKING:
    from imgtar.contract.content import LsContent

LS = ReportType(
    name="ls",
    content="imgtar.answers.ls:ls_content",
    renderers={"table": "imgtar.report.table.ls:ls", "json": "imgtar.report.json_document:ls"},
    schema="imgtar.contract.commands:LsReport",
)


@declared(
    Command(
        name="ls",
        summary="List the files of an image, or what one layer stores and removes.",
        examples=(
            Example("imgtar ls app.tar", "List the files of the final filesystem"),
            Example("imgtar ls app.tar /etc --long", "List what is below /etc, with mode, owner and layer"),
            Example("imgtar ls app.tar --layer 2", "List what layer 2 stores and removes"),
        ),
        report_types=(LS,),
    )
)
@options.image_argument
@click.argument("path", required=False, type=click.UNPROCESSED)
@options.format_options(LS)
@click.option("--layer", metavar="N", type=click.IntRange(min=0), help="List what layer N (from 0) stores and removes.")
@click.option("--all-layers", is_flag=True, help="List what each layer stores and removes.")
@click.option("--long", is_flag=True, help="Show mode, owner, size, time and layer.")
@options.choice_options
@options.reading_options
@options.common_options
def command(path: str | None, layer: int | None, all_layers: bool, long: bool, **given: Any) -> int:
    """List the files of the final filesystem, or what single layers store and remove; with PATH what is below it."""
    from imgtar.answers.ls import Listing
    from imgtar.cli.request import Request
    from imgtar.cli.run_command import Outcome, run
    from imgtar.report.words.absence import absence_words

    if layer is not None and all_layers:
        raise click.UsageError("--layer and --all-layers cannot be used together; give one")

    def outcome(content: LsContent) -> Outcome:
        if path is None or content.sightings is None:
            return Outcome()
        return Outcome(passed=False, reason=f"{path}: {absence_words(content.sightings, layer)}")

    listing = Listing(path=path, layer=layer, all_layers=all_layers, long=long)
    return run(Request(report_type=LS, **given), needs=listing.needs, outcome=outcome, listing=listing)
