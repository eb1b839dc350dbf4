"""The interpreter's settings that make reading fast, and how many threads read.

The settings belong to the whole process, so a library call leaves them alone: the command line turns them on, another
program does so with `imgtar.tuned()`.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_SWITCH_INTERVAL = 0.00002  # seconds
_MOST_JOBS = 4  # more threads wait for the interpreter
_lock = Lock()
_users = 0
_before = (True, 0.005)  # garbage collection and switch interval as the first user found them
_collecting = False


@contextmanager
def tuned() -> Iterator[None]:
    """Turns garbage collection off and shortens the switch interval to 20 µs; restores both with the last user.

    Reading makes hundreds of thousands of values and no cycles: looking for cycles would double the time. A thread
    that decompresses must not wait 5 ms each time for the one that parses. Calls may overlap in threads.
    """
    _enter()
    try:
        yield
    finally:
        _leave()


@contextmanager
def collecting() -> Iterator[None]:
    """Turns garbage collection on, inside `tuned` too, for a program that runs as long as a person uses it.

    What is there already is left out: it has no cycles, and a look at a million values stops the program for 0.2 s.
    """
    global _collecting
    enabled = gc.isenabled()
    gc.freeze()
    gc.enable()
    _collecting = True
    try:
        yield
    finally:
        _collecting = False
        if not enabled:
            gc.disable()
        gc.unfreeze()


def leave_out() -> None:
    """Inside `collecting`: leaves out too what is there by now."""
    if _collecting:
        gc.freeze()


def default_jobs() -> int:
    """As many layers are read at once as this process may use cores, at most 4."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, _MOST_JOBS)


def _enter() -> None:
    global _users, _before
    with _lock:
        if not _users:
            _before = (gc.isenabled(), sys.getswitchinterval())
            gc.disable()
            sys.setswitchinterval(_SWITCH_INTERVAL)
        _users += 1


def _leave() -> None:
    global _users
    with _lock:
        _users -= 1
        if not _users:
            enabled, interval = _before
            sys.setswitchinterval(interval)
            if enabled:
                gc.enable()
