"""The run that all commands share: read the archive, write the reports, warn, decide the exit code."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from imgtar.answers.finding_rows import finding_rows
from imgtar.answers.one_image import each_image, only_image
from imgtar.answers.opening import open_session
from imgtar.answers.options import CATALOG, EVERYTHING, InspectOptions, Needs
from imgtar.answers.session import Session
from imgtar.cli.caching import cache_of
from imgtar.cli.command import TERMINAL
from imgtar.cli.errors import errors_name, print_line, print_message, redacted
from imgtar.cli.given import shaping_options
from imgtar.cli.outputs import Target, write
from imgtar.cli.progress_bar import progress_for
from imgtar.cli.request import Request, shows_unicode, text_width
from imgtar.cli.spooling import spooling
from imgtar.contract.content import TextSettings
from imgtar.exit_codes import Exit, exit_code
from imgtar.findings import Effect, Finding
from imgtar.progress import Progress
from imgtar.report.words.image import counted
from imgtar.text import escape, human_size


class Outcome(msgspec.Struct, frozen=True):
    """`passed` is false where a gate failed or a search found nothing (exit 1); `reason` says why, for one line.

    `written` is false where some of the output could not be written (exit 6).
    """

    passed: bool = True
    reason: str = ""
    written: bool = True


def always_passed(_content: object) -> Outcome:
    """The outcome of a command that only reports."""
    return Outcome()


def no_work(_session: Session) -> Mapping[str, object]:
    """The work of a command that only reports."""
    return {}


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a command says about one archive. `failed`: a finding reaches `--fail-on`."""

    content: object
    findings: Sequence[Finding]
    judged: Outcome
    failed: bool


def run(
    request: Request,
    *,
    needs: Needs | None = None,
    work: Callable[[Session], Mapping[str, object]] = no_work,
    outcome: Callable[[Any], Outcome] = always_passed,
    **arguments: object,
) -> int:
    """Reads the archive, and writes the reports of the request; returns the exit code.

    `needs` reads less than the report type says. The other parameters are those of `answer`. Raises CommandFailed,
    click.UsageError and OutputClosed.
    """
    redacts = request.report_type.redacts
    with errors_name(request.image, wants_json=request.json_on_stdout, redacts=redacts):
        targets = request.targets()
        session = read_archive(request, needs or needs_of(request))
        found = answer(request, session, work=work, outcome=outcome, arguments=arguments)
        return conclude(request, targets, found.content, found.findings, found.judged, failed=found.failed)


def answer(
    request: Request,
    session: Session,
    *,
    work: Callable[[Session], Mapping[str, object]],
    outcome: Callable[[Any], Outcome],
    arguments: Mapping[str, object],
) -> Answer:
    """Answers the question of the command about an archive that was read.

    `work` is done before anything is reported. The content function of the report gets what it returns, and
    `arguments`; `outcome` judges the content that it returns.
    """
    worked = work(session)
    findings = session.findings
    filtered = request.finding_filter().apply(findings)
    content = request.report_type.content_function()(session, filtered, **arguments, **worked)
    failed = request.fail_on is not None and filtered.reach(request.fail_on)
    return Answer(content=content, findings=findings, judged=outcome(content), failed=failed)


def conclude(
    request: Request,
    targets: Sequence[Target],
    content: object,
    findings: Sequence[Finding],
    judged: Outcome,
    *,
    failed: bool = False,
) -> int:
    """Writes the reports and warns; returns the exit code. `failed`: a finding reaches `--fail-on`."""
    write_reports(request, targets, content)
    if not request.quiet:
        warn(request, findings, judged, failed=failed)
    return exit_of(Answer(content=content, findings=findings, judged=judged, failed=failed))


def exit_of(found: Answer) -> Exit:
    """The exit code of a run about one archive, whose report is written."""
    if not found.judged.written:
        return Exit.OUTPUT
    effects = {finding.effect for finding in found.findings}
    return exit_code(effects, gate_failed=found.failed or not found.judged.passed)


def write_content(request: Request, **arguments: object) -> int:
    """Writes a document whose content needs no archive; returns the exit code. Raises as `run` does."""
    with errors_name(request.image, wants_json=request.json_on_stdout):
        content = request.report_type.content_function()(**arguments)
        write_reports(request, request.targets(), content)
        return Exit.OK


def write_reports(request: Request, targets: Sequence[Target], content: object) -> None:
    """Writes the reports; where all of them are files, standard error names each with its size."""
    sizes = dict.fromkeys(targets, 0)

    def render(target: Target) -> Iterator[bytes]:
        for chunk in rendered(request, target, content):
            sizes[target] += len(chunk)
            yield chunk

    write(targets, render)
    if not request.quiet:
        tell_written(sizes)


def rendered(request: Request, target: Target, content: object, *, several: bool = False) -> Iterator[bytes]:
    """The pieces of one report; `several`: it is one of those in this target."""
    settings = msgspec.structs.replace(text_settings(request, target), several=several)
    return request.report_type.renderer(target.format_name)(content, settings)


def tell_written(sizes: Mapping[Target, int]) -> None:
    """Names each file with its size on standard error, where all reports are files."""
    if all(target.path is not None for target in sizes):
        for target, size in sizes.items():
            print_line(f"wrote {escape(target.path or '')}, {human_size(size)}")


def needs_of(request: Request) -> Needs:
    """What the report type reads."""
    return CATALOG if request.report_type.reads == "catalog" else EVERYTHING


def read_archive(request: Request, needs: Needs, replaced: Mapping[str, object] | None = None) -> Session:
    """Opens the archive and reads what is needed; `replaced` are options of the session that differ.

    Raises UsageError, before any layer is read, where the report is about one image and there are several.
    """
    with _opened(request, replaced or {}) as session:
        if request.report_type.one_image:
            only_image(session)
        session.read(needs)
        return session


def read_images(request: Request, needs: Needs, replaced: Mapping[str, object]) -> Iterable[tuple[int | None, Session]]:
    """The same, but where the report is about one image and there are several, a session about each (`each_image`)."""
    with _opened(request, replaced) as session:
        if request.report_type.one_image:
            return each_image(session, needs)
        session.read(needs)
        return [(None, session)]


@contextlib.contextmanager
def _opened(request: Request, replaced: Mapping[str, object]) -> Iterator[Session]:
    """The archive, opened; a bar shows what is read of it inside."""
    bar = progress_for(quiet=request.quiet)
    with contextlib.ExitStack() as stack:
        if bar is not None:
            stack.callback(bar.finish)
        options = msgspec.structs.replace(options_of(request, bar), **replaced)
        yield open_session(request.image, options)


def options_of(request: Request, progress: Progress | None) -> InspectOptions:
    """How to read the archive of the request. Raises as its parts do."""
    filtering = request.finding_filter()
    return InspectOptions(
        limits=request.reading_limits(),
        timeout=request.timeout,
        jobs=request.jobs,
        cache=cache_of(request.cache),
        verify=request.verify,
        image=request.reference,
        platform=request.platform,
        allow_missing=request.allow_missing,
        expected=request.expectation(),
        search=request.search,
        digests=request.digests,
        base=request.base_layers(),
        base_images=request.base_image,
        own=request.own,
        package_types=request.package_types,
        sbom_files=request.sbom_files,
        one_pass=request.one_pass,
        layer_packages=request.report_type.layer_packages,
        root_filesystem=request.report_type.root_filesystem,
        audit=request.audit,
        summary=request.summary,
        judged_on=None if request.audit_settings is None else request.audit_settings.judged_on,
        all_places=request.audit_settings is not None and request.audit_settings.all_places,
        kingfisher=request.audit_settings is not None and request.audit_settings.kingfisher,
        packaged=request.audit_settings is not None and request.audit_settings.packaged,
        redacts=request.report_type.redacts,
        ignores=filtering if filtering.rules else None,
        spool=spooling(request.image, quiet=request.quiet) if request.report_type.spools else None,
        progress=progress,
    )


def text_settings(request: Request, target: Target) -> TextSettings:
    """How a text looks in this target."""
    options = shaping_options(redacts=request.report_type.redacts)
    encoding = "utf-8" if target.path is not None else getattr(sys.stdout, "encoding", None)
    return TextSettings(
        width=text_width() if target.format_name == TERMINAL else 80,
        colour=target.path is None and _coloured(request),
        unicode=target.path is not None or shows_unicode(encoding),
        top=request.top,
        whole=request.no_trunc,
        full=request.full,
        options=options,
    )


def _coloured(request: Request) -> bool:
    """Does standard output get colours: by the options, by NO_COLOR or FORCE_COLOR, else where it is a terminal."""
    if request.no_color or request.color != "auto":
        return request.color == "always" and not request.no_color
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout is not None and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def harm_words(findings: Iterable[Finding]) -> str:
    """The first finding that makes a report incomplete or wrong, and how many more there are; empty without one."""
    harmful = finding_rows(finding for finding in findings if finding.effect is not Effect.NONE)
    if not harmful:
        return ""
    first = harmful[0]
    more = f" and {counted(len(harmful) - 1, 'more problem')}" if len(harmful) > 1 else ""
    place = "" if first.where.input is None else {"a": "IMAGE: ", "b": "OTHER: "}[first.where.input]
    place += "" if first.where.layer is None else f"layer {first.where.layer}: "
    return f"{place}{first.message} ({first.code}){more}"


def harm_shown(request: Request, findings: Iterable[Finding]) -> str:
    """`harm_words` as they may be printed: a report that redacts quotes no secret."""
    harm = harm_words(findings)
    return redacted(harm) if harm and request.report_type.redacts else harm


def warn(request: Request, findings: Iterable[Finding], outcome: Outcome, *, failed: bool = False) -> None:
    """Prints one line that explains an exit code other than 0."""
    reason = outcome.reason
    if not outcome.written:
        print_message(reason, request.image)
        return
    harm = harm_shown(request, findings)
    if harm:
        print_message(f"{harm}; the report has what was read", request.image)
    elif reason:
        print_message(reason, request.image)
    elif failed:
        print_message(f"findings of severity {request.fail_on} or worse; see the report", request.image)
