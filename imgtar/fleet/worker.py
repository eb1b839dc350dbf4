"""The work on one archive, in whatever process it runs: the row of the archive, written to a file of its own.

The row goes from the renderer to the file, so neither the worker nor the coordinator ever holds a report.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator

import msgspec

from imgtar.contract.envelope import ErrorBody
from imgtar.errors import OutputError
from imgtar.exit_codes import Exit
from imgtar.fleet.inputs import ArchiveFile
from imgtar.fleet.row import RowWriter
from imgtar.fleet.settings import FleetSettings
from imgtar.runtime import tuned

GRACE = 10.0  # seconds after the time of an archive until the system ends a worker that hangs


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """An archive, the file that its row is written to, and what is asked.

    `alarm`: the process does this work alone, so the system may end it when the time is long over.
    """

    archive: ArchiveFile
    row: str
    settings: FleetSettings
    alarm: bool = False


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an archive; `failure` says why the code is not 0, and `remedy` what to do, where that is known."""

    exit_code: int
    failure: ErrorBody | None
    remedy: str = ""


def write_row(task: Task) -> Outcome:
    """Writes the row of the archive, whole or not at all. It raises nothing: any executor carries the outcome."""
    settings = task.settings
    try:
        with tuned(), alarmed(settings.timeout if task.alarm else None):
            limits = settings.limits.within(settings.timeout)
            return _write(task, msgspec.structs.replace(settings, limits=limits))
    except OutputError as problem:
        return Outcome(exit_code=Exit.OUTPUT, failure=ErrorBody(code=problem.code, message=problem.message))


def unread_row(task: Task, outcome: Outcome) -> None:
    """Writes the row of an archive whose worker came to an end: it has no documents. Raises OutputError."""
    with RowWriter(task.row, task.archive) as row:
        row.end(outcome.exit_code, outcome.failure)


def _write(task: Task, settings: FleetSettings) -> Outcome:
    from imgtar.fleet.documents import answers  # what reads images; the coordinator needs none of it
    from imgtar.fleet.verdict import Verdict

    verdict = Verdict(redacts="audit" in settings.actions, memory=settings.memory)
    path = os.fsdecode(task.archive.path)
    with RowWriter(task.row, task.archive) as row:
        for action in settings.actions:
            with verdict.catching(), row.key(action, several=action == "packages") as add:
                for answer in answers(path, action, settings):
                    add(answer.pieces)
                    verdict.judge(answer.findings, answer.failed_on)
        code, failure = verdict.result()
        row.end(code, failure)
    return Outcome(exit_code=code, failure=failure, remedy=verdict.remedy(failure))


@contextlib.contextmanager
def alarmed(seconds: float | None, *, grace: float = GRACE) -> Iterator[None]:
    """Lets the system end this process if the block takes much longer than the time that reading has."""
    if seconds is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, seconds + grace)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
