"""What stops a command, and the one line about it on standard error."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator


class OutputClosed(Exception):
    """The reader of standard output has closed it."""


class CommandFailed(Exception):
    """A command about `image` stopped because of `cause`; empty where the cause names what it is about.

    `wants_json`: standard output gets the error as JSON. `redacts`: no text about it has a secret of the image. `note`
    is what the line about it ends with.
    """

    def __init__(self, image: str, cause: Exception, *, wants_json: bool, redacts: bool) -> None:
        super().__init__(str(cause))
        from imgtar.archive.input.remote_name import public_name

        self.image = public_name(image)
        self.cause = cause
        self.wants_json = wants_json
        self.note = ""
        self._redacts = redacts

    def shown(self, text: str) -> str:
        """A text about the failure as it may be printed: it may quote the names of images."""
        if not self._redacts:
            return text
        from imgtar.audit.secrets.redaction import redact_reference

        return redact_reference(text)


def redacted(text: str) -> str:
    """The text without secrets of a known kind."""
    from imgtar.audit.secrets.redaction import redact_known

    return redact_known(text)


@contextlib.contextmanager
def errors_name(image: str, *, wants_json: bool = False, redacts: bool = False) -> Iterator[None]:
    """Errors inside name `image`: raises CommandFailed for all but wrong usage and a closed standard output."""
    import click

    try:
        yield
    except (click.ClickException, OutputClosed):
        raise
    except Exception as problem:
        raise CommandFailed(image, problem, wants_json=wants_json, redacts=redacts) from problem


def print_message(text: str, about: str = "") -> None:
    """Prints `imgtar: ABOUT: TEXT` as one line on standard error, with everything unprintable escaped.

    `about` is the name of an archive as it was given; without one the line is `imgtar: TEXT`.
    """
    from imgtar.archive.input.remote_name import public_name
    from imgtar.text import escape

    subject = f"{escape(public_name(about))}: " if about else ""
    print_line(f"imgtar: {subject}{text}")


def print_traceback(problem: BaseException, shown: Callable[[str], str] = str) -> None:
    """Prints the traceback of a bug on standard error, each of its lines escaped: it may quote the input.

    `shown` makes of the text what may be printed.
    """
    import traceback

    for line in shown("".join(traceback.format_exception(problem))).splitlines():
        print_line(line)


def print_line(text: str) -> None:
    """Prints TEXT as one line on standard error, with everything unprintable in it escaped."""
    from imgtar.archive.input.remote_name import public_name
    from imgtar.text import neutralise

    encoding = getattr(sys.stderr, "encoding", None) or "ascii"
    line = neutralise(public_name(text), ascii_only=not encoding.lower().startswith("utf"))
    with contextlib.suppress(OSError, ValueError):
        if sys.stderr is not None:
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()
