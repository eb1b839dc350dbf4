"""Wasted bytes by directory: which layer brought the files below it, and which one removed them.

A group has all wasted files below one directory that one layer brought and one layer removed in one way (contract.md
section 4). The directory is the deepest one that still says what the files are. A directory that every system has,
such as `/usr` or `/var/lib`, is split into what is below it, and so is one that has nearly all bytes in one directory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from imgtar.filesystem.changes import Death, DeathKind
from imgtar.layer.paths import parent

_DEPTH = 16  # slashes in the path of a group at most, so that the cost is linear
_LEAST_FILES = 2
_LEAST_SHARE = 100  # a group has at least one part of so many of all wasted bytes, so there are at most so many groups
_NEARLY = 10  # all but one part of so many
# Directories of the Filesystem Hierarchy Standard whose names do not say what the files are.
_GENERAL = frozenset({b"home", b"opt", b"root", b"srv", b"usr", b"usr/lib", b"usr/local", b"var", b"var/lib"})


class WasteGroup(msgspec.Struct, frozen=True, gc=False):
    """The wasted files below `directory` with one `kind`, `added_in` and `removed_in`: their number and bytes."""

    directory: bytes
    files: int
    size: int
    kind: DeathKind
    added_in: int
    removed_in: int


class _Region:
    """The wasted files of one set below a directory: their sums, also by the directories that hold the files."""

    __slots__ = ("directories", "files", "path", "size")

    def __init__(self, path: bytes) -> None:
        self.path = path
        self.directories: list[tuple[bytes, int, int]] = []  # each with files and bytes
        self.files = 0
        self.size = 0

    def add(self, directory: bytes, files: int, size: int) -> None:
        """Counts the files that one directory holds itself."""
        self.directories.append((directory, files, size))
        self.files += files
        self.size += size

    def split(self) -> list[_Region]:
        """What is below each directory of this one; the files that it holds itself are in none."""
        start = len(self.path) + 1 if self.path else 0
        parts: dict[bytes, _Region] = {}
        for directory, files, size in self.directories:
            if len(directory) >= start and directory:
                end = directory.find(b"/", start)
                path = directory if end < 0 else directory[:end]
                part = parts.get(path)
                if part is None:
                    part = parts[path] = _Region(path)
                part.add(directory, files, size)
        return list(parts.values())


def waste_groups(rows: Iterable[Death]) -> list[WasteGroup]:
    """The groups of these rows, largest first, then by directory. A row is in at most one group.

    A group has at least two files and a hundredth of all bytes. The cost is linear in the rows.
    """
    sets: dict[tuple[DeathKind, int, int], dict[bytes, list[int]]] = {}
    total = 0
    for row in rows:
        sums = sets.setdefault((row.kind, row.added_in, row.removed_in), {}).setdefault(parent(row.path), [0, 0])
        sums[0] += 1
        sums[1] += row.size
        total += row.size
    groups = [
        WasteGroup(region.path, region.files, region.size, *key)
        for key, sums_of in sets.items()
        for region in _regions(sums_of, total)
    ]
    return sorted(
        groups, key=lambda group: (-group.size, group.directory, group.kind, group.added_in, group.removed_in)
    )


def _regions(sums_of: Mapping[bytes, Sequence[int]], total: int) -> Iterator[_Region]:
    """The regions of one set that are groups; no one is below another one."""
    root = _Region(b"")
    for directory, (files, size) in sums_of.items():
        root.add(directory, files, size)
    waiting = [root]
    while waiting:
        region = waiting.pop()
        if _is_enough(region, total):
            parts = _parts(region, total)
            if parts:
                waiting.extend(parts)
            elif region.path:
                yield region


def _is_enough(region: _Region, total: int) -> bool:
    return region.files >= _LEAST_FILES and region.size * _LEAST_SHARE >= total


def _parts(region: _Region, total: int) -> list[_Region]:
    """The regions that say more than this one; none where this one says enough, or they have too few of its bytes.

    The root is always split: "below /" says nothing.
    """
    if region.path.count(b"/") >= _DEPTH:
        return []
    parts = region.split()
    largest = max((part.size for part in parts), default=0)
    if not region.path:
        return parts
    if region.path not in _GENERAL and largest * _NEARLY < region.size * (_NEARLY - 1):
        return []
    grouped = sum(part.size for part in parts if _is_enough(part, total))
    return parts if grouped * 2 >= region.size else []
