"""The lines on standard error that tell of temporary files."""

from __future__ import annotations

from collections.abc import Callable

from imgtar.cli.errors import print_line
from imgtar.text import escape


def spooling(image: str, *, quiet: bool) -> Callable[[str], None]:
    """What `InspectOptions.spool` gets from a command that reads file contents behind the layers."""

    def announce(folder: str) -> None:
        if not quiet:
            print_line(f"copying {escape(image)} to a temporary file without a name in {escape(folder)}")

    return announce


def waiting_contents(image: str, *, quiet: bool) -> Callable[[str], None]:
    """Tells of the temporary file for contents that `extract --tar` writes in another order than they come."""

    def announce(folder: str) -> None:
        if not quiet:
            print_line(f"copying files of {escape(image)} to a temporary file without a name in {escape(folder)}")

    return announce
