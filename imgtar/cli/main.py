"""One command line, from its arguments to its exit code: the one place where an exception becomes a line."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence

import click

from imgtar.cli.errors import CommandFailed, OutputClosed, print_message
from imgtar.cli.failures import Failure, print_indented, tell, tell_bug
from imgtar.cli.registry import NAMES, group
from imgtar.errors import ImgtarError, InputError, OutputError
from imgtar.exit_codes import Exit

_PREFIXES = ("docker-archive:", "oci-archive:", "oci:", "dir:")
_TRUE = ("1", "true", "t", "yes", "y", "on")  # click's words
_FLAGS = ("--debug", "-q", "--quiet", "--no-color")


def run(arguments: Sequence[str]) -> int:
    """Runs `imgtar ARGUMENTS…` and returns the exit code; never raises.

    An error is one line, and where commands help a line for each of them.
    """
    debug = "--debug" in arguments or os.environ.get("IMGTAR_DEBUG", "").lower() in _TRUE
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

    Raises click.UsageError for a first argument that is neither a command nor a file, and does not look like a file.
    """
    flags, rest = _leading_flags(arguments)
    if not rest:
        from imgtar.cli.suggestions import nothing_given

        raise nothing_given()
    first = rest[0]
    if first in NAMES:
        return [first, *flags, *rest[1:]]
    if first in ("--help", "-h", "--version", "-v"):
        return rest
    looks_like_file = "/" in first or "." in first or first.startswith(("-", *_PREFIXES))
    if looks_like_file or os.path.lexists(first):
        return ["inspect", *flags, *rest]
    from imgtar.cli.suggestions import not_an_image

    raise not_an_image(first)


def _leading_flags(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Splits off the flags that may come before the command."""
    count = 0
    while count < len(arguments):
        if arguments[count] in _FLAGS or arguments[count].startswith("--color="):
            count += 1
        elif arguments[count] == "--color":
            count += 2
        else:
            break
    return list(arguments[:count]), list(arguments[count:])


def _failed(problem: BaseException, *, debug: bool) -> int:
    """Prints on standard error what went wrong; returns the exit code."""
    if isinstance(problem, CommandFailed):
        return _failed_command(problem, debug=debug)
    if isinstance(problem, ImgtarError):  # about what is asked for, before an archive is opened
        print_message(str(problem))
        return problem.exit_code
    if isinstance(problem, (OutputClosed, BrokenPipeError, SystemExit)):  # SystemExit: click's, of help
        return Exit.CLOSED
    if isinstance(problem, (click.Abort, KeyboardInterrupt)):
        return Exit.INTERRUPTED
    if isinstance(problem, click.ClickException):
        print_message(problem.format_message())
        print_indented(getattr(problem, "lines", ()))
        return Exit.USAGE
    if isinstance(problem, OSError):  # of the help text, which click prints
        print_message(f"standard output: {problem.strerror or problem}; free some space")
        return Exit.OUTPUT
    tell_bug(problem, "", str, debug=debug)
    return Exit.BUG


def _failed_command(problem: CommandFailed, *, debug: bool) -> int:
    failure = tell(problem, debug=debug)
    if isinstance(problem.cause, InputError) and problem.wants_json:
        return _error_document(failure)
    return failure.exit_code


def _error_document(failure: Failure) -> int:
    """Prints the error as JSON in place of the report; returns the exit code."""
    from imgtar.cli.outputs import write_stdout
    from imgtar.report.json_document import error

    try:
        write_stdout([error(failure.code, failure.message)])
    except OutputClosed:
        return Exit.CLOSED
    except OutputError:
        return failure.exit_code
    return failure.exit_code


def _leave_quietly() -> None:
    """Makes sure that the interpreter's last flush of a closed standard output prints no error."""
    for stream in (sys.stdout, sys.__stdout__):
        if stream is None:
            continue
        try:
            stream.flush()
        except (OSError, ValueError):
            with contextlib.suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
