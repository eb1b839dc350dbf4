"""What differs between two entries at one path.

Times and sizes say nothing about content: bodies that can be read by offset are compared in place, others by the
SHA-256 that the scan of a stream took.
"""

from __future__ import annotations

from collections.abc import Sequence

from imgtar.filesystem.changes import Why
from imgtar.filesystem.tree import FileEntry
from imgtar.formats.tar import TarMember
from imgtar.layer.bodies import LayerBodies

_PERMISSIONS = 0o7777


def differences(old: FileEntry, new: FileEntry, bodies: Sequence[LayerBodies | None]) -> tuple[Why, ...]:
    """Every reason why the new entry at a path is not the old one; () where nothing differs.

    `bodies` are those of the layers, by index. Raises InputError where the file cannot be read.
    """
    was, now = old.member, new.member
    if old.broken != new.broken or was.type != now.type:
        return ("type",)
    why: list[Why] = []
    if now.type == "file" and not same(was, bodies[old.scan_layer], now, bodies[new.scan_layer]):
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


def same(old: TarMember, old_bodies: LayerBodies | None, new: TarMember, new_bodies: LayerBodies | None) -> bool:
    """Do two regular files hold the same bytes? False where a body is cut and cannot be compared."""
    if old.size != new.size:
        return False
    if old is new or not old.size:
        return True
    if old_bodies is not None and new_bodies is not None and not _is_sparse(old) and not _is_sparse(new):
        compared = 0
        for piece, other in zip(old_bodies.stored(old), new_bodies.stored(new), strict=False):
            if piece != other:
                return False
            compared += len(piece)
        return compared == old.size
    digest = _sha256(old, old_bodies)
    return digest is not None and digest == _sha256(new, new_bodies)


def _is_sparse(member: TarMember) -> bool:
    return member.extra is not None and member.extra.segments is not None


def _sha256(member: TarMember, bodies: LayerBodies | None) -> bytes | None:
    """The SHA-256 of the logical body, None where it is not whole."""
    if member.content is not None:
        return member.content
    return None if bodies is None else bodies.sha256(member)
