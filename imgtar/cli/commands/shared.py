"""`imgtar shared`: the layers that images have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from imgtar.cli import options
from imgtar.cli.command import Command, Example, ReportType, declared

if TYPE_CHECKING:
    from imgtar.cli.run_command import Outcome
    from imgtar.contract.shared import SharedContent

SHARED = ReportType(
    name="shared",
    content="imgtar.answers.shared:shared_content",
    renderers={
        "table": "imgtar.report.table.shared:shared",
        "json": "imgtar.report.json_document:whole",
        "csv": "imgtar.report.csv.shared:shared",
        "markdown": "imgtar.report.markdown.shared:shared",
    },
    schema="imgtar.contract.shared:SharedReport",
)


@declared(
    Command(
        name="shared",
        summary="Show which layers images share, and what removing some frees.",
        examples=(
            Example("imgtar shared api.tar worker.tar", "Show what two images have in common"),
            Example("imgtar shared archives/ --rm api:1.0", "Show what docker rmi api:1.0 would free"),
            Example("imgtar shared archives/ --min-shared 50%", "Fail if an image shares less than half of its bytes"),
        ),
        report_types=(SHARED,),
    )
)
@options.images_argument
@options.format_options(SHARED)
@click.option("--rm", metavar="REF", multiple=True, help="Remove this image: what do all of them free? Repeatable.")
@click.option("--keep", metavar="REF", multiple=True, help="Remove all images but this one. Repeatable.")
@click.option("--files", is_flag=True, help="Show equal files in layers that are not shared (reads every file).")
@click.option("--tree", is_flag=True, help="Show every layer, as docker images --tree did.")
@click.option("--sort", type=click.Choice(["size", "unique", "frees"]), help="Show the largest images first.")
@click.option("--max-unique", metavar="SIZE", help="Largest allowed size of what only one image has (exit 1).")
@click.option("--min-shared", metavar="PCT", help="Smallest allowed share of each image that others have too (exit 1).")
@options.verify_option
@options.text_options
@options.choice_options
@options.reading_options
@options.common_options
def command(images: tuple[str, ...], **given: Any) -> int:
    """Show which layers images have in common, what each image adds, and what docker rmi frees.

    IMAGE... are any number of archives. Images with one ID are one image. An
    archive that cannot be read does not stop the others (exit 3). REF is a name, an ID prefix, or @N from 0.
    """
    from imgtar.answers.shared import SharedQuestion
    from imgtar.cli.errors import errors_name
    from imgtar.cli.operands import archives_of
    from imgtar.cli.request import Request
    from imgtar.cli.run_archives import run_archives
    from imgtar.policy import values

    question = SharedQuestion(
        rm=given.pop("rm"),
        keep=given.pop("keep"),
        order=given.pop("sort"),
        tree=given.pop("tree"),
        files=given.pop("files"),
        max_unique=_value("--max-unique", values.size, given.pop("max_unique")),
        min_shared=_value("--min-shared", values.share, given.pop("min_shared")),
    )
    if question.rm and question.keep:
        raise click.UsageError("--rm and --keep cannot be used together; give one of them")
    request = Request(report_type=SHARED, **given)
    with errors_name(images[0]):
        archives = archives_of(images, quiet=request.quiet)
    return run_archives(request, archives, contents=question.files, outcome=_outcome, question=question)


def _value(option: str, parse: Callable[[object], Any], given: str | None) -> Any:
    """The value of a gate; None without it. Raises click.UsageError."""
    try:
        return None if given is None else parse(given)
    except ValueError as problem:
        raise click.UsageError(f"{option} {given}: not {problem}") from None


def _outcome(content: SharedContent) -> Outcome:
    from imgtar.cli.run_command import Outcome
    from imgtar.report.words.shared import gate_words

    if content.document.passed is not False:
        return Outcome()
    return Outcome(passed=False, reason=f"{gate_words(content.document)}; see the report")
