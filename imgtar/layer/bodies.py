"""The bodies of a layer's members, read by offset: for whoever needs bytes after the scan.

A scan holds no handle. The blob comes from the archive, and the scan says whether its members lie in it as they are.
"""

from __future__ import annotations

from collections.abc import Iterator

from imgtar.archive.input.blobs import Blob
from imgtar.formats.tar import TarMember, sparse
from imgtar.layer.scan import LayerScan

_PIECE = 256 << 10


class LayerBodies:
    """The bodies of an uncompressed layer. Reading raises InputError where the file cannot be read."""

    def __init__(self, blob: Blob) -> None:
        self._blob = blob

    def stored(self, member: TarMember) -> Iterator[bytes]:
        """The stored bytes of a body in pieces of 256 KiB, fewer bytes where the tar is cut."""
        for position in range(0, member.stored_size, _PIECE):
            size = min(_PIECE, member.stored_size - position)
            piece = self._blob.read_at(member.offset + position, size)
            if piece:
                yield piece
            if len(piece) < size:
                return

    def sha256(self, member: TarMember) -> bytes | None:
        """The SHA-256 of the logical body, None where it is not whole."""
        return sparse.hashed(member, self.stored(member)).content


def bodies_of(scan: LayerScan | None, blob: Blob | None) -> LayerBodies | None:
    """The bodies of a scanned layer; None where they cannot be read by offset: absent, compressed, or passed once."""
    return None if scan is None or blob is None or scan.compression != "none" else LayerBodies(blob)
