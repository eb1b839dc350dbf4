"""How a signal ends the program: at once, quietly, with its exit code, and without a half-written file.

The handler raises nothing: an exception may be lost in a destructor, or show up as a traceback in an import.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from types import FrameType
from typing import NoReturn

_at_the_end: set[Callable[[], object]] = set()  # each undoes what a signal leaves unfinished, or tells of it


@contextlib.contextmanager
def unfinished(path: str, folder: int | None = None) -> Iterator[None]:
    """Removes `path` if a signal or an exception ends the block; whatever the block raises passes on.

    With `folder`, the descriptor of a directory, `path` is a name in that directory.
    """
    with undone_by(lambda: os.unlink(path, dir_fd=folder)):
        yield


@contextlib.contextmanager
def undone_by(undo: Callable[[], None]) -> Iterator[None]:
    """Calls `undo` if a signal or an exception ends the block; it may raise OSError, which is ignored."""
    with on_signal(undo):
        try:
            yield
        except BaseException:
            with contextlib.suppress(OSError):
                undo()
            raise


@contextlib.contextmanager
def on_signal(act: Callable[[], object]) -> Iterator[None]:
    """Calls `act` if a signal ends the block; it may raise OSError, which is ignored."""
    _at_the_end.add(act)
    try:
        yield
    finally:
        _at_the_end.discard(act)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    for act in tuple(_at_the_end):
        with contextlib.suppress(OSError):
            act()
    os._exit(128 + number)


def end_on_signals() -> None:
    """Lets SIGINT, SIGTERM and SIGHUP end the program from now on; a signal that is ignored (as by nohup) stays so."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)
