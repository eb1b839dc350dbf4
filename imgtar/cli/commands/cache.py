"""`imgtar cache`: shows the cache of scans and prunes it."""

from __future__ import annotations

from typing import Any

import click

from imgtar.cli import options
from imgtar.cli.command import Command, Example, ReportType, declared

CACHE = ReportType(
    name="cache",
    content="imgtar.answers.cache:cache_content",
    renderers={"table": "imgtar.report.table.cache:cache", "json": "imgtar.report.json_document:whole"},
    schema="imgtar.contract.cache:CacheReport",
    reads="nothing",
)


@declared(
    Command(
        name="cache",
        summary="Show or prune what --cache keeps of layers.",
        examples=(
            Example("imgtar cache info", "Say where the cache is and how large it is"),
            Example("imgtar cache prune --max-size 1GiB", "Remove what was not used longest"),
            Example("imgtar cache prune", "Remove all of it"),
        ),
        report_types=(CACHE,),
    )
)
@click.argument("action", metavar="info|prune", type=click.Choice(["info", "prune"]))
@click.argument("folder", metavar="[DIR]", required=False)
@click.option("--max-size", metavar="SIZE", help="With prune: how much may stay, such as 500MB.  [default: nothing]")
@options.format_options(CACHE)
@options.common_options
def command(action: str, folder: str | None, max_size: str | None, **given: Any) -> int:
    """Show where the cache of --cache is and what it holds, or remove from it what was not used longest.

    DIR is the folder of a cache that --cache=DIR has made. Nothing but time is lost with a cache.
    """
    from imgtar.amounts import size
    from imgtar.cli.request import Request
    from imgtar.cli.run_command import write_content

    if max_size is not None and action == "info":
        raise click.UsageError("--max-size goes with prune")
    try:
        largest = 0 if max_size is None else size(max_size)
    except ValueError:
        raise click.UsageError(f"--max-size {max_size}: give a size such as 500MB") from None
    request = Request(report_type=CACHE, image=folder or "cache", **given)
    return write_content(request, action=action, folder=folder, size=largest)
