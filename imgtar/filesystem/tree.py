"""The merged filesystem as a finished value: which layer's entry is at each path.

The tree is a dictionary from path to layer; the entries themselves stay in the scans.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Protocol

import msgspec

from imgtar.formats.tar import ExactMember, MemberType, TarMember
from imgtar.layer.scan import LayerScan

# A directory that nobody listed: 0755, owned by root, without a time.
IMPLIED = ExactMember(b"", "dir", 0, 0o755, 0, 0, 0, b"", 0)


class FileEntry(msgspec.Struct, frozen=True, gc=False):
    """What is at a path of the merged filesystem.

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

    @property
    def type(self) -> MemberType:
        """What the path is shown as: of the names of a file, all but one are hard links."""
        return self.member.type if self.link is None else "hardlink"

    @property
    def size(self) -> int:
        """File: logical size; hard link: its target's; symlink: the length of the target; others 0."""
        member = self.member
        if self.broken or member.type not in ("file", "symlink"):
            return 0
        return len(member.link) if member.type == "symlink" else member.size


class LinkedFile(Protocol):
    """A file that has or had several names: its member and layer, and the name that is shown as the file."""

    @property
    def member(self) -> TarMember: ...
    @property
    def layer(self) -> int: ...
    @property
    def shown(self) -> bytes: ...


class FileTree(msgspec.Struct, frozen=True):
    """The merged filesystem. Paths are raw bytes relative to the root, which has no entry of its own.

    `owner` maps each path to the layer whose entry is there, `changed` to the layer of the last change where that is
    another one. `linked` has the paths of files that have or had several names, `broken` those of broken links.
    """

    scans: Sequence[LayerScan | None]
    owner: Mapping[bytes, int]
    changed: Mapping[bytes, int]
    linked: Mapping[bytes, LinkedFile]
    broken: Set[bytes]

    def __contains__(self, path: bytes) -> bool:
        return path in self.owner

    def __iter__(self) -> Iterator[bytes]:
        """The paths, in no order."""
        return iter(self.owner)

    def entry(self, path: bytes) -> FileEntry:
        """What is at `path`; raises KeyError."""
        owner = self.owner[path]
        layer = self.changed.get(path, owner)
        inode = self.linked.get(path)
        if inode is not None:
            shown = inode.shown
            return FileEntry(inode.member, inode.layer, layer, None if shown == path else shown)
        scan = self.scans[owner]
        assert scan is not None
        member = scan.entries.get(path)
        if member is None:
            return FileEntry(IMPLIED, owner, layer, implied=True)
        if path in self.broken:
            return FileEntry(member, owner, layer, scan.links[path].target, broken=True)
        return FileEntry(member, owner, layer)

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
