"""`imgtar history`: the steps of the build."""

from __future__ import annotations

from typing import Any

import click

from imgtar.cli import options


@click.command("history", short_help="Show every step of the build, and which layer it made.")
@options.image_argument
@options.format_options("history")
@options.text_options
@options.choice_options
@options.reading_options
@options.common_options
def command(**given: Any) -> int:
    """Show every step oldest first: its Dockerfile instruction, the layer it made or `metadata only`, sizes."""
    from imgtar.answers.commands import history_answer
    from imgtar.cli.request import Request
    from imgtar.cli.run_command import Answer, run

    request = Request(command="history", **given)
    return run(request, lambda report, shown: Answer(history_answer(report, shown)))
