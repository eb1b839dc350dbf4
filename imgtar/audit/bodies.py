"""The bodies of a layer's files, for whoever must look into them: by offset, or in a second pass over the blob."""

from __future__ import annotations

from collections.abc import Iterator

from imgtar.formats.compression import Decompressed
from imgtar.formats.tar import StreamCursor, TarMember, TarWalk
from imgtar.image.image import ImageLayer
from imgtar.limits import Limits, Meter

_PIECE = 256 << 10


def can_be_read(layer: ImageLayer) -> bool:
    """Are the bodies still to be had? Those of a stream have passed."""
    return layer.scan is None or layer.scan.plain_blob is not None or layer.ref.blob is not None


def bodies(
    layer: ImageLayer, wanted: dict[int, bytes], limits: Limits
) -> Iterator[tuple[bytes, TarMember, Iterator[bytes]]]:
    """Path, entry and stored body in pieces of the files whose offset in the tar is in `wanted` (offset → path).

    A body must be taken, or left, before the next one comes. Raises LimitReached.
    """
    scan = layer.scan
    if scan is None or not wanted:
        return
    if scan.plain_blob is not None:
        for path in wanted.values():
            member = scan.entries[path]
            yield path, member, _pieces(layer, member)
    elif layer.ref.blob is not None:
        walk = TarWalk(StreamCursor(iter(Decompressed(layer.ref.blob.chunks(), Meter(limits)))), Meter(limits))
        for member in walk:
            found = wanted.get(member.offset)
            if found is not None:
                yield found, member, walk.body(member)


def _pieces(layer: ImageLayer, member: TarMember) -> Iterator[bytes]:
    assert layer.scan is not None
    blob = layer.scan.plain_blob
    assert blob is not None
    for position in range(0, member.stored_size, _PIECE):
        piece = blob.read_at(member.offset + position, min(_PIECE, member.stored_size - position))
        if not piece:
            return
        yield piece
