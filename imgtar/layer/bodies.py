"""The bodies of a layer's members, for whoever needs bytes after the scan: by offset, or in one more pass.

A scan holds no handle. The blob comes from the archive, and its first bytes say whether the members lie in it as they
are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from imgtar.archive.input.blobs import Blob
from imgtar.formats.compression import Decompressed, sniff
from imgtar.formats.compression.sniff import HEAD_SIZE
from imgtar.formats.tar import ContentDigest, StreamCursor, TarMember, sparse
from imgtar.layer.scan import LayerScan
from imgtar.limits import DEFAULT, MIB, LimitReached, Limits, Meter

_PIECE = 256 << 10
_CHECK_EVERY = 16 * MIB
_SMALL = 64 << 10  # bytes of a body
_NEAR = 8 << 10  # bytes between two bodies that are read one after the other


class StoredBodies(Protocol):
    """The bodies of one layer, plain or compressed, asked for in the order of their offsets."""

    def stored(self, member: TarMember, /) -> Iterator[bytes]:
        """The stored bytes of a body in pieces, fewer where the tar ends inside it. Raises LimitReached."""


class LayerBodies:
    """The bodies of an uncompressed layer.

    Reading raises InputError where the file cannot be read, and LimitReached when the time is up.
    """

    def __init__(self, blob: Blob, limits: Limits = DEFAULT) -> None:
        self._blob = blob
        self._limits = limits
        self._unchecked = 0  # bytes since the deadline was looked at
        self._digests: dict[int, ContentDigest] = {}
        self._window = b""  # of bytes that were read at once, for small bodies that follow one another
        self._begin = self._end = 0  # where the window begins, and where the last small body ended

    def small(self, member: TarMember) -> bytes | None:
        """The stored bytes of a body at once, fewer where the tar is cut; None where they are more than 64 KiB.

        Bodies that are asked for in the order of the tar are read many at a time.
        """
        size = member.stored_size
        if size > _SMALL:
            return None
        first = member.offset - self._begin
        if first < 0 or first + size > len(self._window):
            follows = 0 <= member.offset - self._end <= _NEAR
            self._window = self._blob.read_at(member.offset, MIB if follows else size)
            self._begin, first = member.offset, 0
            self._count(len(self._window))
        self._end = member.offset + size
        return self._window[first : first + size]

    def _count(self, size: int) -> None:
        """Looks at the deadline now and then."""
        self._unchecked += size
        if self._unchecked >= _CHECK_EVERY:
            self._unchecked = 0
            self._limits.check_deadline()

    def stored(self, member: TarMember) -> Iterator[bytes]:
        """The stored bytes of a body in pieces of 256 KiB, fewer bytes where the tar is cut."""
        for position in range(0, member.stored_size, _PIECE):
            size = min(_PIECE, member.stored_size - position)
            piece = self._blob.read_at(member.offset + position, size)
            self._count(len(piece))
            if piece:
                yield piece
            if len(piece) < size:
                return

    def digest(self, member: TarMember) -> ContentDigest:
        """The digest of the logical body, empty where it is not whole; taken once for each member."""
        digest = self._digests.get(member.offset)
        if digest is None:
            digest, filled = sparse.hashed(member, self.stored(member))
            self._digests[member.offset] = digest
            self._unchecked += filled
        return digest


class PassingBodies:
    """The bodies of a compressed layer, which is decompressed from its start as far as bodies are asked for.

    The limits of decompression count again. Once one is reached every further body raises LimitReached, too.
    """

    def __init__(self, blob: Blob, meter: Meter) -> None:
        self._cursor = StreamCursor(iter(Decompressed(blob.chunks(), meter)))
        self._reached: LimitReached | None = None

    def stored(self, member: TarMember) -> Iterator[bytes]:
        """The stored bytes of a body; no body before it can be read any more."""
        if self._reached is not None:
            raise self._reached
        try:
            yield from self._cursor.chunks(member.offset, member.stored_size)
        except LimitReached as reached:
            self._reached = reached
            raise


def stored_bodies(blob: Blob, meter: Meter) -> StoredBodies:
    """The bodies of the layer in `blob`. Raises InputError where it cannot be read."""
    plain = sniff(blob.read_at(0, HEAD_SIZE)) == "none"
    return LayerBodies(blob, meter.limits) if plain else PassingBodies(blob, meter)


def bodies_of(scan: LayerScan | None, blob: Blob | None, limits: Limits = DEFAULT) -> LayerBodies | None:
    """The bodies of a scanned layer; None where they cannot be read by offset: absent, compressed, or passed once."""
    return None if scan is None or blob is None or scan.compression != "none" else LayerBodies(blob, limits)
