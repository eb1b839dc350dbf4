"""A layer's own tree while its entries are placed in it, in order.

OCI image-spec layer.md. The last entry of a path wins; what is no directory removes what the layer stored under
that path; parents are resolved through symbolic links of this layer only, as overlay engines do.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from imgtar.findings import FindingLog, Kind, Where
from imgtar.formats.tar import TarMember
from imgtar.layer import problems
from imgtar.layer.inodes import Displaced, DisplacedKind, Gone, HardLink, Inode
from imgtar.layer.names import LONGEST_COMPONENT, Marker, Name, Namer
from imgtar.layer.parents import Parents
from imgtar.layer.paths import PLAIN, Children, clean, parent
from imgtar.limits import LimitReached, Meter

_PLNK = b".wh..wh.plnk/"
_CALENDAR = (-62135596800, 253402300799)  # years 1 to 9999
_CHECK_EVERY = 4096
_RARE = frozenset({"hardlink", "char", "symlink"})


class Upper:
    """Places entries one after another; its public attributes are those of `LayerScan`."""

    def __init__(self, meter: Meter, log: FindingLog) -> None:
        self._meter = meter
        self._log = log
        self.entries: dict[bytes, TarMember] = {}
        self.implied: set[bytes] = set()
        self.whiteouts: dict[bytes, int] = {}
        self.opaque: dict[bytes, int] = {}
        self.links: dict[bytes, HardLink] = {}
        self.displaced: list[Displaced] = []
        self.strays: list[TarMember] = []
        self.entry_count = 0
        self.whiteout_count = 0
        self.opaque_count = 0
        self.stored_bytes = 0
        self.file_bytes = 0
        self.link_bytes = 0
        self._parents = Parents(self.entries, self._imply, self._link_target, self._become_directory)
        self._namer = Namer(log)
        self._inodes: dict[bytes, Inode] = {}
        self._plnk: dict[bytes, TarMember] = {}
        self._gone: list[Gone] = []
        self._children: Children | None = None

    def place(self, members: Iterable[TarMember]) -> None:  # noqa: C901 -- the hot loop over all entries
        """Places every member; raises LimitReached at `layer-entries` and `metadata-bytes`."""
        entries, implied, found = self.entries, self.implied, self._parents.found
        first, last = _CALENDAR
        count = kept = size = 0
        try:
            for member in members:
                count += 1
                if not count % _CHECK_EVERY:
                    kept = self._check_limits(kept, count)
                kind = member.type
                path = member.name
                if kind == "dir" and path.endswith(b"/"):
                    path = path[:-1]
                cut = path.rfind(b"/")
                head, base = (path[:cut], path[cut + 1 :]) if cut > 0 else (b"", path)
                odd = base.translate(None, PLAIN)
                short = base and base[0] != 0x2E and cut and len(path) <= LONGEST_COMPONENT
                if not short or (odd and not odd.isalpha()) or found.get(head) != head:
                    unusual = self._locate(member)
                    if unusual is None:
                        continue
                    path = unusual
                elif odd:
                    self._namer.fold(path)
                kept += len(path) + len(member.link)
                if kind in _RARE and not self._place_rare(path, member):
                    continue
                if path in entries or path in implied:
                    self._replace(path, member)
                if self._children is not None:
                    self._children.add(path)
                if kind == "file":
                    size += member.size
                elif kind == "dir":
                    found[path] = path
                if member.extra is not None or not first <= member.mtime <= last:
                    kept += self._odd_metadata(path, member)
                entries[path] = member
        finally:
            self.entry_count = count
            self.stored_bytes += size
            self.file_bytes += size
        self._check_limits(kept, count)

    def finish(self) -> None:
        """Settles what can be known only when all entries are placed."""
        standing = {id(link.inode) for link in self.links.values() if link.inode is not None}
        for gone in self._gone:
            if gone.inode is not None and id(gone.inode) in standing:
                continue
            if gone.member.type == "symlink":
                self.link_bytes -= len(gone.member.link)
            else:
                self.file_bytes -= gone.member.size
                self.displaced.append(Displaced(gone.path, gone.member.size, gone.kind))
        for path, offset in self.whiteouts.items():
            entry = self.entries.get(path)
            if entry is not None or path in self.implied:
                directory = entry is None or entry.type == "dir"
                kind = problems.WHITEOUT_RECREATED_DIR if directory else problems.WHITEOUT_SAME_LAYER
                self._log.add(kind.at(Where(path=path, offset=offset), name=path))
        self._namer.collisions(self.entries, self.implied)
        self._gone.clear()
        self.strays.sort(key=attrgetter("offset"))
        self._meter.entries += self.entry_count

    def _check_limits(self, kept: int, count: int) -> int:
        """Raises LimitReached; returns what is left to be counted: nothing."""
        limits = self._meter.limits
        self._meter.metadata_bytes += kept
        if self._meter.metadata_bytes > limits.metadata_bytes:
            raise LimitReached("metadata-bytes", limits.metadata_bytes)
        if count > limits.layer_entries:
            raise LimitReached("layer-entries", limits.layer_entries)
        return 0

    def _find(self, kind: Kind, path: bytes, member: TarMember, **arguments: bytes | str | int) -> None:
        where = Where(path=path, offset=member.header_offset)
        self._log.add(kind.at(where, None, name=member.name, **arguments))

    # Where an entry belongs.

    def _locate(self, member: TarMember) -> bytes | None:
        """The path of an entry whose name or parent needs a second look; None for what has no place in the tree."""
        name = self._namer.read(member)
        if name is None:
            return None
        path = self._place_of(name, member)
        if path != name.path or name.marker is not None:
            self.strays.append(member)
        return path

    def _place_of(self, name: Name, member: TarMember) -> bytes | None:
        if name.marker is Marker.AUFS:
            if name.path.startswith(_PLNK) and member.type == "file":
                self._plnk[name.path] = member
            return None
        if name.marker is Marker.INVALID:
            return None
        if name.too_long:
            return name.path
        directory, base = parent(name.path), name.path[len(parent(name.path)) :].lstrip(b"/")
        resolved = self._parents.resolve(directory)
        path = name.path if resolved == directory else (resolved + b"/" + base if resolved else base)
        if name.marker is not None:
            self._mark(name.marker, resolved, path, member)
        if resolved is None:
            self._find(problems.BAD_LINK, name.path, member, target=directory, why="its parent loops")
            return None
        if name.marker is not None:
            return None
        if resolved != directory:
            self._find(problems.WRITE_THROUGH_LINK, path, member, target=b"/" + path)
        return path

    def _mark(self, marker: Marker, directory: bytes | None, path: bytes, member: TarMember) -> None:
        """Takes in a whiteout of `path` or the opaque marker of `directory`; counted even where it has no place."""
        offset = member.header_offset
        if marker is Marker.OPAQUE:
            self.opaque_count += 1
            if directory is not None:
                self.opaque.setdefault(directory, offset)
        else:
            self.whiteout_count += 1
            if directory is not None:
                self.whiteouts.setdefault(path, offset)

    def _link_target(self, path: bytes) -> bytes | None:
        """The target of the symbolic link at `path`, None where there is none."""
        entry = self.entries.get(path)
        if entry is not None and entry.type == "hardlink":
            inode = self.links[path].inode
            entry = None if inode is None else inode.member
        return entry.link if entry is not None and entry.type == "symlink" else None

    # What an entry does to what is there.

    def _imply(self, path: bytes) -> None:
        self.implied.add(path)
        if self._children is not None:
            self._children.add(path)

    def _become_directory(self, path: bytes) -> None:
        """Something stored at `path` in this layer gets children: it is a directory from now on."""
        entry = self.entries[path]
        self._find(problems.PARENT_NOT_DIR, path, entry, was=entry.type)
        self._drop(path, "replaced")
        self._imply(path)

    def _replace(self, path: bytes, member: TarMember) -> None:
        old = self.entries.get(path)
        if old is None:
            if member.type == "dir":
                self.implied.discard(path)
                return
            self._find(problems.TYPE_CHANGE, path, member, was="dir", now=member.type)
        elif _one_type(old.type, member.type):
            self._find(problems.DUPLICATE_ENTRY, path, member)
        else:
            self._find(problems.TYPE_CHANGE, path, member, was=old.type, now=member.type)
        if member.type != "dir" and (old is None or old.type == "dir"):
            self._remove_below(path)
        kept_type = old is not None and _one_type(old.type, member.type)
        self._drop(path, "duplicate" if kept_type else "replaced")
        self._parents.forget()

    def _drop(self, path: bytes, kind: DisplacedKind) -> None:
        self.implied.discard(path)
        old = self.entries.pop(path, None)
        inode = self._inodes.pop(path, None)
        if old is not None:
            self.strays.append(old)
        if old is not None and old.type in ("file", "symlink"):
            self._gone.append(Gone(path, old, kind, inode))
        if old is None or old.type != "hardlink":
            return
        del self.links[path]

    def _remove_below(self, path: bytes) -> None:
        if self._children is None:
            self._children = Children([*self.entries, *self.implied])
        for below in list(self._children.descendants(path)):
            self._drop(below, "replaced")

    def _place_rare(self, path: bytes, member: TarMember) -> bool:
        """Links and devices; False for one that is a whiteout in disguise."""
        if member.type == "symlink":
            self.link_bytes += len(member.link)
            if not member.link:
                self._find(problems.BAD_LINK, path, member, target=b"", why="its target is empty")
        elif member.type == "hardlink":
            link = self._bind(path, member)
            if path in self.entries or path in self.implied:
                self._replace(path, member)
            self.links[path] = link
        elif member.extra is not None and member.extra.device == (0, 0):
            self._find(problems.OVERLAY_WHITEOUT, path, member)
            self._mark(Marker.WHITEOUT, b"", path, member)
            self.strays.append(member)
            return False
        return True

    def _bind(self, path: bytes, member: TarMember) -> HardLink:
        """Binds a hard link to the inode that its target has at this moment."""
        cleaned = clean(member.link) or b""
        taken = self._plnk.get(cleaned)
        if taken is not None:
            if cleaned not in self._inodes:
                inode = self._inodes[cleaned] = Inode(path, taken)
                self._gone.append(Gone(path, taken, "duplicate", inode))
                self.stored_bytes += taken.size
                self.file_bytes += taken.size
            return HardLink(cleaned, self._inodes[cleaned])
        directory = self._parents.look(parent(cleaned))
        base = cleaned[len(parent(cleaned)) :].lstrip(b"/")
        target = cleaned if not directory else directory + b"/" + base
        entry = self.entries.get(target)
        why = ""
        if not cleaned or directory is None:
            why = "it names nothing"
        elif target == path:
            why = "it links to itself"
        elif target in self.implied or (entry is not None and entry.type == "dir"):
            why = "its target is a directory"
        if why:
            self._find(problems.BAD_LINK, path, member, target=member.link, why=why)
            return HardLink(target, None, broken=True)
        if entry is None:
            return HardLink(target, None)
        if entry.type == "hardlink":
            return self.links[target]
        return HardLink(target, self._inodes.setdefault(target, Inode(target, entry)))

    def _odd_metadata(self, path: bytes, member: TarMember) -> int:
        """Looks at times and extended attributes; returns the bytes of the attributes."""
        if not _CALENDAR[0] <= member.mtime <= _CALENDAR[1]:
            self._find(problems.BAD_TIME, path, member, time=member.mtime)
        attributes = (member.extra and member.extra.xattrs) or {}
        if member.type == "dir" and attributes.get(b"trusted.overlay.opaque") == b"y":
            self._find(problems.OVERLAY_OPAQUE, path, member)
            self._mark(Marker.OPAQUE, path, path, member)
        return sum(len(name) + (len(value) if isinstance(value, bytes) else 0) for name, value in attributes.items())


def _one_type(old: str, new: str) -> bool:
    """A file and a hard link are one type."""
    return old == new or {old, new} == {"file", "hardlink"}
