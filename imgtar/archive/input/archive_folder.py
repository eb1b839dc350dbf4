"""A folder that holds archives and is not one itself stands for them: one level, by name (contract.md section 1)."""

from __future__ import annotations

import os
import re

from imgtar.archive.document_names import DOCUMENTS
from imgtar.formats.compression import sniff
from imgtar.formats.tar import BLOCK
from imgtar.formats.tar.header import checksum_matches

_ROOT = {b"etc", b"usr"}  # what a root filesystem has, in which archives may lie
_NAMED = re.compile(r"\.(tar(\.\w+)?|t[gx]z|tbz2?|tzst)$", re.IGNORECASE)
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


def is_root_filesystem(folder: bytes) -> bool:
    """Does it look like the root of a filesystem, in which archives are files like others?"""
    return any(os.path.lexists(os.path.join(folder, name)) for name in _ROOT)


def _is_v1_layer(folder: str, name: bytes) -> bool:
    try:
        return set(os.listdir(os.path.join(os.fsencode(folder), name))) >= _V1
    except OSError:
        return False


def is_archive(path: str) -> bool:
    """Does it begin like a tar or a compressed file, has it the name of a tar, or is it an unpacked archive?

    What only has the name is one as well: the report says that it is empty or no archive.
    """
    try:
        if os.path.isdir(path):
            return not DOCUMENTS.isdisjoint(os.listdir(os.fsencode(path)))
        if _NAMED.search(path) and (os.path.isfile(path) or not os.path.exists(path)):
            return True
        if not os.path.isfile(path):
            return False
        with open(path, "rb") as file:
            head = file.read(BLOCK)
    except OSError:
        return True  # the reader says why it cannot be read
    return sniff(head) != "none" or (len(head) == BLOCK and checksum_matches(head))
