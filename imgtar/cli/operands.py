"""The archives that a command line means: each IMAGE, and what is in a folder of archives (contract.md section 1)."""

from __future__ import annotations

import os
from collections.abc import Sequence

from imgtar.archive.document_names import DOCUMENTS
from imgtar.archive.input.source import parse_input
from imgtar.errors import UsageError
from imgtar.formats.compression import sniff
from imgtar.formats.tar import BLOCK
from imgtar.formats.tar.header import checksum_matches

_V1 = {b"json", b"layer.tar"}  # what the folder of a layer has in an unpacked archive of docker's first format


def archives_of(images: Sequence[str]) -> list[str]:
    """The archives, in the order given; those of a folder by name.

    A folder that is no archive itself stands for the archives in it, one level deep. Raises UsageError where standard
    input is named twice: it can be read once.
    """
    found = [archive for image in images for archive in (_inside(image) or [image])]
    if sum(parse_input(archive).path == "-" for archive in found) > 1:
        raise UsageError("usage.stdin-twice", "standard input is named twice; it can be read once", "give - once")
    return found


def _inside(image: str) -> list[str]:
    """The archives in a folder of archives; empty for anything else."""
    try:
        names = sorted(os.listdir(os.fsencode(image)))
    except (OSError, ValueError):
        return []
    if not DOCUMENTS.isdisjoint(names) or any(_is_v1_layer(image, name) for name in names):
        return []
    paths = (os.path.join(image, os.fsdecode(name)) for name in names)
    return [path for path in paths if _is_archive(path)]


def _is_v1_layer(folder: str, name: bytes) -> bool:
    try:
        return set(os.listdir(os.path.join(os.fsencode(folder), name))) >= _V1
    except OSError:
        return False


def _is_archive(path: str) -> bool:
    """Does it begin like a tar or a compressed file, or is it an unpacked archive?"""
    try:
        if os.path.isdir(path):
            return not DOCUMENTS.isdisjoint(os.listdir(os.fsencode(path)))
        if not os.path.isfile(path):
            return False
        with open(path, "rb") as file:
            head = file.read(BLOCK)
    except OSError:
        return True  # the reader says why it cannot be read
    return sniff(head) != "none" or (len(head) == BLOCK and checksum_matches(head))
