"""What differs between two entries at one path.

Content is never guessed from times or sizes: bodies that can be read by offset are compared in place, others by the
SHA-256 that the scan of a stream took.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imgtar.archive.input.blobs import Blob
from imgtar.filesystem.changes import Why
from imgtar.filesystem.tree import Standing
from imgtar.formats.tar import TarMember
from imgtar.formats.tar.sparse import hashed
from imgtar.layer.scan import LayerScan

_PERMISSIONS = 0o7777
_PIECE = 256 << 10


def differences(old: Standing, new: Standing, scans: Sequence[LayerScan | None]) -> tuple[Why, ...]:
    """Every reason why what stands at a path is not what stood there; () where nothing differs."""
    was, now = old.member, new.member
    if old.broken != new.broken or was.type != now.type:
        return ("type",)
    why: list[Why] = []
    if now.type == "file":
        old_scan, new_scan = scans[old.scan_layer], scans[new.scan_layer]
        assert old_scan is not None
        assert new_scan is not None
        if not same(old_scan, was, new_scan, now):
            why.append("content")
    if (was.mode ^ now.mode) & _PERMISSIONS and now.type != "symlink":
        why.append("mode")
    if was.uid != now.uid or was.gid != now.gid:
        why.append("owner")
    extra, before = now.extra, was.extra
    if not old.implied and (
        was.mtime != now.mtime or (extra.mtime_ns if extra else 0) != (before.mtime_ns if before else 0)
    ):
        why.append("mtime")
    if ((extra and extra.xattrs) or None) != ((before and before.xattrs) or None):
        why.append("xattrs")
    if now.type == "symlink" and was.link != now.link:
        why.append("link")
    if (extra and extra.device) != (before and before.device):
        why.append("device")
    return tuple(why)


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
