"""The files in a tar archive: names and bodies alone, forward, as bytes arrive.

`imgtar.formats.tar` reads layers with every detail; here only a name and a body matter.
"""

from __future__ import annotations

from collections.abc import Generator

from imgtar.audit.secrets.inside.inflow import DAMAGED, Entry, Events, Inflow, Unread
from imgtar.formats.tar.header import ZERO_BLOCK, checksum_matches, parse_number, parse_tail, text
from imgtar.formats.tar.member import BLOCK
from imgtar.formats.tar.pax import BadPax, parse_records, parse_size
from imgtar.limits import EXTENDED_HEADER_SIZE

_BODYLESS = b"123456"  # links, devices, directories and pipes: a stated size means nothing
_LONG_NAME, _PAX, _OTHER_EXTENDED, _SPARSE = b"L", b"x", (b"g", b"K"), b"S"
_MORE_MAP, _MAP_GOES_ON = 482, 504  # bytes of a sparse header and of a block of its map that say that a block follows


def tar_files(inflow: Inflow) -> Events:
    """The files up to the end marker."""
    name: bytes | None = None
    size: int | None = None
    while True:
        block = yield from inflow.take(BLOCK)
        if block in (b"", ZERO_BLOCK):
            return
        try:
            own_size, own_name = _header(block)
            flag = block[156:157]
            if flag in (_PAX, _LONG_NAME):
                body = yield from _extended(inflow, own_size)
                name, size = _long_name(flag, body, name, size)
                continue
        except (ValueError, BadPax):
            yield Unread(DAMAGED)
            return
        stored = own_size if size is None else size
        if flag in _BODYLESS:
            stored = 0
        if flag == _SPARSE:
            yield from _skip_map(inflow, block)
        if stored:
            if flag not in _OTHER_EXTENDED:
                yield Entry(own_name if name is None else name)
            if not (yield from _body(inflow, stored, flag not in _OTHER_EXTENDED)):
                yield Unread(DAMAGED)
                return
        if flag not in _OTHER_EXTENDED:
            name = size = None


def _header(block: bytes) -> tuple[int, bytes]:
    """The size and the name in a header. Raises ValueError."""
    if len(block) < BLOCK or not checksum_matches(block):
        raise ValueError
    size = parse_number(block[124:136])
    if size < 0:
        raise ValueError
    prefix, name = parse_tail(block[257:]).prefix, text(block[:100])
    return size, prefix + b"/" + name if prefix else name


def _extended(inflow: Inflow, size: int) -> Generator[None, None, bytes]:
    """The body of an extended header. Raises ValueError."""
    if size > EXTENDED_HEADER_SIZE:
        raise ValueError
    body = yield from inflow.take(size)
    if len(body) < size or not (yield from inflow.skip(-size % BLOCK)):
        raise ValueError
    return body


def _long_name(flag: bytes, body: bytes, name: bytes | None, size: int | None) -> tuple[bytes | None, int | None]:
    """The name and size of the next file after an extended header. Raises BadPax."""
    if flag == _LONG_NAME:
        return text(body), size
    values = parse_records(body).values
    stated = values.get(b"size")
    return values.get(b"path", name), parse_size(stated) if stated else size


def _skip_map(inflow: Inflow, header: bytes) -> Generator[None, None, None]:
    """Takes the blocks with the rest of the map of an old sparse file."""
    goes_on = bool(header[_MORE_MAP])
    while goes_on:
        block = yield from inflow.take(BLOCK)
        goes_on = len(block) == BLOCK and bool(block[_MAP_GOES_ON])


def _body(inflow: Inflow, size: int, wanted: bool) -> Generator[bytes | None, None, bool]:
    """Takes a body with its padding, in pieces; False where it is cut."""
    left = size
    while left:
        piece = yield from inflow.more(left)
        if not piece:
            return False
        left -= len(piece)
        if wanted:
            yield piece
    return (yield from inflow.skip(-size % BLOCK))
