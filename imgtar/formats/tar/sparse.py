"""Sparse files: old GNU (type `S`) and the pax forms 0.0, 0.1 and 1.0.

GNU tar manual, E.0.1 to E.0.3. A map is bounded before it is built: 1 MiB of text and 100,000 segments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from imgtar.formats.tar.content import ContentDigest, ContentHash
from imgtar.formats.tar.extended import Draft
from imgtar.formats.tar.header import BadNumber, parse_number
from imgtar.formats.tar.member import BLOCK, TarMember
from imgtar.formats.tar.pax import BadPax, parse_integer
from imgtar.limits import SPARSE_MAP_SIZE, SPARSE_SEGMENTS

Segments = tuple[tuple[int, int], ...]
ZEROS = bytes(1 << 20)
ReadBlock = Callable[[int], bytes]  # offset → the block there, shorter at the end


class BadSparse(ValueError):
    """The map is malformed, too large, or contradicts the sizes."""


def is_sparse(values: dict[bytes, bytes]) -> bool:
    """Do these pax records describe a sparse file in a version that exists?"""
    version = (values.get(b"GNU.sparse.major", b""), values.get(b"GNU.sparse.minor", b""))
    if version in ((b"0", b"0"), (b"0", b"1"), (b"1", b"0")):
        return True
    return version == (b"", b"") and bool(values.get(b"GNU.sparse.map"))


def real_size(values: dict[bytes, bytes]) -> int | None:
    """The logical size that the records state; raises BadSparse."""
    value = values.get(b"GNU.sparse.size") or values.get(b"GNU.sparse.realsize")
    return _number(value) if value else None


def pax_map(values: dict[bytes, bytes], offset: int, stored: int, read_block: ReadBlock) -> tuple[Segments, int]:
    """The segments, and how many bytes the map takes of the body (at `offset`, `stored` bytes); raises BadSparse."""
    if values.get(b"GNU.sparse.major") == b"1":
        return _map_1_0(offset, stored, read_block)
    count = _number(values.get(b"GNU.sparse.numblocks", b""))
    text = values.get(b"GNU.sparse.map", b"")
    numbers = text.split(b",") if text else []
    if count < 0 or len(numbers) != 2 * count:
        raise BadSparse
    return _pairs(iter(numbers), count), 0


def _map_1_0(offset: int, stored: int, read_block: ReadBlock) -> tuple[Segments, int]:
    """Decimal lines: the number of segments, then offset and length of each; padded to a block."""
    lines = _lines(offset, stored, read_block)
    first, used = next(lines)
    count = _number(first)
    if not 0 <= count <= SPARSE_SEGMENTS:
        raise BadSparse
    numbers: list[bytes] = []
    for _ in range(2 * count):
        line, used = next(lines)
        numbers.append(line)
    return _pairs(iter(numbers), count), used


def _lines(offset: int, stored: int, read_block: ReadBlock) -> Iterator[tuple[bytes, int]]:
    """Each line with the number of map bytes read until it was whole; raises BadSparse where the map ends early."""
    rest = b""
    used = 0
    while True:
        *lines, rest = rest.split(b"\n")
        for line in lines:
            yield line, used
        if used >= min(SPARSE_MAP_SIZE, stored) or len(rest) > BLOCK:
            raise BadSparse
        block = read_block(offset + used)
        if len(block) < BLOCK:
            raise BadSparse
        rest += block
        used += BLOCK


def old_gnu_map(header: bytes, offset: int, read_block: ReadBlock) -> tuple[Segments, int, int]:
    """The segments and the logical size of a type `S` header, and the bytes of its extension blocks at `offset`.

    Raises BadSparse.
    """
    try:
        size = parse_number(header[483:495])
        pairs = list(_binary_pairs(header[386:482]))
        extended, used = header[482], 0
        while extended:
            block = read_block(offset + used)
            if len(block) < BLOCK or used >= SPARSE_MAP_SIZE:
                raise BadSparse
            pairs.extend(_binary_pairs(block[:504]))
            if len(pairs) > SPARSE_SEGMENTS:
                raise BadSparse
            extended, used = block[504], used + BLOCK
    except BadNumber:
        raise BadSparse from None
    return tuple(pairs), size, used


def _binary_pairs(table: bytes) -> Iterator[tuple[int, int]]:
    for start in range(0, len(table), 24):
        if table[start] == 0:
            return
        yield parse_number(table[start : start + 12]), parse_number(table[start + 12 : start + 24])


def _pairs(numbers: Iterator[bytes], count: int) -> Segments:
    if count > SPARSE_SEGMENTS:
        raise BadSparse
    return tuple((_number(offset), _number(length)) for offset, length in zip(numbers, numbers, strict=True))


def _number(value: bytes) -> int:
    try:
        return parse_integer(value)
    except BadPax:
        raise BadSparse from None


def check(segments: Segments, size: int, stored: int) -> None:
    """Raises BadSparse unless the segments are in order, apart and within the logical size, and hold what is stored."""
    end = total = 0
    for offset, length in segments:
        if offset < end or length < 0:
            raise BadSparse
        end = offset + length
        total += length
    if end > size or size < 0 or total != stored:
        raise BadSparse


def describe(
    header: bytes, dialect: str, draft: Draft, values: dict[bytes, bytes], offset: int, read_block: ReadBlock
) -> int:
    """Makes `draft` the sparse file that the header or its pax records describe, if they do.

    Returns how many bytes of the map lie between `offset` and the data; raises BadSparse.
    """
    stored = draft.size
    if header[156:157] == b"S":
        if dialect != "gnu":
            raise BadSparse
        segments, size, moved = old_gnu_map(header, offset, read_block)
    elif is_sparse(values):
        draft.name = values.get(b"GNU.sparse.name") or draft.name
        if draft.type not in ("file", "unknown"):
            raise BadSparse
        stated = real_size(values)
        size = draft.size if stated is None else stated
        segments, moved = pax_map(values, offset, stored, read_block)
        draft.size -= moved
    else:
        return 0
    draft.sparse_size = size
    check(segments, size, draft.size)
    draft.segments = segments
    return moved


class Hole(msgspec.Struct, frozen=True):
    """`size` zeros of a body that the tar does not store."""

    size: int


Piece = bytes | Hole


def logical(segments: Segments | None, size: int, chunks: Iterator[bytes]) -> Iterator[Piece]:
    """A body of `size` bytes in order, its stored data coming from `chunks`, its holes in one piece each.

    `segments` are None for a file that is stored whole. Where the stored data ends early the pieces end, too.
    """
    have = b""
    end = 0
    for offset, length in ((0, size),) if segments is None else (*segments, (size, 0)):
        if offset > end:
            yield Hole(offset - end)
        end = offset + length
        while length:
            have = have or next(chunks, b"")
            if not have:
                return
            piece, have = (have, b"") if len(have) <= length else (have[:length], have[length:])
            yield piece
            length -= len(piece)


def segments_of(member: TarMember) -> Segments | None:
    """Where the stored data of a sparse file belongs; None for a file that is stored whole."""
    return None if member.extra is None else member.extra.segments


def hashed(member: TarMember, chunks: Iterator[bytes]) -> tuple[ContentDigest, int]:
    """The digest of a logical body, which `chunks` bring as it is stored, and how many zeros of its holes were hashed.

    The digest is empty where the body is cut.
    """
    segments = segments_of(member)
    content = ContentHash(whole=segments is None)
    left = member.size
    for piece in logical(segments, member.size, chunks):
        if isinstance(piece, Hole):
            content.hole(piece.size)
            left -= piece.size
        else:
            content.data(piece)
            left -= len(piece)
    return ContentDigest() if left else content.digest(), content.filled


def expand(segments: Segments, size: int, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The logical bytes of a sparse file in pieces, its stored data coming from `chunks`."""
    for piece in logical(segments, size, chunks):
        yield from filled(piece)


def filled(piece: Piece) -> Iterator[bytes]:
    """The bytes of a piece, those of a hole in chunks of 1 MiB."""
    if isinstance(piece, bytes):
        yield piece
        return
    whole, rest = divmod(piece.size, len(ZEROS))
    for _ in range(whole):
        yield ZEROS
    if rest:
        yield ZEROS[:rest]
