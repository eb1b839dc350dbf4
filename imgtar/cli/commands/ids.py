"""`imgtar ids`: the digits of the docker commands."""

from __future__ import annotations

from typing import Any

import click

from imgtar.cli import options


@click.command("ids", short_help="Explain the digits that the docker commands show.")
@options.image_argument
@options.format_options("ids")
@options.choice_options
@options.reading_options
@options.common_options
def command(**given: Any) -> int:
    """Explain the digits that docker pull, load, images and rmi show for an image and its layers."""
    from imgtar.answers.commands import ids_answer
    from imgtar.cli.request import Request
    from imgtar.cli.run_command import Answer, run

    request = Request(command="ids", **given)
    return run(request, lambda report, shown: Answer(ids_answer(report, shown)))
