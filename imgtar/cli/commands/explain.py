"""`imgtar explain`: what the code of a finding means."""

from __future__ import annotations

from typing import Any

import click

from imgtar.cli import options
from imgtar.cli.command import Command, Example, ReportType, declared

EXPLAIN = ReportType(
    name="explain",
    content="imgtar.answers.explain:explain_content",
    renderers={"table": "imgtar.report.table.explain:explain"},
    reads="nothing",
)


@declared(
    Command(
        name="explain",
        summary="Say what the code of a finding means and what to do.",
        examples=(
            Example("imgtar explain tar.truncated", "Say what this finding of a report means"),
            Example("imgtar explain config.user-root", "Say what a rule of the audit means"),
            Example("imgtar explain", "List the codes"),
        ),
        report_types=(EXPLAIN,),
    )
)
@click.argument("code", metavar="[CODE]", required=False)
@options.format_options(EXPLAIN)
@options.common_options
def command(code: str | None, **given: Any) -> int:
    """Say what a finding with this CODE means, how it changes the exit code, and what to do; or list the codes."""
    from imgtar.cli.request import Request
    from imgtar.cli.run_command import write_content

    return write_content(Request(report_type=EXPLAIN, image="explain" if code is None else code, **given), code=code)
