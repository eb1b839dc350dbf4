"""`imgtar find`: what every layer did to a path, or which files have a content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from imgtar.cli import options
from imgtar.cli.command import Command, Example, ReportType, declared

if TYPE_CHECKING:
    from imgtar.contract.file_content import FindContent

FIND = ReportType(
    name="find",
    content="imgtar.answers.find:find_content",
    renderers={
        "table": "imgtar.report.table.find:find",
        "json": "imgtar.report.json_document:find",
        "jsonl": "imgtar.report.json_lines:find",
        "csv": "imgtar.report.csv.find:matches",
    },
    schema="imgtar.contract.files:FindReport",
    one_image=True,
)


@declared(
    Command(
        name="find",
        summary="Show what every layer did to a file; find files by name, digest or text.",
        examples=(
            Example("imgtar find app.tar /etc/passwd", "Show each layer that changed a file, and why"),
            Example("imgtar find app.tar '*.pem' --deleted", "Find files that are gone and still readable in a layer"),
            Example("imgtar find app.tar @bad-files.txt", "Look for the digests and names of a list, one a line"),
            Example("imgtar find app.tar --grep BEGIN", "Find the files of all layers that contain a text"),
        ),
        report_types=(FIND,),
    )
)
@options.image_argument
@click.argument("patterns", metavar="[PATTERN]…", nargs=-1, type=click.UNPROCESSED)
@options.format_options(FIND)
@options.view_options
@click.option("--deleted", is_flag=True, help="Only paths that are gone.")
@click.option("--present", is_flag=True, help="Only paths that are in the filesystem, as they are there.")
@click.option("--type", "types", metavar="T", help="Only these types, with commas between: f, d, l, h, c, b, p.")
@click.option("--size", metavar="[+-]SIZE", help="Only files of this size; more (+) or less (-) than it.")
@click.option("--mode", metavar="[-/]OCTAL", help="Only this mode; all (-) or any (/) of its bits.")
@click.option("--owner", metavar="UID[:GID]", help="Only files of this owner.")
@click.option("--grep", metavar="TEXT", help="Only files that contain TEXT, byte for byte.")
@click.option("--digests", is_flag=True, help="Show the SHA-256 of each version.")
@click.option("--all-events", is_flag=True, help="Show directories that a layer lists again unchanged, too.")
@options.whole_option
@options.choice_options
@options.reading_options
@options.common_options
def command(layer: int | None, upto: int | None, **given: Any) -> int:
    """Show what every layer did to the paths that a PATTERN means, and whether they are still there.

    A PATTERN is a path (/etc/passwd), a name in any directory or a glob as in .gitignore (id_rsa, '*.pem',
    '/opt/**'; '!/opt/tmp/' excludes again), the digest of a content (sha256:HEX), or @FILE with patterns, one a line.
    Where a file has several versions, at least one must match the options. Exit 1: nothing was found.
    """
    import msgspec

    from imgtar.answers.view import View
    from imgtar.cli.errors import errors_name
    from imgtar.cli.find_query import OPTIONS, query_of
    from imgtar.cli.request import Request
    from imgtar.cli.run_command import Outcome, run
    from imgtar.report.words.matches import nothing_words

    def outcome(content: FindContent) -> Outcome:
        return Outcome() if content.paths else Outcome(passed=False, reason=nothing_words(content))

    view = View(layer=layer, upto=upto)
    stated = {name: given.pop(name) for name in OPTIONS}
    request = Request(report_type=FIND, **given)
    with errors_name(request.image, wants_json=request.json_on_stdout):
        search = query_of(view, stated)
    return run(msgspec.structs.replace(request, search=search), needs=view.needs, outcome=outcome, view=view)
