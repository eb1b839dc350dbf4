"""What databases of packages say, and the same as bytes that a later run reads."""

from __future__ import annotations

import msgspec

from imgtar.layer.probes import Answers, Topic
from imgtar.packages.installed import Installed
from imgtar.packages.inventories import PROGRAMS, InventoryFormat, inventory_format


class DatabaseRead(msgspec.Struct, frozen=True):
    """What one file says. `path` is as the layer names it; `size` is that of a file too large to be read.

    `is_complete` is False where the limit `package-list-bytes` did not let all packages be kept. `read` are the bytes
    of a file that is read only where so many are left of that limit.
    """

    path: bytes
    format: InventoryFormat
    packages: tuple[Installed, ...] = ()
    problem: str = ""
    is_complete: bool = True
    size: int = 0
    read: int = 0


DATABASES: Topic[tuple[DatabaseRead, ...]] = Topic("installed-packages")


class _Read(msgspec.Struct, frozen=True, array_like=True):
    """A `DatabaseRead` with the type of its packages, which with the path tells its format."""

    path: bytes
    type: str
    packages: tuple[Installed, ...]
    problem: str
    size: int
    read: int


_PROGRAMS = {known.type: known for known in PROGRAMS}
_DECODER = msgspec.msgpack.Decoder(dict[int, tuple[_Read, ...]])


def packed_reads(answers: Answers[tuple[DatabaseRead, ...]]) -> bytes | None:
    """The answers as bytes; None where they are not complete."""
    found = answers.by_offset
    if not answers.complete or not all(read.is_complete for reads in found.values() for read in reads):
        return None
    rows = {
        offset: [_Read(one.path, one.format.type, one.packages, one.problem, one.size, one.read) for one in reads]
        for offset, reads in found.items()
    }
    return msgspec.msgpack.encode(rows)


def unpacked_reads(packed: bytes) -> Answers[tuple[DatabaseRead, ...]] | None:
    """The answers in these bytes, None where there are none."""
    try:
        rows = _DECODER.decode(packed)
    except msgspec.MsgspecError:
        return None
    found: dict[int, tuple[DatabaseRead, ...]] = {}
    for offset, reads in rows.items():
        formats = [inventory_format(one.path) or _PROGRAMS.get(one.type) for one in reads]
        found[offset] = tuple(
            DatabaseRead(one.path, known, one.packages, one.problem, size=one.size, read=one.read)
            for one, known in zip(reads, formats, strict=True)
            if known is not None and known.type == one.type
        )
        if len(found[offset]) < len(reads):
            return None
    return Answers(found)
