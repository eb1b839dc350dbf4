"""`imgtar inspect`: the report of an archive."""

from __future__ import annotations

from typing import Any

import click

from imgtar.cli import options
from imgtar.cli.command import Command, Example, ReportType, declared

INSPECT = ReportType(
    name="inspect",
    content="imgtar.answers.inspect:inspect_content",
    line="imgtar.report.words.outcome:inspect_words",
    renderers={
        "table": "imgtar.report.table.inspect:inspect",
        "json": "imgtar.report.json_document:inspect",
        "jsonl": "imgtar.report.json_lines:inspect",
        "markdown": "imgtar.report.markdown.inspect:inspect",
        "csv": "imgtar.report.csv.inspect:changes",
        "csv-layers": "imgtar.report.csv.inspect:layers",
        "sarif": "imgtar.report.sarif:inspect",
        "html": "imgtar.report.html.inspect:inspect",
    },
    schema="imgtar.contract.inspect:InspectReport",
    layer_packages=True,
)


@declared(
    Command(
        name="inspect",
        summary="Report an image: layers, changes, history, waste, findings.",
        examples=(
            Example("imgtar inspect app.tar", "Report every image in an archive"),
            Example("imgtar inspect app.tar -o html=app.html -o json=app.json", "Write a page and a JSON file"),
            Example("imgtar inspect app.tar --platform linux/arm64 --verify", "Report one platform, digests checked"),
        ),
        report_types=(INSPECT,),
    )
)
@options.images_argument
@options.format_options(INSPECT)
@options.verify_option
@click.option("--summary", is_flag=True, help="Leave out the long lists (changes, waste) in every format.")
@click.option("--full", is_flag=True, help="Put every file into the HTML page, even if the page becomes very large.")
@click.option("--audit", is_flag=True, help="Add what imgtar audit finds, in the same pass over the archive.")
@options.base_options
@options.text_options
@options.finding_options
@options.choice_options
@options.reading_options
@options.common_options
def command(images: tuple[str, ...], audit: bool, **given: Any) -> int:
    """Report an image: its layers, what each layer changed, history, sizes, waste and findings.

    The report has every image and platform in the archive unless you choose one.
    """
    from imgtar.cli.errors import errors_name
    from imgtar.cli.request import Request
    from imgtar.cli.run_each import run_each

    request = Request(report_type=INSPECT, **given)
    if audit:
        from imgtar.cli.settings import audited, policy_of, stated_keys  # with all rules of the audit
        from imgtar.policy.policy import SETTINGS

        policy = policy_of(None, stated_keys(given, SETTINGS))
        with errors_name(images[0], wants_json=request.json_on_stdout):
            request = audited(request, policy)
    return run_each(request, images, summary=request.summary, own=request.own, audited=audit)
