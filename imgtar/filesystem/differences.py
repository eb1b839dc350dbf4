"""What differs between two entries at one path. Content is always decided by content (`imgtar.image.contents`)."""

from __future__ import annotations

from collections.abc import Sequence

from imgtar.filesystem.changes import Why
from imgtar.filesystem.tree import Standing
from imgtar.image.contents import same
from imgtar.layer.scan import LayerScan

_PERMISSIONS = 0o7777


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
