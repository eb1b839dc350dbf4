"""Stacking a layer: what it adds, modifies (and why) and deletes, and every inode that dies by it.

OCI image-spec layer.md, with the overlay engines' reading where it is silent. Whiteouts act on lower layers only,
whatever the order of the entries. The cost is linear in the entries of the layer and in what it removes.
"""

from __future__ import annotations

import msgspec

from imgtar.filesystem.changes import NO_CHANGES, Death, DeathKind, LayerChanges, Modified, overwriting_kind
from imgtar.filesystem.differences import differences
from imgtar.filesystem.tree import FileEntry, FileTree
from imgtar.filesystem.tree_builder import LinkedInode, TreeBuilder
from imgtar.findings import FindingLog, Kind, Where
from imgtar.formats.tar import TarMember
from imgtar.layer import problems
from imgtar.layer.bodies import LayerBodies
from imgtar.layer.metadata import xattrs_of
from imgtar.layer.scan import LayerScan

# Of the names of one inode that go in one layer, the first of these names its death.
_PRECEDENCE: dict[DeathKind, int] = {
    "deleted": 0, "replaced": 1, "overwritten": 2, "metadata-only": 3, "identical": 4, "duplicate": 5,
}  # fmt: skip


class Stacker:
    """Puts layers on one another, base first."""

    def __init__(self) -> None:
        self._tree = TreeBuilder()

    def add(self, scan: LayerScan | None, bodies: LayerBodies | None, log: FindingLog) -> LayerChanges:
        """Puts the next layer on; None stands for one that is absent, which is stacked as empty.

        `bodies` are None where they cannot be read by offset. Raises InputError where the file cannot be read.
        """
        layer = self._tree.add_layer(scan, bodies)
        return NO_CHANGES if scan is None else _StackedLayer(self._tree, scan, layer, log).run()

    def finish(self) -> FileTree:
        """The filesystem of all layers; nothing can be added afterwards."""
        return self._tree.finish()


class _StackedLayer:
    """One layer on its way into the tree."""

    def __init__(self, tree: TreeBuilder, scan: LayerScan, layer: int, log: FindingLog) -> None:
        self._tree = tree
        self._scan = scan
        self._log = log
        self._layer = layer
        self._added: list[bytes] = []
        self._modified: dict[bytes, Modified] = {}
        self._removed: dict[bytes, FileEntry] = {}  # lower paths that went and were not stored anew so far
        self._unmarked: set[bytes] = set()  # those of them that no marker hit
        self._inodes: dict[bytes, LinkedInode] = {}  # of names that went
        self._shown: dict[LinkedInode, bytes] = {}  # the names shown as files below this layer
        self._touched: dict[LinkedInode, DeathKind] = {}  # inodes that lost a name
        self._bound: dict[bytes, LinkedInode | None] = {}  # names of this layer in link groups; None: broken
        self._deaths: list[Death] = []
        self._bytes = {"added": 0, "modified": 0, "deleted": 0}

    def run(self) -> LayerChanges:
        tree = self._tree
        self._bind_links()
        self._apply_markers()
        if tree.owner or self._removed:
            self._overlay()
            self._imply()
        else:
            self._lay_ground()
        self._bury()
        self._log.extend(tree.contents.findings())
        rows = (path for path in self._bound if path in tree)
        return LayerChanges(
            added=self._added,
            modified=self._modified,
            deleted=self._removed,
            linked={path: tree.entry(path) for path in rows},
            deaths=self._deaths,
            added_bytes=self._bytes["added"],
            modified_bytes=self._bytes["modified"],
            deleted_bytes=self._bytes["deleted"],
        )

    def _find(self, kind: Kind, path: bytes, offset: int | None, **arguments: bytes | str) -> None:
        self._log.add(kind.at(Where(path=path, offset=offset), None, name=path, **arguments))

    def _bind_links(self) -> None:
        """Gives each hard link its inode: one of this layer, or one that stands below before this layer's markers."""
        groups: dict[int, LinkedInode] = {}
        for path, link in self._scan.links.items():
            if link.inode is not None:
                inode = link.inode
                group = groups.get(id(inode))
                if group is None:
                    group = groups[id(inode)] = LinkedInode(self._layer, inode.path, inode.member)
                    if self._scan.entries.get(inode.path) is inode.member:
                        group.add(inode.path)
                        self._bound[inode.path] = group
                group.add(path)
                self._bound[path] = group
            else:
                self._bound[path] = None if link.broken else self._lower_inode(path, link.target)

    def _lower_inode(self, path: bytes, target: bytes) -> LinkedInode | None:
        tree = self._tree
        offset = self._scan.entries[path].header_offset
        below = tree.entry(target) if target in tree else None
        if below is None or below.broken or below.member.type == "dir":
            missing = "does not exist" if tree.below_is_whole else "is in no layer that was read"
            why = "is a directory" if below and below.member.type == "dir" else missing
            self._find(problems.BAD_LINK, path, offset, target=target, why=f"its target {why}")
            return None
        why = "a file of a lower layer, out of reach for overlay engines"
        self._find(problems.BAD_LINK, path, offset, target=target, why=why)
        inode = tree.linked.get(target)
        if inode is None:
            inode = tree.linked[target] = LinkedInode(below.scan_layer, target, below.member, (target,))
        return inode

    # What goes.

    def _apply_markers(self) -> None:
        tree = self._tree
        for path, offset in self._scan.whiteouts.items():
            if path in tree:
                if self._remove(path).member.type == "dir":
                    self._remove_below(path)
            elif path not in self._removed and tree.below_is_whole:
                self._find(problems.USELESS_WHITEOUT, path, offset)
        for path, offset in self._scan.opaque.items():
            if not path:
                self._find(problems.OPAQUE_ROOT, path, offset)
            if path in tree or not path:
                self._remove_below(path)

    def _remove(self, path: bytes) -> FileEntry:
        """Removes a path; what was there is as it was below this layer, also where the name shown as the file went."""
        inode = self._tree.linked.get(path)
        entry = self._tree.remove(path) if inode is None else self._remove_linked(path, inode)
        self._removed[path] = entry
        return entry

    def _remove_linked(self, path: bytes, inode: LinkedInode) -> FileEntry:
        self._inodes[path] = inode
        shown = self._shown.setdefault(inode, inode.shown)
        entry = self._tree.remove(path)
        return msgspec.structs.replace(entry, link=None if shown == path else shown)

    def _remove_below(self, directory: bytes) -> list[bytes]:
        below = self._tree.take_below(directory)
        for path in below:
            self._remove(path)
        return below

    # What comes.

    def _lay_ground(self) -> None:
        """All of a layer that nothing lies below is added."""
        scan, tree = self._scan, self._tree
        tree.put_first(scan)
        self._added = [*scan.entries, *scan.implied]
        self._bytes["added"] = scan.file_bytes
        for path, inode in self._bound.items():
            if inode is None:
                tree.broken.add(path)
            else:
                tree.linked[path] = inode

    def _overlay(self) -> None:
        tree, owner, removed, bound = self._tree, self._tree.owner, self._removed, self._bound
        fresh: list[bytes] = []
        fresh_bytes = 0
        for path, member in self._scan.entries.items():
            if path in owner or path in removed:
                self._meet(path, member)
            elif path in bound:
                self._added.append(path)
                self._put_linked(path, "added")
            else:
                fresh.append(path)
                if member.type == "file":
                    fresh_bytes += member.size
        tree.put_new(fresh, self._layer)
        self._added += fresh
        self._bytes["added"] += fresh_bytes

    def _put_linked(self, path: bytes, row: str) -> None:
        """Puts a name of a link group; an inode that this layer brings counts its bytes where it is shown as a file."""
        self._tree.put(path, self._layer)
        inode = self._bound[path]
        if inode is None:
            self._tree.broken.add(path)
            return
        inode.add(path)
        self._tree.linked[path] = inode
        if inode.layer == self._layer and inode.shown == path and inode.member.type == "file":
            self._bytes[row] += inode.member.size

    def _meet(self, path: bytes, member: TarMember) -> None:
        """An entry at a path that exists below, whether a marker of this layer hit it or not."""
        tree = self._tree
        marked = path in self._removed
        old = self._removed.pop(path) if marked else tree.entry(path)
        new = self._new(path, member)
        why = differences(old, new, tree.contents)
        if new.member.type == "dir" and not why:
            if marked or old.implied:
                tree.put(path, self._layer, old.layer)
            return
        if not marked:
            if old.member.type == "dir" and new.member.type != "dir":
                self._unmarked.update(self._remove_below(path))
            self._remove(path)
            del self._removed[path]
        self._modified[path] = Modified(why, old.layer)
        self._lose(path, old, overwriting_kind(why))
        if path in self._bound:
            self._put_linked(path, "modified")
        else:
            tree.put(path, self._layer)
            self._bytes["modified"] += member.size if member.type == "file" else 0

    def _new(self, path: bytes, member: TarMember) -> FileEntry:
        inode = self._bound.get(path)
        if inode is not None:
            return FileEntry(inode.member, inode.layer, self._layer)
        return FileEntry(member, self._layer, self._layer, broken=path in self._bound)

    def _imply(self) -> None:
        """Directories that nobody listed: they exist below, or are added, or hide what is not a directory."""
        tree = self._tree
        for path in sorted(self._scan.implied):
            marked = path in self._removed
            if not marked and path not in tree:
                self._added.append(path)
                tree.put(path, self._layer)
                continue
            old = self._removed[path] if marked else tree.entry(path)
            if old.member.type == "dir":
                self._imply_listed(path, old.member)
                if marked:
                    del self._removed[path]
                    tree.put(path, old.scan_layer, old.layer)
                continue
            if not marked:
                self._find(problems.PARENT_NOT_DIR, path, None, was=old.member.type)
                self._remove(path)
            del self._removed[path]
            self._modified[path] = Modified(("type",), old.layer)
            self._lose(path, old, "replaced")
            tree.put(path, self._layer)

    def _imply_listed(self, path: bytes, below: TarMember) -> None:
        """Tells of a directory below that an engine would make anew with other metadata."""
        attributes = ", attributes" if xattrs_of(below) else ""
        stated = f"{below.mode & 0o7777:04o}, {below.uid}:{below.gid}{attributes}"
        if stated != "0755, 0:0":
            self._find(problems.IMPLIED_PARENT, path, None, below=stated)

    # What dies.

    def _lose(self, path: bytes, old: FileEntry, kind: DeathKind) -> None:
        """A name went; without other names its inode dies."""
        if old.broken or old.member.type != "file":
            return
        inode = self._inodes.get(path)
        if inode is None:
            if old.member.size:
                self._deaths.append(Death(path, old.member.size, kind, old.scan_layer, self._layer, old.member.offset))
        elif inode not in self._touched or _PRECEDENCE[kind] < _PRECEDENCE[self._touched[inode]]:
            self._touched[inode] = kind

    def _bury(self) -> None:
        """Counts every path that was removed and not put back, and every inode that has no name left."""
        deleted_inodes: set[LinkedInode] = set()
        for path, old in self._removed.items():
            self._lose(path, old, "replaced" if path in self._unmarked else "deleted")
            inode = self._inodes.get(path)
            if inode is not None:
                deleted_inodes.add(inode)
            elif old.member.type == "file" and not old.broken:
                self._bytes["deleted"] += old.member.size
        for inode, kind in self._touched.items():
            if inode.names or not (size := inode.member.size):
                continue
            self._deaths.append(Death(inode.path, size, kind, inode.layer, self._layer, inode.member.offset))
            if inode in deleted_inodes:
                self._bytes["deleted"] += size
        for displaced in self._scan.displaced:
            if displaced.size:
                self._deaths.append(Death(displaced.path, displaced.size, displaced.kind, self._layer, self._layer))
