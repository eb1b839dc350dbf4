"""The errors that stop the work. Whatever does not stop it is a `Finding`.

Each error carries the exit code of the contract; only `imgtar.cli` turns one into a line on standard error.
"""

from __future__ import annotations


class ImgtarError(Exception):
    """The work cannot go on.

    `code` is the dotted code that `--format json` prints in `error.code`, `message` says what is wrong and
    `remedy` what to do next. Both may contain text of the input, so the code that prints them escapes them.
    """

    exit_code = 70

    def __init__(self, code: str, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy


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
