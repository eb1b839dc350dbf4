"""`imgtar ls`: the files of an image."""

from __future__ import annotations

from typing import Any

import click

from imgtar.cli import options


@click.command("ls", short_help="List the files of an image, or what one layer holds and removes.")
@options.image_argument
@click.argument("path", required=False, type=click.UNPROCESSED)
@options.format_options("ls")
@click.option("--layer", metavar="N", type=click.IntRange(min=0), help="What layer N (from 0) holds and removes.")
@click.option("--all-layers", is_flag=True, help="What each layer holds and removes.")
@click.option("--long", is_flag=True, help="With mode, owner, size, time and layer.")
@options.choice_options
@options.reading_options
@options.common_options
def command(path: str | None, layer: int | None, all_layers: bool, long: bool, **given: Any) -> int:
    """List the files of the final filesystem, everything below PATH, or what single layers hold and remove."""
    from imgtar.answers.commands import Wanted, ls_answer
    from imgtar.cli.request import Request
    from imgtar.cli.run_command import Answer, run

    if layer is not None and all_layers:
        raise click.UsageError("--layer and --all-layers exclude each other; give one")
    wanted = Wanted(path=path, layer=layer, all_layers=all_layers, long=long)

    def answer(report: Any, shown: Any) -> Answer:
        content = ls_answer(report, shown, wanted)
        return Answer(content, found=path is None or next(iter(content.entries()), None) is not None)

    return run(Request(command="ls", **given), answer)
