"""`imgtar inspect`: the report."""

from __future__ import annotations

from typing import Any

import click

from imgtar.cli import options


@click.command("inspect", short_help="Report an image: layers, changes, history, waste, findings.")
@options.image_argument
@options.format_options("inspect")
@options.verify_option
@click.option("--summary", is_flag=True, help="Leave out the long lists (changes, waste) in every format.")
@click.option("--full", is_flag=True, help="Keep every file in an HTML page, however large it gets.")
@options.text_options
@options.finding_options
@options.choice_options
@options.reading_options
@options.common_options
def command(**given: Any) -> int:
    """Report an image: its layers, what each of them changed, history, sizes, waste and findings.

    Every image and platform in the archive is reported unless one is chosen.
    """
    from imgtar.answers.commands import inspect_answer
    from imgtar.cli.request import Request
    from imgtar.cli.run_command import Answer, run

    request = Request(command="inspect", **given)
    return run(request, lambda report, shown: Answer(inspect_answer(report, shown, summary=request.summary)))
