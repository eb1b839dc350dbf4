"""The archives that a command line means: each IMAGE, and what is in a folder of archives (contract.md section 1)."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from imgtar.archive.input.archive_folder import archives_in, folders_in
from imgtar.archive.input.input_name import descriptor_in, parse_input
from imgtar.cli.errors import print_message
from imgtar.errors import UsageError


def archives_of(images: Sequence[str], *, quiet: bool = False) -> list[str]:
    """The archives, in the order given; those of a folder by name. Raises as `check_standard_input` does.

    Unless `quiet`, standard error names each folder of archives that has folders of its own: those are not searched.
    """
    found: list[str] = []
    folders: list[str] = []
    for image in images:
        inside = archives_in(image)
        found += inside or [image]
        folders += [image] if inside else []
    check_standard_input(found)
    for folder in [] if quiet else folders:
        _tell_folders(folder)
    return found


def _tell_folders(folder: str) -> None:
    """Says on standard error how many folders below a folder of archives are not searched."""
    with contextlib.suppress(OSError):  # gone by now
        count = folders_in(folder)
        if count:
            there = "1 folder below was" if count == 1 else f"{count:,} folders below were"
            print_message(f"{there} not searched; `imgtar fleet FOLDER` searches at any depth", folder)


def check_standard_input(archives: Sequence[str]) -> None:
    """Raises UsageError where standard input, or another pipe, is named twice: it can be read once."""
    paths = [parse_input(archive).path for archive in archives]
    if paths.count("-") > 1:
        raise UsageError("usage.stdin-twice", "standard input is named twice; it can be read once", "give - once")
    pipes = [path for path in paths if descriptor_in(path) is not None]
    if len(set(pipes)) < len(pipes):
        raise UsageError("usage.stdin-twice", "one pipe is named twice; it can be read once", "give it once")
