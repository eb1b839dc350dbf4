"""What differs between two entries at one path.

Times and sizes say nothing about content: bodies that can be read by offset are compared in place, sparse files and
bodies that passed once by their digests.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imgtar.filesystem.changes import Why
from imgtar.filesystem.tree import FileEntry
from imgtar.findings import Finding
from imgtar.formats.tar import TarMember
from imgtar.layer.bodies import LayerBodies
from imgtar.limits import MIB, LimitReached

_PERMISSIONS = 0o7777
_WORTH_REMEMBERING = MIB  # bytes of a body


def differences(old: FileEntry, new: FileEntry, contents: Contents) -> tuple[Why, ...]:
    """Every reason why the new entry at a path is not the old one; () where nothing differs.

    Raises InputError where the file cannot be read.
    """
    was, now = old.member, new.member
    if old.broken != new.broken or was.type != now.type:
        return ("type",)
    why: list[Why] = []
    if now.type == "file" and contents.differ(old, new):
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


class Contents:
    """Compares the contents of the files of a stack; `bodies` are those of its layers, by index.

    With `new_bodies` the new entries are those of another stack, and these are the bodies of its layers. When the time
    is up, contents that are not compared yet count as different, and `findings` says so once.
    """

    def __init__(
        self, bodies: Sequence[LayerBodies | None], new_bodies: Sequence[LayerBodies | None] | None = None
    ) -> None:
        self._bodies = bodies
        self._new_bodies = bodies if new_bodies is None else new_bodies
        self._compared: dict[tuple[int, int], bool] = {}  # the ids of two large members: do their contents differ?
        self._late: LimitReached | None = None
        self._is_reported = False

    def differ(self, old: FileEntry, new: FileEntry) -> bool:
        """Do two regular files hold different bytes? Raises InputError where the file cannot be read."""
        was, now = old.member, new.member
        is_large = now.size >= _WORTH_REMEMBERING  # files of many names meet many times
        known = self._compared.get((id(was), id(now))) if is_large else None
        if known is not None or self._late is not None:
            return known is not False
        try:
            differ = not _same(was, self._bodies[old.scan_layer], now, self._new_bodies[new.scan_layer])
        except LimitReached as reached:
            self._late = reached
            return True
        if is_large:
            self._compared[id(was), id(now)] = differ
        return differ

    @property
    def late(self) -> bool:
        """Is the time up? Contents that are not compared yet then count as different."""
        return self._late is not None

    def identity(self, member: TarMember, bodies: LayerBodies | None) -> bytes | None:
        """What identifies the content among files of one size; None where it is not whole, or the time is up.

        Raises InputError where the file cannot be read.
        """
        if self._late is not None:
            return None
        try:
            return _comparable(member, bodies)
        except LimitReached as reached:
            self._late = reached
            return None

    def findings(self) -> Iterator[Finding]:
        """That the time is up, once."""
        if self._late is not None and not self._is_reported:
            self._is_reported = True
            yield self._late.finding()


def _same(old: TarMember, old_bodies: LayerBodies | None, new: TarMember, new_bodies: LayerBodies | None) -> bool:
    """Do two regular files hold the same bytes? False where a body is cut and cannot be compared."""
    if old.size != new.size:
        return False
    if old is new or not old.size:
        return True
    hashed, other_hashed = old.digest.comparable, new.digest.comparable
    if hashed is not None and other_hashed is not None:  # while the layers passed
        return hashed == other_hashed
    if old_bodies is not None and new_bodies is not None and not _is_sparse(old) and not _is_sparse(new):
        small, other_small = old_bodies.small(old), new_bodies.small(new)
        if small is not None and other_small is not None:
            return small == other_small and len(small) == old.size
        compared = 0
        for piece, other in zip(old_bodies.stored(old), new_bodies.stored(new), strict=False):
            if piece != other:
                return False
            compared += len(piece)
        return compared == old.size
    digest = _comparable(old, old_bodies)
    return digest is not None and digest == _comparable(new, new_bodies)


def _is_sparse(member: TarMember) -> bool:
    return member.extra is not None and member.extra.segments is not None


def _comparable(member: TarMember, bodies: LayerBodies | None) -> bytes | None:
    """What identifies the content among files of one size (`ContentDigest.comparable`); None where it is not whole."""
    taken = member.digest.comparable
    return taken if taken is not None or bodies is None else bodies.digest(member).comparable
