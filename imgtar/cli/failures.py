"""What stopped a command about one archive, told on standard error: one line, and lines of commands that help."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import NamedTuple

from imgtar.cli.errors import CommandFailed, print_line, print_message, print_traceback
from imgtar.errors import ImgtarError, OutputError
from imgtar.exit_codes import Exit


class Failure(NamedTuple):
    """An archive without a report: the code and the sentence of the error, as they may be printed."""

    code: str
    message: str
    exit_code: int


def tell(problem: CommandFailed, *, debug: bool) -> Failure:
    """Prints why the command stopped; with `debug` also the traceback of a bug."""
    cause = problem.cause
    about = "" if isinstance(cause, OutputError) else problem.image
    if isinstance(cause, ImgtarError):
        message = problem.shown(cause.message)
        remedy = f"; {cause.remedy}" if cause.remedy else ""
        print_message(f"{problem.shown(cause.message + remedy)}{problem.note}", about)
        if cause.code == "input.missing":
            print_indented(_saving_lines(problem.image))
        return Failure(cause.code, message, cause.exit_code)
    if isinstance(cause, OSError):
        message = f"cannot be read: {cause.strerror or cause}"
        print_message(f"{message}; copy it again", about)
        return Failure("input.unreadable", message, Exit.INPUT)
    return Failure("internal.bug", tell_bug(cause, about, problem.shown, debug=debug), Exit.BUG)


def tell_bug(problem: BaseException, about: str, shown: Callable[[str], str], *, debug: bool) -> str:
    """Prints that imgtar has a bug, with `debug` its traceback; returns what it is. `shown`: as it may be printed."""
    if debug:
        print_traceback(problem, shown)
    what = "out of memory" if isinstance(problem, MemoryError) else f"a bug in imgtar ({type(problem).__name__})"
    print_message(f"{what}; run it again with --debug and report the output", about)
    return what


def print_indented(lines: Iterable[str]) -> None:
    """Prints lines below a message on standard error."""
    for line in lines:
        print_line(f"  {line}")


def _saving_lines(image: str) -> list[str]:
    from imgtar.cli.suggestions import is_registry_name, saving_lines

    return saving_lines(image) if is_registry_name(image) and not os.path.lexists(image) else []
