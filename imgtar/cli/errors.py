"""How a command tells the top why it stopped, and the one line on standard error."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imgtar.cli.request import Request


class Closed(Exception):
    """Nobody reads standard output any more."""


class Failure(Exception):
    """What stopped a request, with the request: the line about it names the input."""

    def __init__(self, request: Request, cause: Exception) -> None:
        super().__init__(str(cause))
        self.request = request
        self.cause = cause


@contextlib.contextmanager
def named(request: Request) -> Iterator[None]:
    """What goes wrong inside becomes a Failure of `request`; wrong usage and a closed pipe name no input."""
    import click

    try:
        yield
    except (click.ClickException, Closed):
        raise
    except Exception as problem:
        raise Failure(request, problem) from problem


def say(text: str) -> None:
    """`imgtar: TEXT` as one line on standard error, whatever the text holds."""
    from imgtar.text import neutralise

    encoding = getattr(sys.stderr, "encoding", None) or "ascii"
    line = neutralise(" ".join(text.split("\n")), ascii_only=not encoding.lower().startswith("utf"))
    with contextlib.suppress(OSError, ValueError):
        if sys.stderr is not None:
            sys.stderr.write(f"imgtar: {line}\n")
            sys.stderr.flush()
