"""The table `Packages` of rpmdb.sqlite, read from the pages of the file (SQLite's "Database File Format").

SQLite itself would run what a hostile file defines; here only b-tree pages of tables are read, each once.
"""

from __future__ import annotations

from collections.abc import Iterator

_MAGIC = b"SQLite format 3\0"
_LEAF, _INTERIOR = 13, 5
_SCHEMA_ROOT = 1


def blobs(content: bytes) -> Iterator[bytes]:
    """The headers of the packages. A file that is not such a database, or a damaged one, gives fewer."""
    if not content.startswith(_MAGIC) or len(content) < 512:
        return
    table = _Pages(content)
    for row in table.rows(_SCHEMA_ROOT):
        if len(row) > 3 and row[0] == b"table" and row[1] == b"Packages":
            for values in table.rows(int.from_bytes(row[3], "big")):
                if len(values) > 1:
                    yield values[1]


class _Pages:
    def __init__(self, content: bytes) -> None:
        size = int.from_bytes(content[16:18], "big")
        self._size = max(512, 65536 if size == 1 else size)
        self._usable = max(480, self._size - content[20])
        self._content = content
        self._seen: set[int] = set()

    def _page(self, number: int) -> bytes:
        """The page, empty where there is none or it was read before: so no chain of pages ends in itself."""
        if number in self._seen or number < 1:
            return b""
        self._seen.add(number)
        return self._content[(number - 1) * self._size : number * self._size]

    def rows(self, root: int) -> Iterator[list[bytes]]:
        """The values of each row of the table; numbers as they are stored, so the empty value for 0 and 1."""
        stack = [root]
        while stack:
            number = stack.pop()
            page = self._page(number)
            start = 100 if number == _SCHEMA_ROOT else 0
            kind = page[start] if len(page) > start + 12 else 0
            cells = self._cells(page, start + (12 if kind == _INTERIOR else 8), page[start + 3 : start + 5])
            if kind == _INTERIOR:
                children = [int.from_bytes(page[cell : cell + 4], "big") for cell in cells]
                stack += [int.from_bytes(page[start + 8 : start + 12], "big"), *reversed(children)]
            elif kind == _LEAF:
                for cell in cells:
                    yield _values(self._payload(page, cell))

    @staticmethod
    def _cells(page: bytes, start: int, count: bytes) -> list[int]:
        pointers = page[start : start + 2 * int.from_bytes(count, "big")]
        return [int.from_bytes(pointers[at : at + 2], "big") for at in range(0, len(pointers), 2)]

    def _payload(self, page: bytes, cell: int) -> bytes:
        """The record of a cell, with what its overflow pages hold; empty where it is not whole."""
        size, at = _varint(page, cell)
        _row, at = _varint(page, at)
        if size > len(self._content):
            return b""
        largest, smallest = self._usable - 35, (self._usable - 12) * 32 // 255 - 23
        local = size
        if size > largest:
            local = smallest + (size - smallest) % (self._usable - 4)
            local = local if local <= largest else smallest
        pieces, left = [page[at : at + local]], size - local
        following = int.from_bytes(page[at + local : at + local + 4], "big")
        while left > 0:
            overflow = self._page(following)
            if not overflow:
                return b""
            pieces.append(overflow[4 : 4 + min(left, self._usable - 4)])
            left -= self._usable - 4
            following = int.from_bytes(overflow[:4], "big")
        record = b"".join(pieces)
        return record if len(record) == size else b""


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    """The number at a place and the place behind it; the bits that are there where it is cut."""
    value = 0
    for place in range(at, min(at + 8, len(raw))):
        value = value << 7 | raw[place] & 0x7F
        if raw[place] < 0x80:
            return value, place + 1
    return (value << 8 | raw[at + 8] if at + 8 < len(raw) else value), at + 9


def _values(record: bytes) -> list[bytes]:
    """The values of a record, each as its bytes."""
    end, at = _varint(record, 0)
    values: list[bytes] = []
    place = end
    while at < min(end, len(record)) and len(values) < 5:
        kind, at = _varint(record, at)
        size = (kind - 12) // 2 if kind >= 12 else (0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0)[kind]
        values.append(record[place : place + size])
        place += size
    return values
