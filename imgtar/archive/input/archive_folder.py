"""A folder that holds archives and is not one itself stands for them: one level, by name (contract.md section 1)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import BinaryIO

from imgtar.archive.document_names import DOCUMENTS
from imgtar.formats.compression import Decompressed
from imgtar.formats.tar import BLOCK
from imgtar.formats.tar.header import checksum_matches
from imgtar.limits import LimitReached, Meter

_ROOT = {b"etc", b"usr"}  # what a root filesystem has, in which archives may lie
_NAMED = re.compile(r"\.(tar(\.\w+)?|t[gx]z|tbz2?|tzst)$", re.IGNORECASE)
_PIECE = 4 << 10
_PEEKED = 1 << 20  # bzip2 gives nothing before the end of its first block, which may have 900 kB
_V1 = {b"json", b"layer.tar"}  # what the folder of a layer has in an unpacked archive of docker's first format


def archives_in(path: str) -> list[str]:
    """The archives in a folder of archives, sorted by name; empty for an archive or a root filesystem."""
    try:
        names = sorted(os.listdir(os.fsencode(path)))
    except (OSError, ValueError):
        return []
    if not (DOCUMENTS | _ROOT).isdisjoint(names) or any(_is_v1_layer(path, name) for name in names):
        return []
    paths = (os.path.join(path, os.fsdecode(name)) for name in names)
    return [inside for inside in paths if is_archive(inside)]


def folders_in(path: str) -> int:
    """How many folders lie in this one that are no archives; `archives_in` does not look into them.

    Raises OSError where the folder cannot be listed.
    """
    with os.scandir(path) as entries:
        return sum(entry.is_dir(follow_symlinks=False) and not is_archive(entry.path) for entry in entries)


def is_root_filesystem(folder: bytes) -> bool:
    """Does it look like the root of a filesystem, in which archives are files like others?"""
    return any(os.path.lexists(os.path.join(folder, name)) for name in _ROOT)


def _is_v1_layer(folder: str, name: bytes) -> bool:
    try:
        return set(os.listdir(os.path.join(os.fsencode(folder), name))) >= _V1
    except OSError:
        return False


def is_archive(path: str) -> bool:
    """Does it begin like a tar or a compressed tar, has it the name of a tar, or is it an unpacked archive?

    What only has the name is one as well, and so is what ends or is damaged before its first bytes can be decompressed:
    the report says that it is empty, damaged or no archive.
    """
    try:
        if os.path.isdir(path):
            return not DOCUMENTS.isdisjoint(os.listdir(os.fsencode(path)))
        if _NAMED.search(path) and (os.path.isfile(path) or not os.path.exists(path)):
            return True
        if not os.path.isfile(path):
            return False
        with open(path, "rb") as file:
            return _begins_as_tar(Decompressed(_pieces(file), Meter()))
    except (OSError, LimitReached):
        return True  # the reader says why it cannot be read


def _begins_as_tar(stream: Decompressed) -> bool:
    """Are the first bytes, decompressed, a tar header, or unreadable?"""
    head = b""
    for chunk in stream:
        head += chunk[:BLOCK]
        if len(head) >= BLOCK:
            return checksum_matches(head[:BLOCK])
    return stream.failed


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    """The beginning of a file, enough for the first bytes of each compression."""
    left = _PEEKED
    while left and (piece := file.read(min(left, _PIECE))):
        left -= len(piece)
        yield piece
