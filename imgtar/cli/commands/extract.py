"""`imgtar extract`: files of an image, into a new directory or as a flat tar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from imgtar.cli import options
from imgtar.cli.command import Command, Example, ReportType, declared

if TYPE_CHECKING:
    from imgtar.answers.view import View
    from imgtar.cli.run_command import Outcome
    from imgtar.contract.file_content import ExtractContent
    from imgtar.extraction.links import Links

EXTRACT = ReportType(
    name="extract",
    content="imgtar.answers.extract:extract_content",
    renderers={"table": "imgtar.report.table.extract:extract", "json": "imgtar.report.json_document:extract"},
    schema="imgtar.contract.files:ExtractReport",
    one_image=True,
    spools=True,
)
_LINKS = ("keep", "inside", "skip")


@declared(
    Command(
        name="extract",
        summary="Write files of an image to a new directory or a tar.",
        examples=(
            Example("imgtar extract app.tar --output app", "Write the final filesystem to the new directory app"),
            Example("imgtar extract app.tar /etc --output app", "Write /etc and what is below to app/etc"),
            Example("imgtar extract app.tar --deleted --output gone", "Write the files that a later layer deletes"),
            Example("imgtar extract app.tar --tar files.tar", "Write the final filesystem as one flat tar"),
        ),
        report_types=(EXTRACT,),
    )
)
@options.image_argument
@click.argument("paths", metavar="[PATH…]", nargs=-1, type=click.UNPROCESSED)
@click.option("--output", metavar="DIR", help="Write the files to DIR, which must not exist or must be empty.")
@click.option("--tar", "tar", metavar="FILE", help="Write the files as one tar to FILE; - is standard output.")
@options.view_options
@options.view_option("--deleted", is_flag=True, help="What is in a layer and not in the final filesystem.")
@options.view_option("--all-layers", is_flag=True, help="What each layer stores, in a directory of its own.")
@click.option(
    "--links",
    type=click.Choice(_LINKS),
    default="keep",
    show_default=True,
    help="Write symbolic links as they are, make them lead inside DIR, or write none.",
)
@click.option("--special", is_flag=True, help="Write pipes and, as root, devices; a tar always has them.")
@click.option("--exact", is_flag=True, help="Keep setuid, setgid and sticky bits, and ignore the umask.")
@click.option("--owner", is_flag=True, help="Keep owners and groups (root only).")
@click.option("--xattrs", is_flag=True, help="Keep extended attributes: user.* and, as root, all others.")
@click.option("--list", "listing", is_flag=True, help="List every file in the report.")
@options.format_options(EXTRACT)
@options.choice_options
@options.reading_options
@options.top_option(10, "Rows of each list in the text; 0 for all.")
@options.whole_option
@options.common_options
def command(
    paths: tuple[str, ...],
    output: str | None,
    tar: str | None,
    layer: int | None,
    upto: int | None,
    deleted: bool,
    all_layers: bool,
    links: Links,
    special: bool,
    exact: bool,
    owner: bool,
    xattrs: bool,
    listing: bool,
    **given: Any,
) -> int:
    """Write the final filesystem, or only what is at and below each PATH, to a new directory or a tar.

    imgtar replays no layer: it writes the finished tree, each path once, and links last. The directory appears when it
    is complete; after a failure nothing is left. For an image that you do not trust use --tar, or --links inside.
    """
    from functools import partial

    from imgtar.answers.extract import Extraction
    from imgtar.answers.view import View
    from imgtar.cli.extraction_output import check_output, metadata_rules, written
    from imgtar.cli.request import Request
    from imgtar.cli.run_command import run

    request = Request(report_type=EXTRACT, stdout_taken=tar == "-", **given)
    check_output(request, output, tar)
    rules = metadata_rules(exact=exact, owner=owner, xattrs=xattrs, private=deleted)
    view = View(layer=layer, upto=upto)
    extraction = Extraction(
        output=output or tar or "",
        is_tar=tar is not None,
        paths=paths,
        view=view,
        deleted=deleted,
        all_layers=all_layers,
        links=links,
        special=special,
        listing=listing,
    )
    work = partial(written, request=request, extraction=extraction, rules=rules)
    return run(request, needs=view.needs, work=work, outcome=partial(_outcome, view=view), extraction=extraction)


def _outcome(content: ExtractContent, view: View) -> Outcome:
    from imgtar.cli.run_command import Outcome
    from imgtar.report.words.absence import absence_words

    if content.refused:
        return Outcome(written=False, reason="some files cannot be written; the report names them")
    if content.absent:
        first = content.absent[0]
        more = f" (and {len(content.absent) - 1} more)" if len(content.absent) > 1 else ""
        return Outcome(
            passed=False, reason=f"{first.path}: {absence_words(first.sightings, view.layer, view.upto)}{more}"
        )
    if content.document.output is None:
        return Outcome(passed=False, reason="no layer has a file that the final filesystem lacks")
    return Outcome()
