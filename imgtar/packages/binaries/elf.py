"""The sections and segments of an ELF file, as elf(5) describes them: as much as a reader of one section needs."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from functools import cached_property

import msgspec

MAGIC = b"\x7fELF"
_MOST_SECTIONS = 4096  # of a program some 40, of one that was compiled by function some thousands
_NO_BITS = 8  # the type of a section without bytes in the file
_LOAD, _WRITABLE = 1, 2
_HEAD = 64  # bytes
_LONGEST_NAMES = 1 << 20  # bytes of the names of all sections

ReadAt = Callable[[int, int], bytes]


class Region(msgspec.Struct, frozen=True, gc=False):
    """Where bytes of the file lie in memory: `size` bytes from `offset` on at `address`."""

    address: int
    offset: int
    size: int


class Elf:
    """A file of `size` bytes of which `read(offset, size)` reads parts, fewer bytes at its end.

    What points outside of it is not there. Raises ValueError for what is not ELF.
    """

    def __init__(self, read: ReadAt, size: int) -> None:
        self.read = read
        self.size = size
        self._head = head = read(0, _HEAD)
        if len(head) < _HEAD or not head.startswith(MAGIC) or head[4] not in (1, 2) or head[5] not in (1, 2):
            raise ValueError("not an ELF file")
        self.order = "<" if head[5] == 1 else ">"
        self.wide = head[4] == 2

    def section(self, name: bytes) -> Region | None:
        """The first section of this name that has bytes in the file."""
        if name + b"\0" not in self._section_names:
            return None
        layout = self.order + ("2I4Q" if self.wide else "6I")
        start, row, count, _ = self._table(40, 58, 32, 46)
        rows = self.read(start, min(count, _MOST_SECTIONS) * row)
        for at in range(0, len(rows) - struct.calcsize(layout) + 1, row):
            named, kind, _flags, address, offset, size = struct.unpack_from(layout, rows, at)
            if self._section_names.startswith(name + b"\0", named):
                return self._region(address, offset, size) if kind != _NO_BITS else None
        return None

    @cached_property
    def _section_names(self) -> bytes:
        """The names of all sections, each ended by a NUL; empty where there are none."""
        layout = self.order + ("2I4Q" if self.wide else "6I")
        start, row, _, names = self._table(40, 58, 32, 46)
        described = self.read(start + names * row, struct.calcsize(layout))
        if row < struct.calcsize(layout) or len(described) < struct.calcsize(layout):
            return b""
        *_, offset, size = struct.unpack(layout, described)
        return self.read(offset, min(size, _LONGEST_NAMES))

    def segments(self) -> Iterator[Region]:
        """The segments that are loaded, writable ones first."""
        layout = self.order + ("2I6Q" if self.wide else "8I")
        start, row, count, _ = self._table(32, 54, 28, 42)
        rows = self.read(start, min(count, _MOST_SECTIONS) * row) if row >= struct.calcsize(layout) else b""
        found: list[tuple[bool, Region]] = []
        for at in range(0, len(rows) - struct.calcsize(layout) + 1, row or 1):
            head = struct.unpack_from(layout, rows, at)
            if head[0] == _LOAD:
                _kind, flags, offset, address, _, stored = head[:6] if self.wide else _narrow(head)
                region = self._region(address, offset, stored)
                if region is not None:
                    found.append((not flags & _WRITABLE, region))
        yield from (region for _, region in sorted(found, key=lambda one: one[0]))

    def _table(self, wide_at: int, wide_sizes: int, narrow_at: int, narrow_sizes: int) -> tuple[int, int, int, int]:
        """Where a table begins, the size and the number of its rows, and for sections the row of their names."""
        at, sizes = (wide_at, wide_sizes) if self.wide else (narrow_at, narrow_sizes)
        start = struct.unpack_from(self.order + ("Q" if self.wide else "I"), self._head, at)[0]
        size, count, names = struct.unpack_from(self.order + "3H", self._head, sizes)
        return start, size, count, names

    def _region(self, address: int, offset: int, size: int) -> Region | None:
        is_inside = offset + size <= self.size
        return Region(address, offset, size) if is_inside else None


def _narrow(head: tuple[int, ...]) -> tuple[int, ...]:
    """The fields of a segment of 32 bits in the order of one of 64: type, flags, offset, address, -, size."""
    return head[0], head[6], head[1], head[2], head[3], head[4]
