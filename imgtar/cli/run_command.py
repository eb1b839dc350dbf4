"""The run that all commands share: read the archive, write the reports, warn, decide the exit code."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence

import msgspec

from imgtar.answers.filters import Filtered
from imgtar.answers.session import InspectOptions, Report, inspect
from imgtar.cli.errors import named, say
from imgtar.cli.exit_codes import Exit, exit_code
from imgtar.cli.outputs import Target, write
from imgtar.cli.progress_bar import progress_for
from imgtar.cli.request import Request, shows_unicode, text_width
from imgtar.contract.content import View
from imgtar.contract.inspect import FindingRow
from imgtar.report.formats import TERMINAL, renderer
from imgtar.report.words.image import counted


class Answer(msgspec.Struct, frozen=True):
    """`content` goes to the renderers.

    `found` is false where the question itself has no answer or the answer is no (exit 1); `why` says so in a few words.
    """

    content: object
    found: bool = True
    why: str = ""


def run(request: Request, answer: Callable[[Report, Filtered], Answer]) -> int:
    """Answers the request and writes its reports; the exit code. Raises Failure with what stopped it."""
    with named(request):
        targets = request.targets()
        filtering = request.finding_filter()
        report = _read(request)
        findings = report.document.findings
        filtered = filtering.apply(findings)
        answered = answer(report, filtered)
        _write(request, targets, answered.content)
        failed = request.fail_on is not None and filtered.reach(request.fail_on)
        if not request.quiet:
            _warn(request, findings, answered.why, failed=failed)
        return exit_code({finding.effect for finding in findings}, gate_failed=failed or not answered.found)


def write_content(request: Request, content: object) -> int:
    """Writes an answer that needs no archive."""
    with named(request):
        _write(request, request.targets(), content)
        return Exit.OK


def _write(request: Request, targets: Sequence[Target], content: object) -> None:
    def render(target: Target) -> Iterator[bytes]:
        return renderer(request.command, target.format_name)(content, _view(request, target))

    write(targets, render)


def _read(request: Request) -> Report:
    bar = progress_for(quiet=request.quiet)
    options = InspectOptions(
        limits=request.reading_limits(),
        timeout=request.timeout,
        verify=request.verify,
        image=request.reference,
        platform=request.platform,
        allow_missing=request.allow_missing,
        expected=request.expectation(),
        audit=request.audit,
        judged_on=None if request.told is None else request.told.judged_on,
        progress=bar,
    )
    with contextlib.ExitStack() as stack:
        if bar is not None:
            stack.callback(bar.finish)
        return inspect(request.image, options)


def _view(request: Request, target: Target) -> View:
    terminal = target.path is None and sys.stdout is not None and sys.stdout.isatty()
    plain = request.no_color or bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    encoding = "utf-8" if target.path is not None else getattr(sys.stdout, "encoding", None)
    return View(
        width=text_width() if target.format_name == TERMINAL else 80,
        colour=terminal and not plain,
        unicode=target.path is not None or shows_unicode(encoding),
        top=request.top,
        whole=request.no_trunc,
        full=request.full,
    )


def _warn(request: Request, findings: list[FindingRow], why: str, *, failed: bool) -> None:
    """One line for a person who looks at the exit code: why it is not 0."""
    harmful = [finding for finding in findings if finding.effect != "none"]
    if harmful:
        first = harmful[0]
        more = f" and {counted(len(harmful) - 1, 'more problem')}" if len(harmful) > 1 else ""
        place = "" if first.where.layer is None else f"layer {first.where.layer}: "
        say(f"{request.image}: {place}{first.message} ({first.code}){more}; the report holds what was read")
    elif why:
        say(f"{request.image}: {why}; see the report")
    elif failed:
        say(f"{request.image}: findings of severity {request.fail_on} or worse; see them in the report")
