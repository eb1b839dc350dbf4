"""`imgtar duplicates`: which files of an image have the same content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from imgtar.cli import options
from imgtar.cli.command import Command, Example, ReportType, declared

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgtar.analysis.duplicates import DuplicatesQuery
    from imgtar.answers.session import Session
    from imgtar.cli.run_command import Outcome
    from imgtar.contract.duplicates import DuplicatesContent

DUPLICATES = ReportType(
    name="duplicates",
    content="imgtar.answers.duplicates:duplicates_content",
    renderers={
        "table": "imgtar.report.table.duplicates:duplicates",
        "json": "imgtar.report.json_document:duplicates",
        "jsonl": "imgtar.report.json_lines:duplicates",
        "markdown": "imgtar.report.markdown.duplicates:duplicates",
        "csv": "imgtar.report.csv.duplicates:duplicates",
    },
    schema="imgtar.contract.duplicates:DuplicatesReport",
    one_image=True,
)


@declared(
    Command(
        name="duplicates",
        summary="Show which files have the same content, and what that takes.",
        examples=(
            Example("imgtar duplicates app.tar", "Find files that are in the image twice"),
            Example("imgtar duplicates app.tar --within '/app/**' --min-size 0", "Also small ones, below a directory"),
            Example("imgtar duplicates app.tar --max-duplicates 10MB", "Fail if copies take more than that"),
        ),
        report_types=(DUPLICATES,),
    )
)
@options.image_argument
@options.format_options(DUPLICATES)
@click.option("--all-layers", is_flag=True, help="Compare also files that layers store and the image has no more.")
@click.option("--min-size", metavar="SIZE", default="4kB", show_default=True, help="Only files of at least this size.")
@click.option("--within", metavar="GLOB", multiple=True, help="Only these paths (.gitignore syntax). Repeatable.")
@click.option("--max-duplicates", metavar="SIZE", help="Exit 1 if the copies take more: 10MB.")
@options.text_options
@options.choice_options
@options.reading_options
@options.common_options
def command(**given: Any) -> int:
    """Show groups of files with equal contents, and how many bytes all but one file of each group take.

    Hard links are one file, empty files are none. With --all-layers a file that a higher layer stores again at the same
    path with the same content is left out: inspect counts it as waste.
    """
    from imgtar.answers.duplicates import duplicates_of
    from imgtar.answers.options import FILES
    from imgtar.cli.request import Request
    from imgtar.cli.run_command import run

    query = _query(given)
    most = given.pop("max_duplicates")
    limit = None if most is None else _size("--max-duplicates", most)

    def work(session: Session) -> Mapping[str, object]:
        return {"found": duplicates_of(session, query)}

    request = Request(report_type=DUPLICATES, digests=True, **given)
    return run(request, needs=FILES, work=work, outcome=_outcome, query=query, max_duplicates=limit)


def _outcome(content: DuplicatesContent) -> Outcome:
    from imgtar.cli.run_command import Outcome
    from imgtar.report.words.duplicates import verdict_words

    if content.document.passed is not False:
        return Outcome()
    return Outcome(passed=False, reason=verdict_words(content.document))


def _query(given: dict[str, Any]) -> DuplicatesQuery:
    """The query among the options, which are taken out. Raises click.UsageError for what is invalid."""
    from imgtar.analysis.duplicates import DuplicatesQuery
    from imgtar.globs import BadGlob, Globs

    within = given.pop("within")
    try:
        Globs(within)
    except BadGlob as problem:
        raise click.UsageError(f"--within: {problem}") from None
    least = _size("--min-size", given.pop("min_size"))
    return DuplicatesQuery(all_layers=given.pop("all_layers"), min_size=least, within=within)


def _size(option: str, text: str) -> int:
    from imgtar.amounts import size

    try:
        return size(text)
    except ValueError as problem:
        raise click.UsageError(f"{option} {text}: {problem}") from None
