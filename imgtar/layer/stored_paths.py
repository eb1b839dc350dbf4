"""What is stored at each path of a layer while its entries are placed, and what an entry does to what is there.

OCI image-spec layer.md. The last entry of a path wins; what is not a directory removes what the layer stored under
that path; parents are resolved through symbolic links of this layer only, as overlay engines do.
"""

from __future__ import annotations

from imgtar.findings import FindingLog, Kind, Where
from imgtar.formats.tar import TarMember
from imgtar.formats.tar.path import clean
from imgtar.layer import problems
from imgtar.layer.inodes import DisplacedKind, Displacement, HardLink, Inode
from imgtar.layer.metadata import Xattrs, xattrs_of
from imgtar.layer.parents import follow
from imgtar.layer.paths import Children, join, parent, too_long
from imgtar.limits import LimitReached, Meter

# No header states the name of an implied directory, so that the memory for it is not paid by the size of the input:
# the tree keeps the whole path, and the index of what lies below a directory and the rows of a report copy it.
_COPIES = 4


class StoredPaths:
    """The paths of one layer.

    `directories` remembers where directories lie, links followed: path → real path. It starts anew whenever an
    existing path is replaced. Implied directories count against `layer-entries` and, four times, against
    `metadata-bytes`, as do names that links make longer once: a path of some kilobytes implies directories whose
    names take megabytes.
    """

    def __init__(self, meter: Meter, log: FindingLog, *, markers: bool = True) -> None:
        self._meter = meter
        self._log = log
        self._markers = markers
        self._entries: dict[bytes, TarMember] = {}
        self._implied: set[bytes] = set()
        self._whiteouts: dict[bytes, int] = {}  # of `.wh.` markers so far
        self._device_whiteouts: list[bytes] = []  # where one was placed; later entries may have replaced it
        self._links: dict[bytes, HardLink] = {}
        self._directory_xattrs: dict[bytes, Xattrs] = {}  # of directories that are listed more than once
        self._inodes: dict[bytes, Inode] = {}
        self._strays: list[TarMember] = []
        self._displacements: list[Displacement] = []
        self._directories: dict[bytes, bytes] = {b"": b""}
        self._children: Children | None = None  # built when something with children is first replaced
        self._implied_count = 0  # those that are listed or gone by now, too

    def _report(self, kind: Kind, path: bytes, member: TarMember, **arguments: bytes | str | int) -> None:
        where = Where(path=path, offset=member.header_offset)
        self._log.add(kind.at(where, None, name=member.name, **arguments))

    def _resolve(self, directory: bytes) -> bytes | None:
        """The path at which `directory` really lies; makes it and its parents exist. None where links loop."""
        known = self._directories.get(directory)
        if known is not None:
            return known
        if self._is_new_below_known(directory):
            resolved: bytes | None = directory
        else:
            resolved = follow(directory, self._is_directory, self._link_target)
        if resolved is None:
            return None
        self._make_directories(resolved)
        resolved = self._directories.setdefault(resolved, resolved)
        self._directories[directory] = resolved
        return resolved

    def _is_new_below_known(self, directory: bytes) -> bool:
        """Is nothing stored at the path yet, and its parent a known directory? This is nearly always so."""
        above = parent(directory)
        return (
            self._directories.get(above) == above
            and directory not in self._entries
            and directory[len(above) :].lstrip(b"/") not in (b"", b".", b"..")
            and not too_long(directory)
        )

    def _is_directory(self, path: bytes) -> bool:
        """Is there a directory at `path`, listed or implied? Then its parents are directories, too."""
        entry = self._entries.get(path)
        return path in self._implied if entry is None else entry.type == "dir"

    def _link_target(self, path: bytes) -> bytes | None:
        """The target of the symbolic link at `path`, None where there is none."""
        entry = self._entries.get(path)
        if entry is not None and entry.type == "hardlink":
            inode = self._links[path].inode
            entry = None if inode is None else inode.member
        return entry.link if entry is not None and entry.type == "symlink" else None

    def _make_directories(self, path: bytes) -> None:
        """The path and its parents get children: they are directories now, whatever was stored there."""
        missing: list[bytes] = []
        while path and not self._is_directory(path):
            self._count_implied(1, len(path))
            missing.append(path)
            path = parent(path)
        for path in reversed(missing):
            entry = self._entries.get(path)
            if entry is not None:
                self._report(problems.PARENT_NOT_DIR, path, entry, was=entry.type)
                self._drop(path, "replaced")
            self._implied.add(path)
            self._directories.setdefault(path, path)
            if self._children is not None:
                self._children.add(path)

    def _count_implied(self, made: int, names: int) -> None:
        """Counts directories that were made and the bytes of their paths; raises LimitReached."""
        self._meter.keep(_COPIES * names)
        self._implied_count += made
        if self._implied_count > self._meter.limits.layer_entries:
            raise LimitReached("layer-entries", self._meter.limits.layer_entries)

    def _replace(self, path: bytes, member: TarMember) -> None:
        """Makes room for `member` at a path where something is."""
        old = self._entries.get(path)
        if old is None:
            if member.type == "dir":
                self._implied.discard(path)
                return
            # A directory that only markers made exist is stored nowhere.
            if self._drop_below(path):
                self._report(problems.TYPE_CHANGE, path, member, was="dir", now=member.type)
        elif one_type(old.type, member.type):
            self._report(problems.DUPLICATE_ENTRY, path, member)
        else:
            self._report(problems.TYPE_CHANGE, path, member, was=old.type, now=member.type)
        if old is not None and old.type == "dir" and member.type != "dir":
            self._drop_below(path)
        same_type = old is not None and one_type(old.type, member.type)
        kept = self._directory_xattrs.get(path)
        self._drop(path, "duplicate" if same_type else "replaced")
        self._directories.clear()
        self._directories[b""] = b""
        if old is not None and old.type == member.type == "dir" and (kept or xattrs_of(old)):
            xattrs = self._directory_xattrs[path] = kept or xattrs_of(old).copy()
            xattrs.update(xattrs_of(member))

    def _drop(self, path: bytes, kind: DisplacedKind) -> None:
        self._implied.discard(path)
        old = self._entries.pop(path, None)
        inode = self._inodes.pop(path, None)
        self._directory_xattrs.pop(path, None)
        if old is None:
            return
        self._strays.append(old)
        if old.type in ("file", "symlink"):
            self._displacements.append(Displacement(path, old, kind, inode))
        elif old.type == "hardlink":
            del self._links[path]

    def _drop_below(self, path: bytes) -> bool:
        """Drops everything below a path; was any of it an entry?"""
        if self._children is None:
            self._children = Children([*self._entries, *self._implied])
        entries = len(self._entries)
        for below in self._children.take(path):
            self._drop(below, "replaced")
        return len(self._entries) < entries

    def _bind(self, path: bytes, member: TarMember) -> HardLink:
        """Binds a hard link to the inode that its target has at this moment."""
        cleaned = clean(member.link)
        above = parent(cleaned)
        directory = above if too_long(cleaned) else self._directories.get(above)
        if directory is None:
            directory = follow(above, self._is_directory, self._link_target)
        target = cleaned if directory is None else join(directory, cleaned[len(above) :].lstrip(b"/"))
        self._meter.keep(max(0, len(target) - len(member.link)))
        entry = self._entries.get(target)
        why = ""
        if not cleaned or directory is None:
            why = "it names nothing"
        elif target == path:
            why = "it links to itself"
        elif target in self._implied or (entry is not None and entry.type == "dir"):
            why = "its target is a directory"
        if why:
            self._report(problems.BAD_LINK, path, member, target=member.link, why=why)
            return HardLink(target, None, broken=True)
        if entry is None:
            return HardLink(target, None, whiteout=target in self._whiteouts)
        if entry.type == "hardlink":
            return self._links[target]
        if self._is_whiteout(entry):
            return HardLink(target, None, whiteout=True)
        return HardLink(target, self._inodes.setdefault(target, Inode(target, entry)))

    def _settle_device_whiteouts(self) -> None:
        """Takes devices 0:0 and hard links to whiteouts, which were entries so far, out of the entries."""
        for path in self._device_whiteouts:
            entry = self._entries.get(path)
            link = self._links.get(path)
            if entry is None or not (self._is_whiteout(entry) if link is None else link.whiteout):
                continue
            del self._entries[path]
            self._links.pop(path, None)
            what = "device 0:0" if link is None else "hard link to a whiteout"
            self._report(problems.OVERLAY_WHITEOUT, path, entry, what=what)
            self._strays.append(entry)
            self._whiteouts.setdefault(path, entry.header_offset)

    def _is_whiteout(self, member: TarMember) -> bool:
        """A character device 0:0, which overlayfs takes for a whiteout (image-formats.md 3.3)."""
        extra = member.extra
        return self._markers and member.type == "char" and extra is not None and extra.device == (0, 0)


def one_type(old: str, new: str) -> bool:
    """A file and a hard link are one type."""
    return old == new or {old, new} == {"file", "hardlink"}
