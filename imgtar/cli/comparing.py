"""The run of `diff`: read both archives, write the reports, warn, decide the exit code."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from imgtar.answers.diff import DiffSettings, diff_content
from imgtar.answers.options import FILES
from imgtar.answers.session import Session
from imgtar.archive.input.input_name import parse_input
from imgtar.cli.errors import errors_name
from imgtar.cli.operands import check_standard_input
from imgtar.cli.outputs import check_files
from imgtar.cli.request import Request
from imgtar.cli.run_command import Outcome, conclude, read_archive
from imgtar.cli.spooling import spooling
from imgtar.contract.diff import DiffContent
from imgtar.image.twins import Twins
from imgtar.limits import Limits


def compare(request: Request, other: str, settings: DiffSettings, outcome: Callable[[DiffContent], Outcome]) -> int:
    """Compares the archive of the request with the `other` one, and writes the reports; returns the exit code.

    A layer that both have is read in the first one alone. `outcome` judges the content. Raises CommandFailed,
    click.UsageError and OutputClosed.
    """
    later = msgspec.structs.replace(request, image=other)
    with errors_name(request.image, wants_json=request.json_on_stdout):
        check_standard_input((request.image, other))
        targets = request.targets()
        check_files(targets, other)
        limits = request.reading_limits().within(request.timeout)  # the time of both archives together
        again = bool(settings.unified)
        first = _read(request, limits, Twins(), root_filesystem=False, again=again)
        twins = Twins(layer for image in first.images for layer in image.layers)
    with errors_name(other, wants_json=request.json_on_stdout):
        second = _read(later, limits, twins, root_filesystem=True, again=again)
    with errors_name(f"{request.image} and {other}", wants_json=request.json_on_stdout):
        content, findings = diff_content(first, second, settings, limits)
        return conclude(
            msgspec.structs.replace(request, image=f"{request.image} and {other}"),
            targets,
            content,
            findings,
            outcome(content),
        )


def _read(request: Request, limits: Limits, twins: Twins, *, root_filesystem: bool, again: bool) -> Session:
    """The archive with all its layers; a reference that the operand states replaces `--image`.

    With `again` contents are read behind the layers, so a pipe goes to a temporary file.
    """
    stated = parse_input(request.image).reference
    chosen = request if stated is None else msgspec.structs.replace(request, reference=stated)
    options: dict[str, object] = {"limits": limits, "timeout": None, "twins": twins, "root_filesystem": root_filesystem}
    if again:
        options["spool"] = spooling(request.image, quiet=request.quiet)
    return read_archive(chosen, FILES, options)
