"""`imgtar history`: the build steps of an image."""

from __future__ import annotations

from typing import Any

from imgtar.cli import options
from imgtar.cli.command import Command, Example, ReportType, declared

HISTORY = ReportType(
    name="history",
    content="imgtar.answers.history:history_content",
    renderers={"table": "imgtar.report.table.history:history", "json": "imgtar.report.json_document:whole"},
    schema="imgtar.contract.documents:HistoryReport",
    reads="catalog",
)


@declared(
    Command(
        name="history",
        summary="Show every build step and the layer it made.",
        examples=(
            Example("imgtar history app.tar", "Show the steps, oldest first"),
            Example("imgtar history app.tar --no-trunc", "Show the instructions at full length"),
        ),
        report_types=(HISTORY,),
    )
)
@options.image_argument
@options.format_options(HISTORY)
@options.top_option(0, "Show only the N steps with the largest layers; 0 for all.")
@options.whole_option
@options.choice_options
@options.reading_options
@options.common_options
def command(**given: Any) -> int:
    """Show every build step, oldest first: its instruction, its layer (or `metadata only`) and the stored size."""
    from imgtar.cli.request import Request
    from imgtar.cli.run_command import run

    return run(Request(report_type=HISTORY, **given))
