"""`imgtar verify`: every digest recomputed, every byte accounted for."""

from __future__ import annotations

from typing import Any

import click

from imgtar.cli import options
from imgtar.cli.command import Command, Example, ReportType, declared

VERIFY = ReportType(
    name="verify",
    content="imgtar.answers.verify:verify_content",
    line="imgtar.report.words.outcome:verify_words",
    renderers={
        "table": "imgtar.report.table.verify:verify",
        "json": "imgtar.report.json_document:verify",
        "markdown": "imgtar.report.markdown.verify:verify",
        "sarif": "imgtar.report.sarif:inspect",
        "html": "imgtar.report.html.verify:verify",
    },
    schema="imgtar.contract.inspect:VerifyReport",
    layer_packages=True,
)


@declared(
    Command(
        name="verify",
        summary="Recompute every digest and account for every byte.",
        examples=(
            Example("imgtar verify app.tar", "Check that an archive is complete and undamaged"),
            Example("imgtar verify app.tar --checksums SHA256SUMS", "Check it against a sha256sum list as well"),
            Example("imgtar verify app.tar --expect-id sha256:1f0c3d5e7a9b", "Check that it holds a known image"),
        ),
        report_types=(VERIFY,),
    )
)
@options.images_argument
@options.format_options(VERIFY)
@click.option(
    "--expect-id",
    "expect_ids",
    metavar="ID",
    multiple=True,
    help="Expect this image ID (at least 12 digits). Repeatable.",
)
@click.option(
    "--expect-digest",
    "expect_digests",
    metavar="DIGEST",
    multiple=True,
    help="Expect this manifest or index digest (at least 12 digits). Repeatable.",
)
@click.option("--checksums", metavar="FILE", help="Compare the archive with its line in a sha256sum list.")
@options.text_options
@options.finding_options
@options.choice_options
@options.reading_options
@options.common_options
def command(images: tuple[str, ...], **given: Any) -> int:
    """Recompute the digest and size of every blob, every diffID and ID, and account for every byte of the archive.

    Exit 0: the archive is complete and undamaged. Exit 4: something is damaged, missing or not as expected; the report
    lists all of it.
    """
    from imgtar.cli.request import Request
    from imgtar.cli.run_each import run_each

    return run_each(Request(report_type=VERIFY, verify=True, summary=True, **given), images)
