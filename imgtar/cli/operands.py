"""The archives that a command line means: each IMAGE, and what is in a folder of archives (contract.md section 1)."""

from __future__ import annotations

from collections.abc import Sequence

from imgtar.archive.input.archive_folder import archives_in
from imgtar.archive.input.input_name import descriptor_in, parse_input
from imgtar.errors import UsageError


def archives_of(images: Sequence[str]) -> list[str]:
    """The archives, in the order given; those of a folder by name. Raises as `check_standard_input` does."""
    found = [archive for image in images for archive in (archives_in(image) or [image])]
    check_standard_input(found)
    return found


def check_standard_input(archives: Sequence[str]) -> None:
    """Raises UsageError where standard input, or another pipe, is named twice: it can be read once."""
    paths = [parse_input(archive).path for archive in archives]
    if paths.count("-") > 1:
        raise UsageError("usage.stdin-twice", "standard input is named twice; it can be read once", "give - once")
    pipes = [path for path in paths if descriptor_in(path) is not None]
    if len(set(pipes)) < len(pipes):
        raise UsageError("usage.stdin-twice", "one pipe is named twice; it can be read once", "give it once")
