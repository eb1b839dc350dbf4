"""The merged filesystem while layers are put on it: what is at a path changes until `finish` returns the tree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from heapq import heapify, heappop, heappush

import msgspec

from imgtar.filesystem.differences import Contents
from imgtar.filesystem.tree import FileEntry, FileTree, LinkedFile
from imgtar.formats.tar import TarMember
from imgtar.layer.bodies import LayerBodies
from imgtar.layer.paths import Children
from imgtar.layer.scan import LayerScan


class LinkedInode:
    """A file that has or had several names: which layer and path brought it, and the names that are left."""

    __slots__ = ("_first", "layer", "member", "names", "path")

    def __init__(self, layer: int, path: bytes, member: TarMember, names: Iterable[bytes] = ()) -> None:
        self.layer = layer
        self.path = path
        self.member = member
        self.names = set(names)
        self._first: list[bytes] = []  # a heap of the names, and of some that went; filled when first asked for

    def add(self, name: bytes) -> None:
        """The file has one more name."""
        self.names.add(name)
        if self._first:
            heappush(self._first, name)

    @property
    def shown(self) -> bytes:
        """The name that is shown as the file: the one that brought it, else the first that is left."""
        if self.path in self.names or not self.names:
            return self.path
        first = self._first
        while first and first[0] not in self.names:
            heappop(first)
        if not first:
            first.extend(self.names)
            heapify(first)
        return first[0]


class _FinishedInode(msgspec.Struct, frozen=True):
    member: TarMember
    layer: int
    shown: bytes


class TreeBuilder:
    """Holds the tree of the layers so far, with their scans and bodies."""

    def __init__(self) -> None:
        self.scans: list[LayerScan | None] = []
        self.below_is_whole = True  # every layer below the last one was read to its end
        self.bodies: list[LayerBodies | None] = []
        self.owner: dict[bytes, int] = {}
        self.linked: dict[bytes, LinkedInode] = {}
        self.broken: set[bytes] = set()
        self.contents = Contents(self.bodies)
        self._changed: dict[bytes, int] = {}
        self._children: Children | None = None  # built when a directory is first removed
        self._so_far = FileTree(self.scans, self.owner, self._changed, self.linked, self.broken)

    def finish(self) -> FileTree:
        """The tree of all layers; the builder is of no further use."""
        finished: dict[int, LinkedFile] = {
            id(inode): _FinishedInode(inode.member, inode.layer, inode.shown) for inode in self.linked.values()
        }
        linked = {path: finished[id(inode)] for path, inode in self.linked.items()}
        return FileTree(tuple(self.scans), self.owner, self._changed, linked, frozenset(self.broken))

    def add_layer(self, scan: LayerScan | None, bodies: LayerBodies | None) -> int:
        """Takes the scan and the bodies of the next layer; returns its index."""
        if self.scans:
            last = self.scans[-1]
            self.below_is_whole = self.below_is_whole and last is not None and last.complete
        self.scans.append(scan)
        self.bodies.append(bodies)
        return len(self.scans) - 1

    def __contains__(self, path: bytes) -> bool:
        return path in self.owner

    def entry(self, path: bytes) -> FileEntry:
        """What is at `path` now; raises KeyError."""
        return self._so_far.entry(path)

    def take_below(self, directory: bytes) -> list[bytes]:
        """Every path below a directory, each once; the caller removes them all."""
        if self._children is None:
            self._children = Children(self.owner)
        return [path for path in self._children.take(directory) if path in self.owner]

    def put(self, path: bytes, layer: int, changed: int | None = None) -> None:
        """The entry of `layer` is at `path` from now on; `changed` is the layer of its last change, if another."""
        if self._children is not None and path not in self.owner:
            self._children.add(path)
        self.owner[path] = layer
        if changed is None or changed == layer:
            self._changed.pop(path, None)
        else:
            self._changed[path] = changed

    def put_new(self, paths: Sequence[bytes], layer: int) -> None:
        """Puts entries of `layer` at paths where nothing is."""
        if self._children is not None:
            for path in paths:
                self._children.add(path)
        self.owner.update(dict.fromkeys(paths, layer))

    def put_first(self, scan: LayerScan) -> None:
        """Puts all entries of a layer that nothing lies below, at once."""
        layer = len(self.scans) - 1
        self._children = None  # built anew when a directory is removed: registering paths one by one would cost more
        self.owner.update(dict.fromkeys(scan.entries, layer))
        self.owner.update(dict.fromkeys(scan.implied, layer))

    def remove(self, path: bytes) -> FileEntry:
        """Removes a path and returns what was there; raises KeyError."""
        entry = self.entry(path)
        del self.owner[path]
        self._changed.pop(path, None)
        self.broken.discard(path)
        inode = self.linked.pop(path, None)
        if inode is not None:
            inode.names.discard(path)
        return entry
