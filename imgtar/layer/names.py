"""What the name of an entry means, and what is odd about it: markers, unsafe and misleading names."""

from __future__ import annotations

from collections.abc import Container
from enum import Enum

import msgspec

from imgtar.findings import FindingLog, Where
from imgtar.formats.tar import TarMember
from imgtar.formats.tar.path import clean
from imgtar.layer import problems
from imgtar.layer.paths import leaves_root, misleading, too_long

_WHITEOUT = b".wh."
_OPAQUE = b".wh..wh..opq"
_AUFS = b".wh..wh."
LONGEST_COMPONENT = 255
_LONGEST_PATH = 4096


class Marker(Enum):
    """The names that stand for no file (image-spec layer.md, «Whiteouts»; `.wh..wh.` is AUFS's own)."""

    WHITEOUT = "whiteout"
    OPAQUE = "opaque"
    AUFS = "aufs"
    INVALID = "invalid"


class Name(msgspec.Struct, frozen=True):
    """The cleaned path; for a whiteout the path it removes, for an opaque marker its own."""

    path: bytes
    marker: Marker | None
    too_long: bool


class Namer:
    """Reads names and finds what is odd in them; without `markers` no name stands for anything but a file."""

    def __init__(self, log: FindingLog, *, markers: bool = True) -> None:
        self._log = log
        self._markers = markers
        self._folded: dict[bytes, bytes] = {}

    def read(self, member: TarMember) -> Name | None:
        """What the name of `member` means; None for one that names nothing or the root."""
        raw = member.name
        where = Where(path=raw, offset=member.header_offset)
        path = clean(raw)
        if not raw:
            self._log.add(problems.UNSAFE_NAME.at(where, name=raw, why="is empty; the entry has no place"))
            return None
        if not path:
            if member.type == "hardlink":
                self._log.add(problems.ROOT_HARDLINK.at(where))
            elif member.type != "dir":
                self._log.add(problems.ROOT_REPLACED.at(where, was=member.type))
            return None
        long = too_long(path)
        self._report_oddities(raw, path, where, long=long)
        cut = path.rfind(b"/")
        base = path[cut + 1 :]
        if self._markers and path.startswith(_AUFS) and path != _OPAQUE:
            self._log.add(problems.AUFS_METADATA.at(where, name=raw))
            return Name(path, Marker.AUFS, long)
        if self._markers and base.startswith(_WHITEOUT):
            return self._marker(member, path, base, where, long=long)
        if not base.islower():
            self.fold(path)
        return Name(path, None, long)

    def _report_oddities(self, raw: bytes, path: bytes, where: Where, *, long: bool) -> None:
        if raw.startswith(b"/"):
            self._log.add(problems.ABSOLUTE_NAME.at(where, name=raw))
        if b".." in raw and leaves_root(raw):
            self._log.add(problems.UNSAFE_NAME.at(where, name=raw, why="leaves the root; `..` stops there"))
        if long:
            self._log.add(problems.UNSAFE_NAME.at(where, name=raw, why="is too deep or too long to be split"))
        elif len(path) > LONGEST_COMPONENT and (
            len(path) > _LONGEST_PATH or max(map(len, path.split(b"/"))) > LONGEST_COMPONENT
        ):
            self._log.add(problems.LONG_NAME.at(where, name=raw))
        for kind in misleading(raw):
            self._log.add(kind.at(where, name=raw))

    def _marker(self, member: TarMember, path: bytes, base: bytes, where: Where, *, long: bool) -> Name:
        if base == _OPAQUE:
            self._irregular(member, where)
            return Name(path, Marker.OPAQUE, long)
        rest = base[len(_WHITEOUT) :]
        why = ""
        if base.startswith(_AUFS):
            why = "a name of AUFS away from the root"
        elif rest in (b"", b".", b".."):
            why = "it names no file, and engines refuse the layer"
        if why:
            self._log.add(problems.BAD_WHITEOUT.at(where, name=member.name, why=why + "; imgtar ignores it"))
            return Name(path, Marker.INVALID, long)
        self._irregular(member, where)
        return Name(path[: len(path) - len(base)] + rest, Marker.WHITEOUT, long)

    def _irregular(self, member: TarMember, where: Where) -> None:
        if member.type != "file" or member.size:
            what = f"is a {member.type}" if member.type != "file" else f"has {member.size:,} bytes"
            why = f"it {what} and not an empty regular file; it deletes all the same"
            self._log.add(problems.BAD_WHITEOUT.at(where, name=member.name, why=why))

    def fold(self, path: bytes) -> None:
        """Remembers a name that may differ from another in case only; reports the second of two such names."""
        directory, slash, base = path.rpartition(b"/")
        key = directory + slash + base.decode("utf-8", "surrogateescape").casefold().encode("utf-8", "surrogateescape")
        other = self._folded.setdefault(key, path)
        if other != path:
            self._log.add(problems.CASE_COLLISION.at(Where(path=path), name=path, other=other))

    def collisions(self, *stored: Container[bytes]) -> None:
        """Reports the remembered names whose lower-case form is stored, too; forgets all names."""
        for key, path in self._folded.items():
            if key != path and any(key in paths for paths in stored):
                self._log.add(problems.CASE_COLLISION.at(Where(path=path), name=path, other=key))
        self._folded.clear()
