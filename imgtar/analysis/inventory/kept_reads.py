"""What databases of packages say, as bytes that a later run reads."""

from __future__ import annotations

import msgspec

from imgtar.analysis.inventory.probe import DatabaseRead
from imgtar.layer.probes import Answers
from imgtar.packages.installed import Installed
from imgtar.packages.inventories import inventory_format


class _Read(msgspec.Struct, frozen=True, array_like=True):
    """A `DatabaseRead` without its format, which its path tells."""

    path: bytes
    packages: tuple[Installed, ...]
    problem: str


_DECODER = msgspec.msgpack.Decoder(dict[int, tuple[_Read, ...]])


def packed_reads(answers: Answers[tuple[DatabaseRead, ...]]) -> bytes | None:
    """The answers as bytes; None where they are not complete."""
    found = answers.by_offset
    if not answers.complete or not all(read.is_complete for reads in found.values() for read in reads):
        return None
    rows = {offset: [_Read(one.path, one.packages, one.problem) for one in reads] for offset, reads in found.items()}
    return msgspec.msgpack.encode(rows)


def unpacked_reads(packed: bytes) -> Answers[tuple[DatabaseRead, ...]] | None:
    """The answers in these bytes, None where there are none."""
    try:
        rows = _DECODER.decode(packed)
    except msgspec.MsgspecError:
        return None
    found: dict[int, tuple[DatabaseRead, ...]] = {}
    for offset, reads in rows.items():
        for one in reads:
            known = inventory_format(one.path)
            if known is None:
                return None
            found[offset] = (*found.get(offset, ()), DatabaseRead(one.path, known, one.packages, one.problem))
    return Answers(found)
