"""Tars with a few bytes changed where it hurts, their header checksums repaired; the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.builders import BLOCK, FIELDS, base256, checksum, repair

NUMERIC = ("mode", "uid", "gid", "size", "mtime", "devmajor", "devminor")
FLAGS = b"\x000123456789ABDKLMNSVXZgx\xff"
MAGICS = (b"ustar\x0000", b"ustar  \0", b"\0" * 8, b"ustar\0\0\0", b"ustar   ", b"USTAR\x0000")
DIGITS = b"0123456789 \0+-_.,=\n"


def headers_of(content: bytes) -> list[int]:
    """Offsets of the blocks that have a right checksum, headers of extended headers included."""
    found = []
    for at in range(0, len(content) - BLOCK + 1, BLOCK):
        block = content[at : at + BLOCK]
        digits = block[148:156].strip(b" \0")
        if digits.isdigit() and b"8" not in digits and b"9" not in digits and int(digits, 8) == checksum(block):
            found.append(at)
    return found


def _number(rng: random.Random, width: int) -> bytes:
    """An interesting value for a numeric field of this width."""
    choice = rng.randrange(6)
    if choice == 0:
        return base256(rng.choice((-1, -512, 0, 5, 511, 512, 2**31, 2**62, 2**63 - 1, -(2**63))), width)
    if choice == 1:
        return (b"%o" % rng.choice((0, 1, 4, 511, 512, 513, 1024, 2**20, 2**30))).rjust(width - 1, b"0")[
            -width:
        ] + b"\0"
    if choice == 2:
        return bytes(rng.choice(DIGITS) for _ in range(width))
    if choice == 3:
        return b"\x80" + bytes(rng.randrange(256) for _ in range(width - 1))
    if choice == 4:
        return rng.choice((b" ", b"\0", b"7", b"\xff")) * width
    return (b"%o" % rng.randrange(2000)).rjust(width - 1) + rng.choice((b" ", b"\0", b"9"))


def _header_field(rng: random.Random, block: bytearray) -> None:
    choice = rng.randrange(10)
    if choice < 4:
        at, width = FIELDS[rng.choice(NUMERIC)]
        block[at : at + width] = _number(rng, width)[:width].ljust(width, b"\0")
    elif choice < 6:
        block[156] = rng.choice(FLAGS)
    elif choice == 6:
        block[257:265] = rng.choice(MAGICS)
    elif choice == 7:
        at, width = FIELDS[rng.choice(("name", "linkname", "prefix"))]
        text = rng.choice((b"", b"a" * width, b"x/", b"../e", b"\xff\xfe", b"n\0junk", b"/abs"))
        block[at : at + width] = text[:width].ljust(width, b"\0")
    elif choice == 8:
        block[rng.randrange(257, BLOCK)] = rng.choice(b"\0\1 07\x80\xff")
    else:
        block[rng.randrange(BLOCK)] ^= 1 << rng.randrange(8)


def change_header(rng: random.Random, content: bytes, headers: list[int]) -> bytes:
    """One or two fields of one header, its checksum repaired (mostly)."""
    at = rng.choice(headers)
    block = bytearray(content[at : at + BLOCK])
    for _ in range(rng.randint(1, 2)):
        _header_field(rng, block)
    fixed = bytes(block) if rng.random() < 0.03 else repair(bytes(block), signed=rng.random() < 0.05)
    return content[:at] + fixed + content[at + BLOCK :]


def change_body(rng: random.Random, content: bytes, headers: list[int]) -> bytes:
    """A byte or two right behind a header: pax records, sparse maps, long names."""
    extended = [at for at in headers if content[at + 156] in b"xgLKS" or b"GNUSparse" in content[at : at + 100]]
    at = rng.choice(extended or headers) + BLOCK
    changed = bytearray(content)
    for _ in range(rng.randint(1, 2)):
        spot = at + int(rng.triangular(0, 400, 0))
        if spot < len(changed):
            changed[spot] = rng.choice(DIGITS) if rng.random() < 0.8 else rng.randrange(256)
    return bytes(changed)


def cut(rng: random.Random, content: bytes, headers: list[int]) -> bytes:
    """The tar up to some byte, often near a block."""
    at = rng.randrange(len(content) + 1)
    if rng.random() < 0.7:
        at = max(0, at - at % BLOCK + rng.choice((-1, 0, 1)))
    return content[:at]


def move_blocks(rng: random.Random, content: bytes, headers: list[int]) -> bytes:
    """A block left out, doubled, zeroed or put elsewhere."""
    at = rng.choice(headers) if rng.random() < 0.8 else BLOCK * rng.randrange(max(1, len(content) // BLOCK))
    size = BLOCK * rng.choice((1, 1, 2, 3))
    part = content[at : at + size]
    choice = rng.randrange(4)
    if choice == 0:
        return content[:at] + content[at + size :]
    if choice == 1:
        return content[:at] + part + content[at:]
    if choice == 2:
        return content[:at] + bytes(len(part)) + content[at + size :]
    to = rng.choice(headers)
    rest = content[:at] + content[at + size :]
    return rest[:to] + part + rest[to:]


MUTATORS: tuple[tuple[Callable[[random.Random, bytes, list[int]], bytes], int], ...] = (
    (change_header, 10),
    (change_body, 5),
    (cut, 2),
    (move_blocks, 3),
)


def mutate(content: bytes, seed: int, headers: list[int]) -> bytes:
    """One mutation; `headers` are `headers_of(content)`."""
    rng = random.Random(seed)
    kinds, weights = zip(*MUTATORS, strict=True)
    return rng.choices(kinds, weights)[0](rng, content, headers)
