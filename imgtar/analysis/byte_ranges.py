"""What every byte of an archive belongs to: members, padding, the end marker, what follows it, what was not read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from imgtar.archive.index.member_index import MemberIndex
from imgtar.formats.tar import BLOCK

_END_MARKER = 2 * BLOCK


class ByteRange(msgspec.Struct, frozen=True):
    """`length` bytes from `offset` on belong to `what`; `name` is the member's, b"" where there is none."""

    offset: int
    length: int
    what: str
    name: bytes = b""


def byte_ranges(index: MemberIndex, roles: Mapping[bytes, str]) -> list[ByteRange] | None:
    """Every byte of the (decompressed) archive once, in order; None for a directory.

    `roles` says what a member is, by its name; those that it lacks are plain members.
    """
    if index.tar_size is None or index.end_offset is None:
        return None
    return [span for span in _spans(index, roles, index.tar_size) if span.length]


def _spans(index: MemberIndex, roles: Mapping[bytes, str], size: int) -> Iterator[ByteRange]:
    at = 0
    for member in index.all_members:
        if member.start >= size:
            break
        if member.start > at:
            yield ByteRange(at, member.start - at, "not attributed")
        body, padding, end = (
            min(point, size) for point in (member.offset, member.offset + member.stored_size, member.end)
        )
        yield ByteRange(member.start, body - member.start, "header", member.name)
        yield ByteRange(body, padding - body, roles.get(member.name, "member"), member.name)
        yield ByteRange(padding, end - padding, "padding", member.name)
        at = end
    yield from _behind(index, at, size)


def _behind(index: MemberIndex, at: int, size: int) -> Iterator[ByteRange]:
    """What follows the last member."""
    if not index.whole:
        yield ByteRange(at, size - at, "not read")
        return
    end = min(index.end_offset or at, size)  # padding may be missing at the end
    if end > at:
        yield ByteRange(at, end - at, "extended header without a member")
        at = end
    marker = min(at + _END_MARKER, size)
    yield ByteRange(at, marker - at, "end marker")
    first = size if index.trailing_offset is None else index.trailing_offset
    yield ByteRange(marker, max(0, first - marker), "zeros after the end")
    yield ByteRange(first, size - first, "trailing data")
