"""The run of a command about one archive over several: a report of each in one output, and a line each at the end.

contract.md section 1. One archive is read after the other, and only one is open at a time.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

import click
import msgspec

from imgtar.answers.envelope import GENERATOR
from imgtar.answers.options import Needs
from imgtar.answers.session import Session
from imgtar.archive.input.input_name import parse_input
from imgtar.archive.input.remote_name import public_name
from imgtar.cli.command import format_named
from imgtar.cli.errors import CommandFailed, errors_name
from imgtar.cli.failures import Failure, tell
from imgtar.cli.operands import archives_of
from imgtar.cli.outputs import ENDINGS, Target, Write, check_files, output, targets
from imgtar.cli.request import Request
from imgtar.cli.run_command import (
    Answer,
    Outcome,
    always_passed,
    answer,
    exit_of,
    harm_shown,
    needs_of,
    no_work,
    read_images,
    rendered,
    run,
    tell_written,
    text_settings,
    warn,
)
from imgtar.contract.envelope import ErrorBody
from imgtar.contract.several import ArchiveOutcome, Joiner, SeveralArchives, UnreadReport, UnreadSource
from imgtar.errors import OutputError
from imgtar.exit_codes import Exit, worst
from imgtar.limits import Limits
from imgtar.text import escape, json_text, neutralise

Report = Callable[[Target, bool], Iterator[bytes]]  # True: as one of several in this target
T = TypeVar("T")


def run_each(
    request: Request,
    images: Sequence[str],
    *,
    needs: Needs | None = None,
    work: Callable[[Session], Mapping[str, object]] = no_work,
    outcome: Callable[[Any], Outcome] = always_passed,
    **arguments: object,
) -> int:
    """Runs the request as `run_command.run` does about each archive that `images` mean; returns the worst exit code.

    One IMAGE that is not a folder of archives is a run about that archive. An archive that cannot be used does not stop
    the others: standard error says why, and so does the report.
    """
    wants_json = request.json_on_stdout
    with errors_name(images[0], wants_json=wants_json):
        archives = archives_of(images, quiet=request.quiet)
    if archives == [images[0]]:
        one = msgspec.structs.replace(request, image=archives[0], outputs=_outputs(request, archives[0]))
        return run(one, needs=needs, work=work, outcome=outcome, **arguments)
    with errors_name(f"{len(archives)} archives", wants_json=wants_json):
        _check(request)
        reports = _Reports(request, archives)
    limits = request.reading_limits().within(request.timeout)
    question = _Question(needs or needs_of(request), limits, work, outcome, arguments)
    outcomes: list[ArchiveOutcome] = []
    with reports.opened():
        for number, archive in enumerate(archives):
            one = msgspec.structs.replace(request, image=archive)
            outcomes += _archive(one, number, reports, question)
        with errors_name(f"{len(archives)} archives"):
            reports.end(outcomes)
    if not request.quiet:
        tell_written({target: size for target, size in reports.sizes.items() if size or target.path is None})
    return worst(found.exit_code for found in outcomes)


def _check(request: Request) -> None:
    """Raises click.UsageError for options that are about one archive."""
    for option, value in (("--expect-id", request.expect_ids), ("--expect-digest", request.expect_digests)):
        if value:
            raise click.UsageError(f"{option} is about one archive; give one")


class _Question(msgspec.Struct, frozen=True):
    """What the run asks of each archive, as `run_each` and `answer` take it; `limits` have the time of all together."""

    needs: Needs
    limits: Limits
    work: Callable[[Session], Mapping[str, object]]
    outcome: Callable[[Any], Outcome]
    arguments: Mapping[str, object]

    def images(self, one: Request) -> Iterable[tuple[int | None, Session]]:
        """The archive, or each of its images with its number where the command is about one and there are several."""
        return read_images(one, self.needs, {"limits": self.limits, "timeout": None})

    def answer(self, one: Request, session: Session) -> Answer:
        """What the command says about the archive or the image of the session."""
        session.read(self.needs)  # of one image among several the layers are scanned by now
        return answer(one, session, work=self.work, outcome=self.outcome, arguments=self.arguments)


def _archive(one: Request, number: int, reports: _Reports, question: _Question) -> Iterator[ArchiveOutcome]:
    """What becomes of one archive, or of each of its images that the question is about."""
    images = _tried(one, partial(question.images, one))
    if isinstance(images, Failure):
        yield reports.unread(one.image, number, images, None)
        return
    for image, session in images:
        yield _image(one, number, reports, image, partial(question.answer, one, session))


def _image(
    one: Request, number: int, reports: _Reports, image: int | None, answered: Callable[[], Answer]
) -> ArchiveOutcome:
    """Writes the report of one archive, or of one of its images, and says on standard error what is wrong with it."""
    found = _tried(one, answered)
    if isinstance(found, Failure):
        return reports.unread(one.image, number, found, image)
    with errors_name(one.image, redacts=one.report_type.redacts):
        told = _outcome(one, number, found, image)
        reports.add(told, lambda target, several: rendered(one, target, found.content, several=several))
    if not one.quiet:
        warn(one, found.findings, found.judged, failed=found.failed)
    return told


def _tried(one: Request, work: Callable[[], T]) -> T | Failure:
    """What the work returns, or what stops it: standard error says that, and the other archives and images go on."""
    try:
        with errors_name(one.image, redacts=one.report_type.redacts):
            return work()
    except CommandFailed as problem:
        if isinstance(problem.cause, OutputError):
            raise
        return tell(problem, debug=one.debug)


def _outcome(one: Request, number: int, found: Answer, image: int | None) -> ArchiveOutcome:
    code = exit_of(found)
    harm = harm_shown(one, found.findings) if code in (Exit.DAMAGED, Exit.LIMIT) else ""
    words = harm or one.report_type.line_function()(found.content)
    note = one.report_type.note_of(found.content)
    name = _name(one.image, image)
    return ArchiveOutcome(number=number, name=name, exit_code=code, words=words, note=note, image=image)


def _name(archive: str, image: int | None) -> str:
    """The archive as it was given, escaped, with the number of the image where the report is about one of several."""
    return escape(public_name(archive)) + ("" if image is None else f" @{image}")


def _outputs(request: Request, archive: str) -> tuple[str, ...]:
    """The `-o` of the request, with a file for this archive where they name a folder (`html=pages/`)."""
    return tuple(f"{given}{_file(given, archive)}" if _is_folder(given) else given for given in request.outputs)


def _is_folder(given: str) -> bool:
    """Does an `-o` name a folder, where each archive gets a file of its own?"""
    return "=" in given and given.endswith("/")


def _file(given: str, archive: str, number: int = 0) -> str:
    """The name of an archive's own report; a further archive of the same name has a number."""
    path = public_name(parse_input(archive).path).removesuffix("?…")
    name = os.path.basename(path.rstrip("/")) or "image"
    name = "stdin" if name == "-" else name
    return f"{name}{f'-{number + 1}' if number else ''}{ENDINGS.get(format_named(given.partition('=')[0]), '')}"


class _Reports:
    """The outputs of the run: those that join the reports of all archives, and the files of each archive's own."""

    def __init__(self, request: Request, archives: Sequence[str]) -> None:
        """Raises UsageError and OutputError for what is wrong before any archive is read."""
        from imgtar.report.joined.formats import JOINERS

        self._request = request
        self._archives = archives
        own = [given for given in request.outputs if _is_folder(given)]
        shared = [given for given in request.outputs if not _is_folder(given)]
        joined = (
            targets(request.report_type, request.chosen_format, shared)
            if shared or request.chosen_format or not own
            else []
        )
        for target in joined:
            if target.format_name not in JOINERS:
                raise click.UsageError(
                    f"{target.format_name} is about one archive; write one for each into a folder that exists:"
                    f" -o {target.format_name}=FOLDER/"
                )
        self._own = [self._own_targets(given, archives) for given in own]  # for each folder, by archive
        self.sizes = dict.fromkeys([*joined, *(target for files in self._own for target in files)], 0)
        for archive in archives:
            check_files(self.sizes, archive)
        self._joined = joined
        several = SeveralArchives(count=len(archives), generator=GENERATOR)
        self._joiners: list[Joiner] = [
            JOINERS[target.format_name](text_settings(request, target), several) for target in joined
        ]
        self._outputs: list[Write] = []

    def _own_targets(self, given: str, archives: Sequence[str]) -> list[Target]:
        names: dict[str, int] = {}
        files = []
        for archive in archives:
            name = _file(given, archive)
            names[name] = names.get(name, -1) + 1
            files.append(f"{given}{_file(given, archive, names[name])}")
        return [target for file in files for target in targets(self._request.report_type, None, [file])]

    @contextlib.contextmanager
    def opened(self) -> Iterator[None]:
        """The joined outputs, open for as long as archives are read."""
        with contextlib.ExitStack() as stack:
            with errors_name("output"):
                self._outputs = [stack.enter_context(output(target)) for target in self._joined]
            yield

    def add(self, archive: ArchiveOutcome, report: Report) -> None:
        """Writes the report of one archive to every output."""
        for target, joiner, write in zip(self._joined, self._joiners, self._outputs, strict=True):
            write(self._counted(target, joiner.report(archive, report(target, True))))
        if archive.unread is None:
            for files in self._own:
                target = self._of_image(files[archive.number], archive.image)
                with output(target) as write:
                    write(self._counted(target, report(target, False)))

    def _of_image(self, target: Target, image: int | None) -> Target:
        """The file of an archive's own, or that of one of its images, as `app.tar@1.cdx.json`."""
        if image is None or target.path is None:
            return target
        ending = ENDINGS.get(target.format_name, "")
        stem, number = f"{target.path.removesuffix(ending)}@{image}", 1
        own = Target(target.format_name, f"{stem}{ending}")
        while own in self.sizes:  # an archive has that name
            number += 1
            own = Target(target.format_name, f"{stem}-{number}{ending}")
        for archive in self._archives:
            check_files([own], archive)
        self.sizes[own] = 0
        return own

    def unread(self, archive: str, number: int, failure: Failure, image: int | None) -> ArchiveOutcome:
        """Writes to every joined output why there is no report of an archive, or of one of its images."""
        path, b64 = json_text(os.fsencode(public_name(archive)))
        source = UnreadSource(path=path, path_b64=msgspec.UNSET if b64 is None else b64)
        error = ErrorBody(code=failure.code, message=failure.message)
        outcome = ArchiveOutcome(
            number=number,
            image=image,
            name=_name(archive, image),
            exit_code=failure.exit_code,
            words=neutralise(failure.message),
            unread=UnreadReport(generator=GENERATOR, source=source, error=error),
        )
        self.add(outcome, lambda _target, _several: iter(()))
        return outcome

    def end(self, archives: Sequence[ArchiveOutcome]) -> None:
        """Ends the joined outputs."""
        for target, joiner, write in zip(self._joined, self._joiners, self._outputs, strict=True):
            write(self._counted(target, joiner.end(archives)))

    def _counted(self, target: Target, chunks: Iterator[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self.sizes[target] += len(chunk)
            yield chunk
