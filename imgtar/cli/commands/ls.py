"""`imgtar ls`: the files of an image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from imgtar.cli import options
from imgtar.cli.command import Command, Example, ReportType, declared

if TYPE_CHECKING:
    from imgtar.contract.file_content import DuContent, LsContent

LS = ReportType(
    name="ls",
    content="imgtar.answers.ls:ls_content",
    renderers={"table": "imgtar.report.table.ls:ls", "json": "imgtar.report.json_document:ls"},
    schema="imgtar.contract.files:LsReport",
    one_image=True,
)
DU = ReportType(
    name="du",
    content="imgtar.answers.ls:du_content",
    renderers={
        "table": "imgtar.report.table.du:du",
        "json": "imgtar.report.json_document:du",
        "csv": "imgtar.report.csv.du:directories",
    },
    schema="imgtar.contract.files:DuReport",
    one_image=True,
)


@declared(
    Command(
        name="ls",
        summary="List the files of an image, or what one layer stores and removes.",
        examples=(
            Example("imgtar ls app.tar", "List the files of the final filesystem"),
            Example("imgtar ls app.tar /etc --long", "List what is below /etc, with mode, owner and layer"),
            Example("imgtar ls app.tar --layer 2", "List what layer 2 stores and removes"),
            Example("imgtar ls app.tar --upto 2", "List the filesystem as it is after layer 2"),
            Example("imgtar ls app.tar '*.pem' --all-layers", "List files by their names, in every layer"),
            Example("imgtar ls app.tar /usr --du --layer 6", "Find what is large below /usr in layer 6"),
        ),
        report_types=(LS, DU),
    )
)
@options.image_argument
@click.argument("path", required=False, type=click.UNPROCESSED)
@options.format_options(LS)
@options.view_options
@options.view_option("--all-layers", is_flag=True, help="List what each layer stores and removes.")
@click.option("-l", "--long", is_flag=True, help="Show mode, owner, size, time and layer; with --du exact numbers.")
@click.option(
    "--du", is_flag=True, help="Show how many bytes of files are below each directory, largest first (also as csv)."
)
@click.option(
    "--depth",
    metavar="N",
    type=options.WholeNumber("a number of levels", least=0),
    help="With --du: levels of directories to show.  [default: 1]",
)
@options.choice_options
@options.reading_options
@options.common_options
def command(
    path: str | None,
    layer: int | None,
    upto: int | None,
    all_layers: bool,
    long: bool,
    du: bool,
    depth: int | None,
    **given: Any,
) -> int:
    """List the files of the final filesystem, or what single layers store and remove; with PATH what is below it.

    PATH is a path, with \\xNN as reports print it, or a pattern as in .gitignore. Links in PATH are followed inside
    the image; a slash behind PATH follows the last one too.

    Lines about a layer begin with a sign: + the layer adds the path, ~ modifies it, - deletes it, . stores it again and
    nothing differs.
    """
    from imgtar.answers.ls import Listing
    from imgtar.answers.view import View
    from imgtar.cli.request import Request
    from imgtar.cli.run_command import Outcome, run
    from imgtar.report.words.absence import whereabouts_words

    if depth is not None and not du:
        raise click.UsageError("--depth needs --du")

    def outcome(content: LsContent | DuContent) -> Outcome:
        where = content.whereabouts
        if path is None or where is None:
            return Outcome()
        return Outcome(passed=where.sightings is None, reason=whereabouts_words(path, where, layer, upto))

    view = View(layer=layer, upto=upto)
    listing = Listing(path=path, view=view, all_layers=all_layers, long=long, depth=1 if depth is None else depth)
    request = Request(report_type=DU if du else LS, **given)
    return run(request, needs=view.needs, outcome=outcome, listing=listing)
