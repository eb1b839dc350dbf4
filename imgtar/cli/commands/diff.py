"""`imgtar diff`: what differs between two images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from imgtar.cli import options
from imgtar.cli.command import Command, Example, ReportType, declared

if TYPE_CHECKING:
    from imgtar.answers.diff import DiffSettings
    from imgtar.cli.run_command import Outcome
    from imgtar.contract.diff import DiffContent
    from imgtar.policy.values import Growth

DIFF = ReportType(
    name="diff",
    content="imgtar.answers.diff:diff_content",
    renderers={
        "table": "imgtar.report.table.diff:diff",
        "json": "imgtar.report.json_document:diff",
        "jsonl": "imgtar.report.json_lines:diff",
        "markdown": "imgtar.report.markdown.diff:diff",
        "html": "imgtar.report.html.diff:diff_page",
        "csv": "imgtar.report.csv.diff:differences",
        "docker": "imgtar.report.docker_diff:diff",
    },
    schema="imgtar.contract.diff:DiffReport",
)


@declared(
    Command(
        name="diff",
        summary="Show what differs between two images, and what is pulled again needlessly.",
        examples=(
            Example("imgtar diff app-1.2.tar app-1.3.tar", "Compare layers, configuration and files"),
            Example("imgtar diff app.tar export.tar --format docker", "Show what a container changed"),
            Example("imgtar diff app-1.2.tar app-1.3.tar --max-growth 3% --max-pull 200MB", "Fail if it grew too much"),
            Example("imgtar diff app-1.2.tar app-1.3.tar --exclude /var/log --content", "Ignore paths and metadata"),
        ),
        report_types=(DIFF,),
    )
)
@options.image_argument
@click.argument("other", metavar="OTHER", type=click.UNPROCESSED)
@options.format_options(DIFF)
@click.option("--content", is_flag=True, help="Compare type, content and links alone, no other metadata.")
@click.option("--strict", is_flag=True, help="Compare times, history, names, hard links and stored layers, too.")
@click.option("--exclude", metavar="GLOB", multiple=True, help="Leave out these paths (.gitignore syntax). Repeatable.")
@click.option("--only", metavar="GLOB", multiple=True, help="Compare these paths alone. Repeatable.")
@click.option("--layers", "layers_only", is_flag=True, help="Show the layers alone, no files.")
@click.option("--unified", metavar="PATH", multiple=True, help="Show the lines of a text file that differ. Repeatable.")
@click.option("--max-growth", metavar="SIZE|PERCENT", help="Exit 1 if the image grew by more: 10MB or 5%.")
@click.option("--max-pull", metavar="SIZE|PERCENT", help="Exit 1 if more is pulled: 200MB, or 30% of OTHER.")
@click.option(
    "--allow",
    metavar="GLOB",
    multiple=True,
    help="Exit 1 if other paths differ; config:KEY allows a part of the configuration. Repeatable.",
)
@options.base_options
@options.verify_option
@options.text_options
@options.choice_options
@options.reading_options
@options.common_options
def command(other: str, **given: Any) -> int:
    """Show how the image OTHER differs from IMAGE, which was before.

    Layers are aligned and compared by what they do, so a layer that was built again from the same files is `rebuilt`,
    and what it costs to pull it again is shown. Without --strict a difference in times alone does not count. Either of
    the two may be - (standard input), and may choose its own image: docker-archive:FILE:REF. OTHER may also be a root
    filesystem: what docker export or podman export wrote, a bare tar or a directory; rootfs: before its path says so.

    Exit 0: equal. Exit 1: different; with --max-growth, --max-pull or --allow only if one of them fails.
    """
    from imgtar.cli.comparing import compare
    from imgtar.cli.request import Request

    settings = _settings(given)
    request = Request(report_type=DIFF, **given)
    if not request.own and (request.base is not None or request.base_image):
        raise click.UsageError("--base and --base-image need --own")
    return compare(request, other, settings, _outcome)


def _outcome(content: DiffContent) -> Outcome:
    from imgtar.cli.run_command import Outcome
    from imgtar.report.words.diff import passes, verdict_words

    if all(passes(pair.document) for pair in content.pairs):
        return Outcome()
    return Outcome(passed=False, reason=verdict_words([pair.document for pair in content.pairs]))


def _settings(given: dict[str, Any]) -> DiffSettings:
    """The settings among the options, which are taken out. Raises click.UsageError for what is invalid."""
    from imgtar.answers.diff import DiffSettings
    from imgtar.gates.differences import DifferenceGates

    content, strict = given.pop("content"), given.pop("strict")
    if content and strict:
        raise click.UsageError("--content and --strict cannot be used together; give one")
    globs = {name: _globs(f"--{name}", given.pop(name)) for name in ("exclude", "only", "allow")}
    return DiffSettings(
        level="content" if content else "strict" if strict else "default",
        exclude=globs["exclude"],
        only=globs["only"],
        gates=DifferenceGates(
            max_growth=_growth("--max-growth", given.pop("max_growth")),
            max_pull=_growth("--max-pull", given.pop("max_pull")),
            allow=globs["allow"],
        ),
        layers_only=given.pop("layers_only"),
        unified=given.pop("unified"),
        own=given["own"],
    )


def _globs(option: str, patterns: tuple[str, ...]) -> tuple[str, ...]:
    from imgtar.globs import BadGlob, Globs

    try:
        Globs(patterns)
    except BadGlob as problem:
        raise click.UsageError(f"{option}: {problem}") from None
    return patterns


def _growth(option: str, text: str | None) -> Growth | None:
    from imgtar.policy.values import growth

    try:
        return None if text is None else growth(text)
    except ValueError as problem:
        raise click.UsageError(f"{option} {text}: not {problem}") from None
