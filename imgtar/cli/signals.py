"""How a signal ends the program: at once, quietly, with its exit code, and without a half-written file.

The handler raises nothing: an exception may be lost in a destructor, or show up as a traceback in an import.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from types import FrameType
from typing import NoReturn

_unfinished: set[tuple[str, int | None]] = set()  # files that a signal removes, with their directory's descriptor


@contextlib.contextmanager
def unfinished(path: str, folder: int | None = None) -> Iterator[None]:
    """Removes `path` if a signal or an exception ends the block; whatever the block raises passes on.

    With `folder`, the descriptor of a directory, `path` is a name in that directory.
    """
    _unfinished.add((path, folder))
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(path, dir_fd=folder)
        raise
    finally:
        _unfinished.discard((path, folder))


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    for path, folder in tuple(_unfinished):
        with contextlib.suppress(OSError):
            os.unlink(path, dir_fd=folder)
    os._exit(128 + number)


def end_on_signals() -> None:
    """Lets SIGINT, SIGTERM and SIGHUP end the program from now on; a signal that is ignored (as by nohup) stays so."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)
