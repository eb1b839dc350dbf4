"""The sections and segments of an ELF file, as elf(5) describes them: as much as a reader of one section needs."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import msgspec

MAGIC = b"\x7fELF"
_MOST_SECTIONS = 4096  # of a program some 40, of one that was compiled by function some thousands
_NO_BITS = 8  # the type of a section without bytes in the file
_LOAD, _WRITABLE = 1, 2
_NAME = 64  # bytes of a section's name that are looked at


class Region(msgspec.Struct, frozen=True, gc=False):
    """Where bytes of the file lie in memory: `size` bytes from `offset` on at `address`."""

    address: int
    offset: int
    size: int


class Elf:
    """The file in `content`. What points outside of it is not there. Raises ValueError for what is not ELF."""

    def __init__(self, content: bytes) -> None:
        if len(content) < 64 or not content.startswith(MAGIC) or content[4] not in (1, 2) or content[5] not in (1, 2):
            raise ValueError("not an ELF file")
        self.content = content
        self.order = "<" if content[5] == 1 else ">"
        self.wide = content[4] == 2

    def section(self, name: bytes) -> Region | None:
        """The first section of this name that has bytes in the file."""
        start, size, count, names = self._header(40, 58, 32, 46)
        layout = struct.Struct(self.order + ("2I4Q" if self.wide else "6I"))
        if size < layout.size or start + size > len(self.content):
            return None
        heads = [self._unpack(layout, start + number * size) for number in range(min(count, _MOST_SECTIONS))]
        table = heads[names][4] if names < len(heads) and heads[names] else 0
        for head in heads:
            if head and self.content[table + head[0] : table + head[0] + _NAME].partition(b"\0")[0] == name:
                return self._region(head[3], head[4], head[5]) if head[1] != _NO_BITS else None
        return None

    def segments(self) -> Iterator[Region]:
        """The segments that are loaded, writable ones first."""
        start, size, count, _ = self._header(32, 54, 28, 42)
        layout = struct.Struct(self.order + ("2I6Q" if self.wide else "8I"))
        found: list[tuple[bool, Region]] = []
        for number in range(min(count, _MOST_SECTIONS)) if size >= layout.size else ():
            head = self._unpack(layout, start + number * size)
            if head and head[0] == _LOAD:
                _kind, flags, offset, address, _, stored = head[:6] if self.wide else _narrow(head)
                region = self._region(address, offset, stored)
                if region is not None:
                    found.append((not flags & _WRITABLE, region))
        yield from (region for _, region in sorted(found, key=lambda one: one[0]))

    def _header(self, wide_at: int, wide_sizes: int, narrow_at: int, narrow_sizes: int) -> tuple[int, int, int, int]:
        """Where a table begins, the size and the number of its rows, and for sections the row of their names."""
        at, sizes = (wide_at, wide_sizes) if self.wide else (narrow_at, narrow_sizes)
        start = struct.unpack_from(self.order + ("Q" if self.wide else "I"), self.content, at)[0]
        size, count, names = struct.unpack_from(self.order + "3H", self.content, sizes)
        return start, size, count, names

    def _unpack(self, layout: struct.Struct, at: int) -> tuple[int, ...]:
        return layout.unpack_from(self.content, at) if 0 <= at <= len(self.content) - layout.size else ()

    def _region(self, address: int, offset: int, size: int) -> Region | None:
        is_inside = offset + size <= len(self.content)
        return Region(address, offset, size) if is_inside else None


def _narrow(head: tuple[int, ...]) -> tuple[int, ...]:
    """The fields of a segment of 32 bits in the order of one of 64: type, flags, offset, address, -, size."""
    return head[0], head[6], head[1], head[2], head[3], head[4]
