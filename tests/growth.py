"""How work grows with its input. Python's steps are counted; what runs in C has a limit that quadratic work exceeds.

Nothing here reads a clock: whatever else the machine does, a test ends in the same way.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

SLACK = 1.25  # over linear growth, for sorting


def steps(work: Callable[[], object]) -> int:
    """How many lines of Python the work runs, and how many calls into C they make, in this thread."""
    count = 0

    def trace(_frame: FrameType, _event: str, _argument: Any) -> Any:
        nonlocal count
        count += 1
        return trace

    def profile(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal count
        count += event == "c_call"

    before = sys.gettrace(), sys.getprofile()
    sys.settrace(trace)
    sys.setprofile(profile)
    try:
        work()
    finally:
        sys.settrace(before[0])
        sys.setprofile(before[1])
    return count


def assert_linear(prepare: Callable[[int], Callable[[], object]], size: int) -> None:
    """The steps from 2 n to 4 n are twice those from n to 2 n, where quadratic work would take four times as many.

    `prepare(n)` makes the input and returns the work.
    """
    small, middle, large = (steps(prepare(size * factor)) for factor in (1, 2, 4))
    assert large - middle <= 2 * SLACK * max(middle - small, size), (small, middle, large)


@contextmanager
def bounded_work(seconds: float = 10) -> Iterator[None]:
    """Fails when the work inside takes more processor time than this, for regular expressions and other work in C.

    The input is so large that quadratic work would take minutes, and linear work a hundredth of the limit.
    """

    def too_much(_number: int, _frame: FrameType | None) -> None:
        raise AssertionError(f"more than {seconds} seconds of processor time: the work is not linear")

    before = signal.signal(signal.SIGPROF, too_much)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
