"""Packages of rpm's Berkeley DB back end: a hash whose values lie on chains of overflow pages.

The layout is that of Berkeley DB's dbinc/db_page.h. The byte order is that of the machine that made it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_MAGIC = 0x061561
_HASH_PAGES, _OVERFLOW_PAGE = (2, 13), 7
_OFF_PAGE = 3  # the type of an item whose value lies on overflow pages
_HEAD = 26  # bytes of a page's head


def blobs(content: bytes) -> Iterator[bytes]:
    """The headers of the packages; an empty one stands for what cannot be read."""
    head = content[:512].ljust(512, b"\0")
    order = next((order for order in "<>" if struct.unpack_from(order + "I", head, 12)[0] == _MAGIC), None)
    size = 0 if order is None else struct.unpack_from(order + "I", head, 20)[0]
    if order is None or not 512 <= size <= 1 << 16:
        yield b""
        return
    seen: set[int] = set()
    for start in range(size, len(content) - size + 1, size):
        count = struct.unpack_from(order + "H", content, start + 20)[0]
        if content[start + 25] not in _HASH_PAGES or count > (size - _HEAD) // 2:
            continue
        items = struct.unpack_from(f"{order}{count}H", content, start + _HEAD)
        for item in items[1::2]:  # the key of a package, then its header
            if item + 12 <= size and content[start + item] == _OFF_PAGE:
                page, length = struct.unpack_from(order + "2I", content, start + item + 4)
                yield _chain(content, order, size, page, length, seen)


def _chain(content: bytes, order: str, size: int, page: int, length: int, seen: set[int]) -> bytes:
    """The value on a chain of overflow pages; each page is read once, so no chain ends in itself."""
    pieces: list[bytes] = []
    left = length
    while left > 0 and page and page not in seen and (page + 1) * size <= len(content):
        seen.add(page)
        start = page * size
        following = struct.unpack_from(order + "I", content, start + 16)[0]
        used = struct.unpack_from(order + "H", content, start + 22)[0]
        if content[start + 25] != _OVERFLOW_PAGE:
            break
        pieces.append(content[start + _HEAD : start + min(size, _HEAD + used)])
        left -= len(pieces[-1])
        page = following
    return b"".join(pieces)[:length]
