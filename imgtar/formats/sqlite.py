"""The rows of an SQLite database, read from its pages: SQLite itself would run what a hostile file defines.

sqlite.org, «Database File Format». All rows together have no more bytes than the file, since each byte belongs to one.
"""

from __future__ import annotations

from collections.abc import Iterator

MAGIC = b"SQLite format 3\0"
SCHEMA = 1  # the page where the table of tables begins
_FILE_HEADER = 100
_TABLE_LEAF, _TABLE_INTERIOR, _INDEX_LEAF, _INDEX_INTERIOR = 13, 5, 10, 2
_WITH_ROWS = (_TABLE_LEAF, _INDEX_LEAF, _INDEX_INTERIOR)
_INTERIORS = (_TABLE_INTERIOR, _INDEX_INTERIOR)  # each cell begins with the number of a page
_ENCODINGS = {2: "utf-16-le", 3: "utf-16-be"}
_SIZES = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0)  # bytes of a value by its serial type below 12
_LONGEST_VARINT = 9
_SMALLEST_USABLE = 480  # bytes of a page


class BadDatabase(Exception):
    """This is no SQLite database, or it contradicts itself."""


class Database:
    """The rows of a database as records (`values`). Raises BadDatabase when it is made and while rows are read."""

    def __init__(self, content: bytes) -> None:
        stated = int.from_bytes(content[16:18], "big")
        self._page_size = 65_536 if stated == 1 else stated
        whole = content.startswith(MAGIC) and len(content) >= self._page_size >= 512
        if not whole or self._page_size & self._page_size - 1 or self._page_size - content[20] < _SMALLEST_USABLE:
            raise BadDatabase
        self._content = content
        self._usable = self._page_size - content[20]
        self._left = len(content)  # bytes of rows that may still be read
        self._encoding = _ENCODINGS.get(content[59])

    @property
    def is_cut(self) -> bool:
        """Does the file have fewer pages than its header says, where the header is as new as the pages?"""
        pages = int.from_bytes(self._content[28:32], "big")
        return self._content[24:28] == self._content[92:96] and pages * self._page_size > len(self._content)

    def table(self, root: int) -> Iterator[bytes]:
        """The rows of the table that begins at a page, in their order; each page is read once."""
        waiting, seen = [root], set[int]()
        while waiting:
            number = waiting.pop()
            kind = 0 if number in seen else self._kind(number)
            seen.add(number)
            if kind == _TABLE_INTERIOR:
                last = self._start(number) + 8
                cells = [last, *reversed(self._cells(number))]
                waiting += [int.from_bytes(self._content[cell : cell + 4], "big") for cell in cells]
            elif kind == _TABLE_LEAF:
                yield from self._rows(number)

    def every_row(self) -> Iterator[bytes]:
        """The rows on all pages that can hold some, whatever table or index they belong to."""
        for number in range(1, len(self._content) // self._page_size + 1):
            if self._kind(number) in _WITH_ROWS:
                yield from self._rows(number)

    def text(self, kind: int, value: bytes) -> bytes:
        """The value of this serial type, a text as UTF-8."""
        is_text = kind >= len(_SIZES) and kind & 1
        return value.decode(self._encoding, "replace").encode() if is_text and self._encoding else value

    def _start(self, number: int) -> int:
        """Where the header of a page lies."""
        return _FILE_HEADER if number == SCHEMA else (number - 1) * self._page_size

    def _kind(self, number: int) -> int:
        """The type of a page, 0 where there is none."""
        return self._content[self._start(number)] if 1 <= number <= len(self._content) // self._page_size else 0

    def _cells(self, number: int) -> list[int]:
        """Where the cells of a page lie."""
        start, page = self._start(number), (number - 1) * self._page_size
        first = start + (12 if self._kind(number) in _INTERIORS else 8)
        count = int.from_bytes(self._content[start + 3 : start + 5], "big")
        pointers = self._content[first : min(first + 2 * count, page + self._page_size)]
        return [page + int.from_bytes(pointers[at : at + 2], "big") for at in range(0, len(pointers) - 1, 2)]

    def _rows(self, number: int) -> Iterator[bytes]:
        kind = self._kind(number)
        largest = self._usable - 35 if kind == _TABLE_LEAF else (self._usable - 12) * 64 // 255 - 23
        for cell in self._cells(number):
            size, start = _varint(self._content, cell + (4 if kind in _INTERIORS else 0))
            if kind == _TABLE_LEAF:
                _, start = _varint(self._content, start)
            yield self._payload(start, size, largest)

    def _payload(self, start: int, size: int, largest: int) -> bytes:
        """The row of `size` bytes that begins at `start`: what stands in its page, and the chain of overflow pages.

        Shorter where the chain ends early.
        """
        self._left -= size
        if self._left < 0:
            raise BadDatabase
        if size <= largest:
            return self._content[start : start + size]
        smallest = (self._usable - 12) * 32 // 255 - 23
        local = smallest + (size - smallest) % (self._usable - 4)
        local = local if local <= largest else smallest
        pieces = [self._content[start : start + local]]
        start += local
        rest = size - local
        while rest > 0:
            start = (int.from_bytes(self._content[start : start + 4], "big") - 1) * self._page_size
            piece = self._content[start + 4 : start + min(self._usable, 4 + rest)] if start > 0 else b""
            if not piece:
                break
            pieces.append(piece)
            rest -= len(piece)
        return b"".join(pieces)


def values(row: bytes) -> Iterator[tuple[int, bytes]]:
    """The values of a row, each with its serial type; shorter where the row is cut."""
    header_size, at = _varint(row, 0)
    start = header_size
    while at < min(header_size, len(row)):
        kind, at = _varint(row, at)
        size = _SIZES[kind] if kind < len(_SIZES) else kind - 12 >> 1
        yield kind, row[start : start + size]
        start += size


def _varint(content: bytes, at: int) -> tuple[int, int]:
    """The number at `at`, and where the next one begins. Zeros are read beyond the end."""
    value = 0
    for place in range(at, at + _LONGEST_VARINT - 1):
        byte = content[place] if place < len(content) else 0
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, place + 1
    last = at + _LONGEST_VARINT - 1  # the ninth byte has eight bits of the number
    return value << 8 | (content[last] if last < len(content) else 0), last + 1
