"""`imgtar dockerfile`: the Dockerfile of an image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from imgtar.cli import options
from imgtar.cli.command import Command, Example, ReportType, declared

if TYPE_CHECKING:
    from imgtar.answers.dockerfile import Source
    from imgtar.cli.run_command import Outcome
    from imgtar.contract.dockerfile import DockerfileContent

DOCKERFILE = ReportType(
    name="dockerfile",
    content="imgtar.answers.dockerfile:dockerfile_content",
    renderers={"table": "imgtar.report.table.dockerfile:dockerfile", "json": "imgtar.report.json_document:whole"},
    schema="imgtar.contract.dockerfile:DockerfileReport",
    one_image=True,
)


def _base(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if value not in ("auto", "none") and not value.isdecimal():
        raise click.BadParameter(f"{value!r} is not a number of layers, auto or none")
    return value


@declared(
    Command(
        name="dockerfile",
        summary="Print the Dockerfile: from the provenance, or rebuilt from the history.",
        examples=(
            Example("imgtar dockerfile app.tar", "Print a Dockerfile; comments say what is lost"),
            Example("imgtar dockerfile app.tar --base 4", "Begin with the base image of the lowest four layers"),
            Example("imgtar dockerfile app.tar --source provenance", "Fail where the archive has no real Dockerfile"),
            Example("imgtar dockerfile app.tar --context DIR", "Write it with the files that COPY and ADD need"),
            Example("imgtar dockerfile app.tar --context DIR --freeze", "Write what rebuilds the image offline"),
            Example("imgtar dockerfile app.tar --format json", "Say of each line whether it is certain"),
        ),
        report_types=(DOCKERFILE,),
    )
)
@options.image_argument
@options.format_options(DOCKERFILE)
@click.option(
    "--source",
    type=click.Choice(("auto", "history", "provenance")),
    default="auto",
    show_default=True,
    help="Where the Dockerfile comes from; auto takes the provenance where it has one.",
)
@click.option(
    "--base",
    metavar="N",
    default="auto",
    show_default=True,
    callback=_base,
    help="Number of layers of the base image; auto finds it, none writes every step.",
)
@click.option("--no-wrap", is_flag=True, help="Keep each RUN on one line.")
@click.option("--context", metavar="DIR", help="Write a build context to DIR, which must not exist or must be empty.")
@click.option("--freeze", is_flag=True, help="With --context: every layer from its files, so that nothing runs.")
@options.choice_options
@options.reading_options
@options.common_options
def command(source: Source, base: str, no_wrap: bool, context: str | None, freeze: bool, **given: Any) -> int:
    """Print the Dockerfile of an image: the real one from the provenance of the build where the archive has it, else
    one that is rebuilt from the history.

    Every line is valid. What the history has lost is a comment above the line: names of copied files, where the words
    of a command end, the base image. Layers whose instruction is lost are ADD lines of the tar that
    `imgtar extract --layer N --tar layer-NN.tar` writes.
    """
    from functools import partial

    from imgtar.answers.dockerfile import Asked
    from imgtar.cli.context_output import check_context, told
    from imgtar.cli.request import Request
    from imgtar.cli.run_command import run

    count = base if base.isdecimal() else None
    report_type = DOCKERFILE if context is None else DOCKERFILE._replace(spools=True)
    request = Request(report_type=report_type, base=count, **given)
    asked = Asked(source=source, has_base=base != "none", wrap=not no_wrap, context=context is not None, freeze=freeze)
    check_context(request, asked, context)
    work = partial(told, request=request, asked=asked, directory=context)
    return run(request, work=work, outcome=_outcome)


def _outcome(content: DockerfileContent) -> Outcome:
    from imgtar.cli.run_command import Outcome

    if content.refused:
        return Outcome(written=False, reason="some files cannot be written; the report names them")
    return Outcome()
