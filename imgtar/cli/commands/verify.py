"""`imgtar verify`: is it what it says it is?"""

from __future__ import annotations

from typing import Any

import click

from imgtar.cli import options


@click.command("verify", short_help="Recompute every digest; say of every byte what it belongs to.")
@options.image_argument
@options.format_options("verify")
@click.option(
    "--expect-id",
    "expect_ids",
    metavar="ID",
    multiple=True,
    help="The image ID you were told (12+ digits). Repeatable.",
)
@click.option(
    "--expect-digest",
    "expect_digests",
    metavar="DIGEST",
    multiple=True,
    help="The manifest or index digest you were told (12+ digits). Repeatable.",
)
@click.option("--checksums", metavar="FILE", help="Compare the archive with its line in a sha256sum list.")
@options.text_options
@options.finding_options
@options.choice_options
@options.reading_options
@options.common_options
def command(**given: Any) -> int:
    """Recompute every blob digest and size, every diffID and ID, and attribute every byte of the archive.

    Exit 0: all of it is here and sound. Exit 4: something is damaged, missing or not as expected; all of it is listed.
    """
    from imgtar.answers.commands import verify_answer
    from imgtar.cli.request import Request
    from imgtar.cli.run_command import Answer, run

    request = Request(command="verify", verify=True, summary=True, **given)
    return run(request, lambda report, shown: Answer(verify_answer(report, shown)))
