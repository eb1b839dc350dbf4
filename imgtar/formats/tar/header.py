"""The 512-byte header block: checksum, numbers, strings and the four dialects.

POSIX.1-2017 pax, «ustar Interchange Format»; GNU tar manual, E.0 «Basic Tar Format». Every rule on what is
acceptable is that of Go's archive/tar, the reader that docker, containerd and podman use.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from imgtar.formats.tar.member import BLOCK

ZERO_BLOCK = bytes(BLOCK)
INT64_MAX = (1 << 63) - 1
_MEMO = 4096  # field values remembered before the memory of them starts anew
_T = TypeVar("_T")


class BadNumber(ValueError):
    """A numeric field is not a valid number, or a number beyond 64 bits."""


def parse_number(field: bytes) -> int:
    """The value of a numeric field: base-256 where the first bit is set, else octal; raises BadNumber."""
    if field[0] & 0x80:
        bits = 8 * len(field) - 1
        value = int.from_bytes(field, "big") & ((1 << bits) - 1)
        if field[0] & 0x40:
            value -= 1 << bits
        if not -INT64_MAX - 1 <= value <= INT64_MAX:
            raise BadNumber
        return value
    return _parse_octal(field)


def _parse_octal(field: bytes) -> int:
    digits = field.strip(b" \0").partition(b"\0")[0]
    if not digits:
        return 0
    if not digits.isdigit():
        raise BadNumber
    try:
        value = int(digits, 8)
    except ValueError:
        raise BadNumber from None
    if value >> 64:
        raise BadNumber
    # Go turns the unsigned result into an int64 without a check; only 22-digit fields could tell, and none exists.
    return value


def text(field: bytes) -> bytes:
    """A NUL-terminated string, or the whole field where no NUL ends it."""
    return field.partition(b"\0")[0]


def checksum_matches(block: bytes) -> bool:
    """Does the stored checksum equal the unsigned or the signed sum of the block, its own field taken as blanks?"""
    try:
        stored = _parse_octal(block[148:156])
    except BadNumber:
        return False
    outside = block[:148] + block[156:]
    unsigned = sum(outside) + 8 * 0x20
    if stored == unsigned:
        return True
    high = sum(byte >= 0x80 for byte in outside)
    return stored == unsigned - 256 * high


def expected_sum(field: bytes) -> int:
    """The unsigned sum that a whole block must have for its checksum field to be right, -1 where it is not a number."""
    try:
        return _parse_octal(field) - 8 * 0x20 + sum(field)
    except BadNumber:
        return -1


class Tail(msgspec.Struct, frozen=True, gc=False):
    """What the bytes from 257 on say: the dialect, the name's prefix and the device numbers."""

    dialect: str  # v7 | ustar | star | gnu
    prefix: bytes
    device: tuple[int, int]


def parse_tail(tail: bytes) -> Tail:
    """Reads `block[257:]`; raises BadNumber where a device number or a star time is not valid."""
    magic, version = tail[:6], tail[6:8]
    if magic == b"ustar\0":
        device = (parse_number(tail[72:80]), parse_number(tail[80:88]))
        if tail[251:255] != b"tar\0":
            return Tail("ustar", text(tail[88:243]), device)
        parse_number(tail[219:231])
        parse_number(tail[231:243])
        return Tail("star", text(tail[88:219]), device)
    if magic == b"ustar " and version == b" \0":
        device = (parse_number(tail[72:80]), parse_number(tail[80:88]))
        return Tail("gnu", _old_go_prefix(tail), device)
    return Tail("v7", b"", (0, 0))


def _old_go_prefix(tail: bytes) -> bytes:
    """A GNU header has times where ustar has its prefix; Go before 1.8 wrote a prefix there all the same."""
    try:
        for field in (tail[88:100], tail[100:112]):
            if field[0]:
                parse_number(field)
    except BadNumber:
        prefix = text(tail[88:243])
        return prefix if prefix.isascii() else b""
    return b""


def parse_owner(field: bytes) -> tuple[int, int, int]:
    """Mode, user and group of `block[100:124]`. Raises ValueError."""
    return parse_number(field[:8]), parse_number(field[8:16]), parse_number(field[16:])


def remember(memory: dict[bytes, _T], field: bytes, value: _T) -> _T:
    """Keeps the value of a field that other headers may share, in bounded memory; returns it."""
    if len(memory) >= _MEMO:
        memory.clear()
    memory[field] = value
    return value
