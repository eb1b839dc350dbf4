"""The merged filesystem: which layer's entry stands at each path.

The tree is a dictionary from path to layer; the entries themselves stay in the scans. `imgtar.filesystem.stacking` puts
layers on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from imgtar.formats.tar import TarMember
from imgtar.layer.paths import Children
from imgtar.layer.scan import LayerScan

# A directory that nobody listed: 0755, owned by root, without a time.
IMPLIED = TarMember(b"", "dir", 0, 0o755, 0, 0, 0, b"", 0)


class LinkedInode:
    """A file that has or had several names: which layer and path brought it, and the names that still stand."""

    __slots__ = ("layer", "member", "names", "path")

    def __init__(self, layer: int, path: bytes, member: TarMember, names: Iterable[bytes] = ()) -> None:
        self.layer = layer
        self.path = path
        self.member = member
        self.names = set(names)

    def file_name(self) -> bytes:
        """The name that is shown as the file: the one that brought it, else the first that is left."""
        return self.path if self.path in self.names or not self.names else min(self.names)


class Standing(msgspec.Struct, frozen=True, gc=False):
    """What stands at a path.

    `member` has the content and metadata (a hard link's are its target's), `scan_layer` is the layer that holds it,
    `layer` the last one in whose changes the path is added or modified. `link` is, for a hard link, the path of the
    name that is shown as the file. A `broken` link has no content.
    """

    member: TarMember
    scan_layer: int
    layer: int
    link: bytes | None = None
    implied: bool = False
    broken: bool = False


class FileTree:
    """Paths are raw bytes relative to the root, which has no entry of its own."""

    def __init__(self) -> None:
        self.scans: list[LayerScan | None] = []
        self.owner: dict[bytes, int] = {}
        self.linked: dict[bytes, LinkedInode] = {}
        self.broken: set[bytes] = set()
        self._changed: dict[bytes, int] = {}  # where the layer of the last change is not the owner
        self._children: Children | None = None  # built when a directory first goes

    def __contains__(self, path: bytes) -> bool:
        return path in self.owner

    def __iter__(self) -> Iterator[bytes]:
        """The paths that stand, in no order."""
        return iter(self.owner)

    def standing(self, path: bytes) -> Standing:
        """What stands at `path`; raises KeyError."""
        owner = self.owner[path]
        layer = self._changed.get(path, owner)
        inode = self.linked.get(path)
        if inode is not None:
            shown = inode.file_name()
            return Standing(inode.member, inode.layer, layer, None if shown == path else shown)
        scan = self.scans[owner]
        assert scan is not None
        member = scan.entries.get(path)
        if member is None:
            return Standing(IMPLIED, owner, layer, implied=True)
        if path in self.broken:
            return Standing(member, owner, layer, scan.links[path].target, broken=True)
        return Standing(member, owner, layer)

    def below(self, directory: bytes) -> list[bytes]:
        """Every path that stands below a directory, each once."""
        if self._children is None:
            self._children = Children(self.owner)
        return list(dict.fromkeys(path for path in self._children.descendants(directory) if path in self.owner))

    def put(self, path: bytes, layer: int, changed: int | None = None) -> None:
        """The entry of `layer` stands at `path` from now on; `changed` is the layer of its last change, if another."""
        if self._children is not None and path not in self.owner:
            self._children.add(path)
        self.owner[path] = layer
        if changed is None or changed == layer:
            self._changed.pop(path, None)
        else:
            self._changed[path] = changed

    def put_new(self, paths: Sequence[bytes], layer: int) -> None:
        """Entries of `layer` stand at paths where nothing stands."""
        if self._children is not None:
            for path in paths:
                self._children.add(path)
        self.owner.update(dict.fromkeys(paths, layer))

    def put_first(self, scan: LayerScan) -> None:
        """The same for all of a layer that nothing lies below."""
        layer = len(self.scans) - 1
        self.owner.update(dict.fromkeys(scan.entries, layer))
        self.owner.update(dict.fromkeys(scan.implied, layer))

    def take(self, path: bytes) -> Standing:
        """Removes a path and returns what stood there."""
        gone = self.standing(path)
        del self.owner[path]
        self._changed.pop(path, None)
        self.broken.discard(path)
        inode = self.linked.pop(path, None)
        if inode is not None:
            inode.names.discard(path)
        return gone

    def counts(self) -> tuple[int, int, int]:
        """How many paths are regular files (hard links included), directories (implied included), symlinks."""
        files = directories = symlinks = 0
        entries = [{} if scan is None else scan.entries for scan in self.scans]
        for path, owner in self.owner.items():
            member = entries[owner].get(path, IMPLIED)
            kind = member.type
            if kind == "hardlink":
                inode = self.linked.get(path)
                kind = "hardlink" if inode is None else inode.member.type
            if kind == "file":
                files += 1
            elif kind == "dir":
                directories += 1
            elif kind == "symlink":
                symlinks += 1
        return files, directories, symlinks
