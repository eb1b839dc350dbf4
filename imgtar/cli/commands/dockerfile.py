"""`imgtar dockerfile`: the Dockerfile of an image."""

from __future__ import annotations

from typing import Any

import click

from imgtar.cli import options
from imgtar.cli.command import Command, Example, ReportType, declared

DOCKERFILE = ReportType(
    name="dockerfile",
    content="imgtar.answers.dockerfile:dockerfile_content",
    renderers={"table": "imgtar.report.table.dockerfile:dockerfile", "json": "imgtar.report.json_document:whole"},
    schema="imgtar.contract.dockerfile:DockerfileReport",
)


def _base(_context: click.Context, _parameter: click.Parameter, value: str) -> int | str:
    if value in ("auto", "none"):
        return value
    if not value.isdecimal() or len(value) > len("999999"):
        raise click.BadParameter(f"{value!r} is not a number of layers, auto or none")
    return int(value)


@declared(
    Command(
        name="dockerfile",
        summary="Rebuild the Dockerfile from the history.",
        examples=(
            Example("imgtar dockerfile app.tar", "Print a Dockerfile; comments say what is lost"),
            Example("imgtar dockerfile app.tar --base 4", "Begin with the base image of the lowest four layers"),
            Example("imgtar dockerfile app.tar --format json", "Say of each line whether it is certain"),
        ),
        report_types=(DOCKERFILE,),
    )
)
@options.image_argument
@options.format_options(DOCKERFILE)
@click.option(
    "--base",
    metavar="N",
    default="auto",
    show_default=True,
    callback=_base,
    help="Number of layers of the base image; auto finds it, none writes every step.",
)
@click.option("--no-wrap", is_flag=True, help="Keep each RUN on one line.")
@options.choice_options
@options.reading_options
@options.common_options
def command(base: int | str, no_wrap: bool, **given: Any) -> int:
    """Print the Dockerfile of an image, rebuilt from its history.

    Every line is valid. What the history has lost is a comment above the line: names of copied files, where the words
    of a command end, the base image. Layers whose instruction is lost are ADD lines of the tar that
    `imgtar extract --layer N --tar layer-NN.tar` writes.
    """
    from imgtar.cli.request import Request
    from imgtar.cli.run_command import run

    return run(Request(report_type=DOCKERFILE, **given), base=base, wrap=not no_wrap)
