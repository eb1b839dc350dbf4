"""The exit codes (contract.md section 3), decided here alone, and how a signal ends the program."""

from __future__ import annotations

import signal
from collections.abc import Iterable
from enum import IntEnum
from types import FrameType
from typing import NoReturn


class Exit(IntEnum):
    """What each exit code means; documented in docs/exit-codes.md, which a test compares."""

    OK = 0
    GATE = 1
    USAGE = 2
    INPUT = 3
    DAMAGED = 4
    LIMIT = 5
    OUTPUT = 6
    BUG = 70
    INTERRUPTED = 130
    CLOSED = 141
    TERMINATED = 143


class Stopped(BaseException):
    """A signal asked the program to end; `number` is the signal's."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def exit_code(effects: Iterable[str], *, gate_failed: bool = False) -> Exit:
    """The code of a run whose report was written: from the effects of all findings, shown or not, and the gate."""
    found = set(effects)
    if found & {"incomplete", "inconsistent"}:
        return Exit.DAMAGED
    if "limit" in found:
        return Exit.LIMIT
    return Exit.GATE if gate_failed else Exit.OK


def _stop(number: int, _frame: FrameType | None) -> NoReturn:
    for name in _SIGNALS:
        signal.signal(name, signal.SIG_IGN)  # a second signal must not stop the cleaning up
    raise Stopped(number)


_SIGNALS = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]


def raise_on_signals() -> None:
    """From now on SIGINT, SIGTERM and SIGHUP raise `Stopped`, so that no half file stays behind."""
    for name in _SIGNALS:
        if signal.getsignal(name) is not signal.SIG_IGN:  # nohup, and shells' background jobs
            signal.signal(name, _stop)
