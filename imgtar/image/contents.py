"""Is the content of two entries the same? Never guessed from times or sizes.

Bodies that can be read by offset are compared in place; else the SHA-256 counts that the scan of a stream took.
"""

from __future__ import annotations

from collections.abc import Iterator

from imgtar.archive.input.blobs import Blob
from imgtar.formats.tar import TarMember
from imgtar.formats.tar.sparse import hashed
from imgtar.layer.scan import LayerScan

_PIECE = 256 << 10


def same(old_scan: LayerScan, old: TarMember, new_scan: LayerScan, new: TarMember) -> bool:
    """Do two regular files hold the same bytes? False where a body is cut and cannot be compared."""
    if old.size != new.size:
        return False
    if old is new or not old.size:
        return True
    blob, other = old_scan.plain_blob, new_scan.plain_blob
    if blob is not None and other is not None and not _sparse(old) and not _sparse(new):
        for position in range(0, old.size, _PIECE):
            size = min(_PIECE, old.size - position)
            piece = blob.read_at(old.offset + position, size)
            if len(piece) < size or piece != other.read_at(new.offset + position, size):
                return False
        return True
    digest = _digest(old_scan, old)
    return digest is not None and digest == _digest(new_scan, new)


def _sparse(member: TarMember) -> bool:
    return member.extra is not None and member.extra.segments is not None


def _digest(scan: LayerScan, member: TarMember) -> bytes | None:
    """The SHA-256 of the logical body, None where it is not whole."""
    if member.content is not None:
        return member.content
    if scan.plain_blob is None:
        return None
    return hashed(member, _stored_body(scan.plain_blob, member)).content


def _stored_body(blob: Blob, member: TarMember) -> Iterator[bytes]:
    for position in range(0, member.stored_size, _PIECE):
        piece = blob.read_at(member.offset + position, min(_PIECE, member.stored_size - position))
        if not piece:
            return
        yield piece
