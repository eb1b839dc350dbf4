"""One command line, from its arguments to its exit code: the one place where an exception becomes a line."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from imgtar.cli.errors import Closed, Failure, say
from imgtar.cli.exit_codes import Exit
from imgtar.cli.registry import COMMANDS, group
from imgtar.errors import ImgtarError, InputError, OutputError

if TYPE_CHECKING:
    from imgtar.cli.request import Request

_PREFIXES = ("docker-archive:", "oci-archive:", "oci:", "dir:")
_FLAGS = ("--debug", "--quiet", "--no-color")


def run(arguments: Sequence[str]) -> int:
    """Runs `imgtar ARGUMENTS…`; never raises, prints at most one line of error."""
    debug = "--debug" in arguments
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
        code = _run(arguments)
        if sys.stdout is not None:
            sys.stdout.flush()
    except BaseException as problem:
        code = _failed(problem, debug=debug)
    _leave_quietly()
    return code


def _run(arguments: Sequence[str]) -> int:
    code = group.main(args=routed(arguments), prog_name="imgtar", standalone_mode=False)
    return code if isinstance(code, int) else Exit.OK


def routed(arguments: Sequence[str]) -> list[str]:
    """The arguments with `inspect` in front where no command is named.

    Raises click.UsageError for a first argument that is no command, no file and looks like neither.
    """
    flags, rest = _leading_flags(arguments)
    if not rest:
        raise click.UsageError("no image is named; try imgtar IMAGE, or imgtar --help")
    first = rest[0]
    if first in COMMANDS:
        return [first, *flags, *rest[1:]]
    if first in ("--help", "-h", "--version"):
        return rest
    looks_like_file = "/" in first or "." in first or first.startswith(("-", *_PREFIXES))
    if looks_like_file or os.path.lexists(first):
        return ["inspect", *flags, *rest]
    raise click.UsageError(f"{first}: no such command and no such file; commands are {', '.join(COMMANDS)}")


def _leading_flags(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Flags that every command takes may stand in front of it."""
    count = 0
    while count < len(arguments) and arguments[count] in _FLAGS:
        count += 1
    return list(arguments[:count]), list(arguments[count:])


def _failed(problem: BaseException, *, debug: bool) -> int:
    """Says on standard error what went wrong; the exit code."""
    if isinstance(problem, Failure):
        return _failed_request(problem.request, problem.cause)
    if isinstance(problem, (Closed, BrokenPipeError, SystemExit)):  # click exits where its help meets a closed pipe
        return Exit.CLOSED
    if isinstance(problem, (click.Abort, KeyboardInterrupt)):
        return Exit.INTERRUPTED
    if isinstance(problem, click.ClickException):
        say(problem.format_message())
        return Exit.USAGE
    if isinstance(problem, OSError):  # of the help text, which click prints
        say(f"standard output: {problem.strerror or problem}; free some space")
        return Exit.OUTPUT
    return _bug(problem, "", debug=debug)


def _failed_request(request: Request, cause: Exception) -> int:
    subject = "" if isinstance(cause, OutputError) else f"{request.image}: "
    if isinstance(cause, ImgtarError):
        say(f"{subject}{cause.message}{f'; {cause.remedy}' if cause.remedy else ''}")
        if isinstance(cause, InputError) and request.json_on_stdout:
            return _error_document(cause)
        return cause.exit_code
    if isinstance(cause, OSError):
        say(f"{subject}cannot be read: {cause.strerror or cause}; copy it again")
        return Exit.INPUT
    return _bug(cause, subject, debug=request.debug)


def _error_document(cause: InputError) -> int:
    """The JSON that stands for the report where there is none."""
    from imgtar.cli.outputs import write_stdout
    from imgtar.report.json_document import error

    try:
        write_stdout([error(cause.code, cause.message)])
    except Closed:
        return Exit.CLOSED
    except OutputError:
        return cause.exit_code
    return cause.exit_code


def _bug(problem: BaseException, subject: str, *, debug: bool) -> int:
    if debug:
        import traceback

        with contextlib.suppress(OSError):
            traceback.print_exception(problem)
    what = "out of memory" if isinstance(problem, MemoryError) else f"a bug in imgtar ({type(problem).__name__})"
    say(f"{subject}{what}; run it again with --debug and report what that prints")
    return Exit.BUG


def _leave_quietly() -> None:
    """Standard output that nobody reads any more must not complain when the interpreter flushes it."""
    for stream in (sys.stdout, sys.__stdout__):
        if stream is None:
            continue
        try:
            stream.flush()
        except (OSError, ValueError):
            with contextlib.suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
