"""The values in an SQLite database (sqlite.org/fileformat2), read from its pages without SQLite.

Every page that can hold rows is read, whatever table it belongs to. So the values of all rows are found, also those
that go on in overflow pages.
"""

from __future__ import annotations

from collections.abc import Iterator

from imgtar.audit.secrets.inside.inflow import DAMAGED, Unread

MAGIC = b"SQLite format 3\0"
_FILE_HEADER = 100
_TABLE_LEAF, _INDEX_LEAF, _INDEX_INTERIOR = 13, 10, 2
_ENCODINGS = {2: "utf-16-le", 3: "utf-16-be"}
_SIZES = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0)  # bytes of a value by its serial type below 12
_SHORTEST = 8  # bytes of a value that may hold a secret
_LONGEST_VARINT = 9


class _Broken(Exception):
    """The database contradicts itself."""


def sqlite_values(body: bytes) -> Iterator[bytes | Unread]:
    """The texts and blobs of at least 8 bytes in a database, as UTF-8. Copies no more bytes than the body has."""
    stated = int.from_bytes(body[16:18], "big")
    page_size = 65_536 if stated == 1 else stated
    if page_size < 512 or page_size & page_size - 1 or len(body) < page_size:
        yield Unread(DAMAGED)
        return
    try:
        yield from _Database(body, page_size).values()
    except _Broken:
        yield Unread(DAMAGED)


class _Database:
    def __init__(self, body: bytes, page_size: int) -> None:
        self._body = body
        self._page_size = page_size
        self._usable = page_size - body[20]
        self._encoding = _ENCODINGS.get(body[59])
        self._left = len(body)  # bytes of rows that may still be read: each byte belongs to one row

    def values(self) -> Iterator[bytes]:
        body, smallest = self._body, (self._usable - 12) * 32 // 255 - 23
        for page in range(0, len(body) - self._page_size + 1, self._page_size):
            at = page + (0 if page else _FILE_HEADER)
            kind = body[at]
            if kind not in (_TABLE_LEAF, _INDEX_LEAF, _INDEX_INTERIOR):
                continue
            first = at + (12 if kind == _INDEX_INTERIOR else 8)
            count = int.from_bytes(body[at + 3 : at + 5], "big")
            largest = self._usable - 35 if kind == _TABLE_LEAF else (self._usable - 12) * 64 // 255 - 23
            pointers = body[first : min(first + 2 * count, page + self._page_size)]
            for index in range(0, len(pointers) - 1, 2):
                cell = page + int.from_bytes(pointers[index : index + 2], "big")
                cell += 4 if kind == _INDEX_INTERIOR else 0
                size, start = _varint(body, cell)
                if kind == _TABLE_LEAF:
                    _, start = _varint(body, start)
                yield from self._texts(self._payload(start, size, smallest, largest))

    def _payload(self, start: int, size: int, smallest: int, largest: int) -> bytes:
        """The row of `size` bytes that begins at `start`: what stands in its page, and the chain of overflow pages."""
        self._left -= size
        if self._left < 0:
            raise _Broken
        if size <= largest:
            return self._body[start : start + size]
        local = smallest + (size - smallest) % (self._usable - 4)
        local = local if local <= largest else smallest
        pieces = [self._body[start : start + local]]
        start += local
        rest = size - local
        while rest > 0:
            start = (int.from_bytes(self._body[start : start + 4], "big") - 1) * self._page_size
            piece = self._body[start + 4 : start + min(self._usable, 4 + rest)] if start > 0 else b""
            if not piece:
                break
            pieces.append(piece)
            rest -= len(piece)
        return b"".join(pieces)

    def _texts(self, row: bytes) -> Iterator[bytes]:
        """The texts and blobs of a row."""
        header_size, at = _varint(row, 0)
        start = header_size
        while at < header_size and start < len(row):
            kind, at = _varint(row, at)
            size = _SIZES[kind] if kind < len(_SIZES) else kind - 12 >> 1
            if kind >= len(_SIZES) and size >= _SHORTEST:
                value = row[start : start + size]
                is_text = kind & 1
                yield value.decode(self._encoding, "replace").encode() if is_text and self._encoding else value
            start += size


def _varint(body: bytes, at: int) -> tuple[int, int]:
    """The number at `at`, and where the next one begins. Zeros are read beyond the end."""
    value = body[at] if at < len(body) else 0
    if value < 0x80:
        return value, at + 1
    value &= 0x7F
    for index in range(1, _LONGEST_VARINT):
        byte = body[at + index] if at + index < len(body) else 0
        if index == _LONGEST_VARINT - 1:
            value = value << 8 | byte
        else:
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                break
    return value, at + index + 1
