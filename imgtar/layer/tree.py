"""A layer's own tree while its entries are placed in it, in order: names are read, markers taken, sizes summed.

OCI image-spec layer.md, «Whiteouts»; `imgtar.layer.stored_paths` has the rules of what replaces what.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from operator import attrgetter

import msgspec

from imgtar.findings import FindingLog, Where
from imgtar.formats.tar import TarMember
from imgtar.formats.tar.ordinary import CompiledWalker, compiled
from imgtar.formats.tar.path import clean
from imgtar.layer import problems
from imgtar.layer.contents import LayerContents
from imgtar.layer.inodes import Displaced, DisplacedKind, Displacement, HardLink, Inode
from imgtar.layer.metadata import LinkedMetadata, with_xattrs
from imgtar.layer.names import LONGEST_COMPONENT, Marker, Name, Namer
from imgtar.layer.paths import CHARACTERS, PLAIN, join, parent
from imgtar.layer.stored_paths import StoredPaths, one_type
from imgtar.limits import LimitReached, Meter

_PLNK = b".wh..wh.plnk/"  # where AUFS keeps the files that have several names
_CALENDAR = (-62135596800, 253402300799)  # years 1 to 9999
_CHECK_EVERY = 4096
_COUNT_AT = 1 << 20  # bytes of names: a long name is counted at once
_PER_ATTRIBUTE = 64  # bytes that an attribute or a segment of a sparse file takes besides its own, a third of them
_RARE = frozenset({"hardlink", "char", "symlink"})


class LayerTree(StoredPaths):
    """Places the members of a layer one after another; `finish` returns what they come to.

    Without `markers` nothing deletes anything, as in a root filesystem: names such as `.wh.x` are those of files.
    """

    def __init__(self, meter: Meter, log: FindingLog, *, markers: bool = True) -> None:
        super().__init__(meter, log, markers=markers)
        self._namer = Namer(log, markers=markers)
        self._plnk: dict[bytes, TarMember] = {}
        self._linked: dict[Inode, LinkedMetadata] = {}
        self._opaque: dict[bytes, int] = {}
        self._entry_count = 0
        self._whiteout_count = 0
        self._opaque_count = 0
        self._stored_bytes = 0
        self._file_bytes = 0
        self._link_bytes = 0

    def place(self, batches: Iterable[Sequence[TarMember]]) -> None:  # noqa: C901 -- the hot loop: calls would show
        """Places every member; raises LimitReached at `layer-entries` and `metadata-bytes`."""
        entries, implied, directories = self._entries, self._implied, self._directories
        first, last = _CALENDAR
        count = uncounted = size = 0
        try:
            for member in chain.from_iterable(batches) if compiled is None else self._unplaced(compiled, batches):
                count += 1
                if not count % _CHECK_EVERY:
                    uncounted = self._check_limits(uncounted, count)
                kind = member.type
                path = member.name
                if kind == "dir" and path.endswith(b"/"):
                    path = path[:-1]
                cut = path.rfind(b"/")
                head, base = (path[:cut], path[cut + 1 :]) if cut > 0 else (b"", path)
                odd = base.translate(None, PLAIN)
                short = base and base[0] != 0x2E and cut and len(path) <= LONGEST_COMPONENT
                if not short or (odd and not odd.isalpha()) or directories.get(head) != head:
                    unusual = self._locate(member)
                    uncounted += max(0, len(member.name) - len(unusual or b""))
                    if uncounted > _COUNT_AT:
                        uncounted = self._check_limits(uncounted, count)
                    if unusual is None:
                        continue
                    path = unusual
                elif odd:
                    self._namer.fold(path)
                uncounted += len(path) + len(member.link)
                if kind in _RARE:
                    if uncounted > _COUNT_AT:
                        uncounted = self._check_limits(uncounted, count)
                    self._place_rare(path, member)
                if path in entries or path in implied:
                    self._replace(path, member)
                if self._children is not None:
                    self._children.add(path)
                if kind == "file":
                    size += member.size
                elif kind == "dir":
                    directories[path] = path
                entries[path] = member
                if member.extra is not None or not first <= member.mtime <= last:
                    uncounted = self._check_limits(uncounted + self._odd_metadata(path, member), count)
        finally:
            self._entry_count += count
            self._stored_bytes += size
            self._file_bytes += size
        self._check_limits(uncounted, 0)

    def _unplaced(self, walker: CompiledWalker, batches: Iterable[Sequence[TarMember]]) -> Iterator[TarMember]:
        """Places the ordinary members; yields the others, each of which is placed before the next is asked for."""
        for batch in batches:
            position = 0
            while position < len(batch):
                if isinstance(batch, list) and self._children is None:
                    position = self._place_ordinary(walker, batch, position)
                if position < len(batch):
                    yield batch[position]
                    position += 1

    def _place_ordinary(self, walker: CompiledWalker, batch: list[TarMember], position: int) -> int:
        """Places the members from `position` on that are ordinary; returns the position of the first that is not."""
        folded: list[bytes] = []
        stopped, names, made, made_names, files, links = walker.place(
            batch, position, self._entries, self._implied, self._directories, folded, CHARACTERS, LONGEST_COMPONENT
        )
        self._entry_count += stopped - position
        self._stored_bytes += files
        self._file_bytes += files
        self._link_bytes += links
        for path in folded:
            self._namer.fold(path)
        self._count_implied(made, made_names)
        self._check_limits(names, 0)
        return stopped

    def finish(self) -> LayerContents:
        """Settles what can be known only when all entries are placed; nothing can be placed afterwards."""
        displaced = self._displaced()
        self._settle_device_whiteouts()
        self._settle_metadata()
        for path, offset in self._whiteouts.items():
            entry = self._entries.get(path)
            if entry is not None or path in self._implied:
                directory = entry is None or entry.type == "dir"
                kind = problems.WHITEOUT_RECREATED_DIR if directory else problems.WHITEOUT_SAME_LAYER
                self._log.add(kind.at(Where(path=path, offset=offset), name=path))
        self._namer.collisions(self._entries, self._implied)
        self._meter.entries += self._entry_count
        return LayerContents(
            entries=self._entries,
            implied=frozenset(self._implied),
            whiteouts=self._whiteouts,
            opaque=self._opaque,
            links=self._links,
            displaced=displaced,
            strays=tuple(sorted(self._strays, key=attrgetter("offset"))),
            entry_count=self._entry_count,
            whiteout_count=self._whiteout_count,
            opaque_count=self._opaque_count,
            stored_bytes=self._stored_bytes,
            content_size=self._file_bytes + self._link_bytes,
            file_bytes=self._file_bytes,
        )

    def _settle_metadata(self) -> None:
        """Gives files what the last hard link to them states, and directories the attributes of all their listings."""
        for path, xattrs in self._directory_xattrs.items():
            self._entries[path] = with_xattrs(self._entries[path], xattrs)
        final: dict[Inode, Inode] = {}
        for inode, metadata in self._linked.items():
            member = metadata.finish()
            if member is not inode.member:
                final[inode] = Inode(inode.path, member)
                if self._entries.get(inode.path) is inode.member:
                    self._entries[inode.path] = member
        for path, link in self._links.items() if final else ():
            if link.inode in final:
                self._links[path] = msgspec.structs.replace(link, inode=final[link.inode])

    def _displaced(self) -> tuple[Displaced, ...]:
        """The bytes that no link of the layer keeps; they no longer count as the layer's."""
        linked = {id(link.inode) for link in self._links.values() if link.inode is not None}
        displaced: list[Displaced] = []
        for displacement in self._displacements:
            member = displacement.member
            if displacement.inode is not None and id(displacement.inode) in linked:
                continue
            if member.type == "symlink":
                self._link_bytes -= len(member.link)
            else:
                self._file_bytes -= member.size
                displaced.append(Displaced(displacement.path, member.size, self._final_kind(displacement)))
        return tuple(displaced)

    def _final_kind(self, displacement: Displacement) -> DisplacedKind:
        """A file that became another type is stored twice all the same where its path is a file at the layer's end."""
        entry = self._entries.get(displacement.path)
        again = entry is not None and one_type(entry.type, displacement.member.type)
        return "duplicate" if again else displacement.kind

    def _check_limits(self, uncounted: int, count: int) -> int:
        """Counts bytes of metadata, and `count` entries besides those of `_entry_count`; raises LimitReached.

        Returns what is left to be counted: nothing.
        """
        limits = self._meter.limits
        self._meter.keep(uncounted)
        if count + self._entry_count + self._implied_count > limits.layer_entries:
            raise LimitReached("layer-entries", limits.layer_entries)
        return 0

    def _locate(self, member: TarMember) -> bytes | None:
        """The path of an entry whose name or parent needs a second look; None for what has no place in the tree."""
        name = self._namer.read(member)
        if name is None:
            return None
        path = self._path_of(name, member)
        if path != name.path or name.marker is not None:
            self._strays.append(member)
        return path

    def _path_of(self, name: Name, member: TarMember) -> bytes | None:
        if name.marker is Marker.AUFS:
            if name.path.startswith(_PLNK) and member.type == "file":
                self._plnk[name.path] = member
            return None
        if name.marker is Marker.INVALID:
            return None
        if name.too_long:
            return name.path
        directory = parent(name.path)
        resolved = self._resolve(directory)
        same = resolved is None or resolved == directory
        path = name.path if same else join(resolved or b"", name.path[len(directory) :].lstrip(b"/"))
        if name.marker is not None:
            self._mark(name.marker, resolved, path, member)
        if resolved is None:
            self._report(problems.BAD_LINK, name.path, member, target=directory, why="its parent loops")
            return None
        if name.marker is not None:
            return None
        if resolved != directory:
            self._report(problems.WRITE_THROUGH_LINK, path, member, target=b"/" + path)
        return path

    def _mark(self, marker: Marker, directory: bytes | None, path: bytes, member: TarMember) -> None:
        """Takes in a whiteout of `path` or the opaque marker of `directory`; counted even where it has no place."""
        if marker is Marker.OPAQUE:
            self._opaque_count += 1
            if directory is not None:
                self._opaque.setdefault(directory, member.header_offset)
        else:
            self._whiteout_count += 1
            if directory is not None:
                self._whiteouts.setdefault(path, member.header_offset)

    def _place_rare(self, path: bytes, member: TarMember) -> None:
        """Links, and devices that may be whiteouts."""
        if member.type == "symlink":
            self._link_bytes += len(member.link)
            if not member.link:
                self._report(problems.BAD_LINK, path, member, target=b"", why="its target is empty")
        elif member.type == "hardlink":
            link = self._bind_plnk(path, clean(member.link)) or self._bind(path, member)
            if path in self._entries or path in self._implied:
                self._replace(path, member)
            self._links[path] = link
            if link.whiteout:
                self._place_whiteout(path)
            elif link.inode is not None:
                linked = self._linked.get(link.inode)
                if linked is None:
                    linked = self._linked[link.inode] = LinkedMetadata(link.inode.member)
                linked.add(member)
        elif self._is_whiteout(member):
            self._place_whiteout(path)

    def _place_whiteout(self, path: bytes) -> None:
        self._device_whiteouts.append(path)
        self._whiteout_count += 1

    def _bind_plnk(self, path: bytes, target: bytes) -> HardLink | None:
        """The link to a file that AUFS keeps for several names; its bytes count with the first of them."""
        member = self._plnk.get(target)
        if member is None:
            return None
        if target not in self._inodes:
            inode = self._inodes[target] = Inode(path, member)
            self._displacements.append(Displacement(path, member, "replaced", inode))
            self._stored_bytes += member.size
            self._file_bytes += member.size
        return HardLink(target, self._inodes[target])

    def _odd_metadata(self, path: bytes, member: TarMember) -> int:
        """Looks at times and extended attributes; returns the bytes that the attributes and a sparse map take."""
        if not _CALENDAR[0] <= member.mtime <= _CALENDAR[1]:
            self._report(problems.BAD_TIME, path, member, time=member.mtime)
        attributes = (member.extra and member.extra.xattrs) or {}
        if self._markers and member.type == "dir" and attributes.get(b"trusted.overlay.opaque") == b"y":
            self._report(problems.OVERLAY_OPAQUE, path, member)
            self._mark(Marker.OPAQUE, path, path, member)
        segments = (member.extra and member.extra.segments) or ()
        values = sum(len(name) + len(value) for name, value in attributes.items() if isinstance(value, bytes))
        return values + _PER_ATTRIBUTE * (len(attributes) + len(segments))
