"""The errors that stop the work. Whatever does not stop it is a `Finding`.

Each error carries the exit code of the contract; only `imgtar.cli` turns one into a line on standard error.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager


class ImgtarError(Exception):
    """The work cannot go on.

    `code` is the dotted code that `--format json` prints in `error.code`, `message` says what is wrong, `remedy` what
    to do next, and `source` is the name of the input, empty where the error is about none. They may contain text of
    the input, so the code that prints them escapes them. `str` of the error is one printable line with all three.
    """

    exit_code = 70

    def __init__(self, code: str, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy
        self.source = ""

    def __str__(self) -> str:
        from imgtar.text import neutralise

        source = f"{self.source}: " if self.source else ""
        return neutralise(f"{source}{self.message}{f'; {self.remedy}' if self.remedy else ''}")


class UsageError(ImgtarError):
    """The command or its options are wrong (exit 2)."""

    exit_code = 2


class InputError(ImgtarError):
    """The input is missing, unreadable, not an archive, or does not have the requested image (exit 3)."""

    exit_code = 3


class OutputError(ImgtarError):
    """A report could not be written (exit 6)."""

    exit_code = 6


class DamageError(ImgtarError):
    """The input is damaged or changes under the reader, and the command must not build on it (exit 4)."""

    exit_code = 4


class LimitError(ImgtarError):
    """A limit stopped the reading of an input that the command needs as a whole (exit 5)."""

    exit_code = 5


_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NOT_THERE = {errno.ENOENT, errno.ENOTDIR}


def unwritable(path: str, problem: OSError, other: str) -> OutputError:
    """The error of an output that the system refuses; `other` is what to choose instead, such as "another file"."""
    reason = problem.strerror or "unknown error"
    first = "free some space or " if problem.errno in _FULL else ""
    if problem.errno in _NOT_THERE and os.path.isdir(os.path.dirname(path.rstrip("/")) or "."):
        reason = "no file can be made in its folder"  # one of the kernel, such as /proc
    elif problem.errno in _NOT_THERE:
        first = "make its folder first or "
    return OutputError("output.unwritable", f"{path}: cannot be written: {reason}", f"{first}choose {other}")


@contextmanager
def errors_about(source: str) -> Iterator[None]:
    """Errors inside say that they are about this input, unless they name one already."""
    try:
        yield
    except ImgtarError as error:
        error.source = error.source or source
        raise
