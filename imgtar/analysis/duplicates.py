"""Equal contents at several paths: files of an image whose bytes are stored more than once.

A file is an inode: hard links are names of one file, and empty files have nothing to save. Only contents of a size that
several files have are hashed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set

import msgspec

from imgtar.analysis.search.holders import Content, Stored
from imgtar.analysis.stacked_image import StackedImage
from imgtar.analysis.waste import waste_sums
from imgtar.filesystem.tree import FileTree
from imgtar.formats.tar import TarMember
from imgtar.globs import Globs

TakeDigests = Callable[[Iterable[Stored]], Mapping[Content, bytes]]
# Files that were stored over by the same content at the same path: waste says how many bytes that takes.
_COUNTED_AS_WASTE = ("identical", "metadata-only")


class DuplicatesQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which files are compared: of the final filesystem or, with `all_layers`, also those that it has no more.

    Only files of at least `min_size` bytes of which `within` (globs; empty: all) means a name.
    """

    all_layers: bool = False
    min_size: int = 0
    within: tuple[str, ...] = ()


class Copy(msgspec.Struct, frozen=True, gc=False):
    """One file with a content that others have too.

    `path` is its name that is shown as the file, or the first in the order of bytes where the query does not mean that
    one; `names` counts all of them. `layer` stores its bytes. `gone`: the final filesystem does not have it, and the
    names are those that it has in its layer.
    """

    path: bytes
    layer: int
    names: int
    gone: bool


class Group(msgspec.Struct, frozen=True):
    """Files with one content, sorted by path and layer."""

    digest: bytes
    size: int
    copies: tuple[Copy, ...]

    @property
    def saved(self) -> int:
        """Bytes that could be saved: those of all copies but one."""
        return self.size * (len(self.copies) - 1)


class Duplicates(msgspec.Struct, frozen=True):
    """The groups that save most first, then by their first path. Sizes are those of `imgtar.analysis.waste`."""

    groups: tuple[Group, ...]
    final_bytes: int
    stored_bytes: int


class _Name(msgspec.Struct, frozen=True, gc=False):
    """A name of a file; `shown`: the one that is shown as the file."""

    path: bytes
    layer: int
    member: TarMember
    shown: bool
    gone: bool


class _File:
    """A file while its names come in."""

    __slots__ = ("first", "names")

    def __init__(self) -> None:
        self.names = 0
        self.first: _Name | None = None  # of those that the query means

    def add(self, name: _Name, *, meant: bool) -> None:
        self.names += 1
        if meant and (self.first is None or (not name.shown, name.path) < (not self.first.shown, self.first.path)):
            self.first = name


def find_duplicates(stacked: StackedImage, query: DuplicatesQuery, take: TakeDigests) -> Duplicates:
    """The groups of an image with all its layers stacked. Raises InputError, and BadGlob for an invalid pattern.

    `take` gives the SHA-256 of contents; a file without one, because not all of it can be read, is in no group.
    """
    names = _Names(stacked, query)
    several = _repeated(name.member.size for name in names.all())
    files = _files((name for name in names.all() if name.member.size in several), query)
    several = _repeated(name.member.size for name, _ in files)
    files = [(name, names) for name, names in files if name.member.size in several]
    digests = take((name.layer, name.member) for name, _ in files)
    copies: dict[tuple[int, bytes], list[Copy]] = {}
    for name, count in files:
        digest = digests.get((name.layer, name.member.offset))
        if digest is not None:
            copy = Copy(name.path, name.layer, count, name.gone)
            copies.setdefault((name.member.size, digest), []).append(copy)
    groups = [_group(size, digest, equal) for (size, digest), equal in copies.items() if len(equal) > 1]
    groups.sort(key=lambda group: (-group.saved, group.copies[0].path, group.digest))
    sums = waste_sums(stacked.tree.scans, stacked.changes)
    return Duplicates(tuple(groups), sums.final_bytes, sums.stored_bytes)


def _repeated(sizes: Iterable[int]) -> Set[int]:
    """The sizes that come more than once."""
    seen: set[int] = set()
    repeated: set[int] = set()
    for size in sizes:
        (repeated if size in seen else seen).add(size)
    return repeated


def _files(names: Iterable[_Name], query: DuplicatesQuery) -> list[tuple[_Name, int]]:
    """Each file of which the query means a name: the name that stands for it, and how many it has."""
    globs = Globs(query.within) if query.within else None
    files: dict[Content, _File] = {}
    for name in names:
        file = files.setdefault((name.layer, name.member.offset), _File())
        file.add(name, meant=globs is None or globs.match(name.path))
    return [(file.first, file.names) for file in files.values() if file.first is not None]


def _group(size: int, digest: bytes, copies: list[Copy]) -> Group:
    return Group(digest, size, tuple(sorted(copies, key=lambda copy: (copy.path, copy.layer))))


class _Names:
    """All names of the files that are large enough, in the final filesystem and, where asked for, in the layers."""

    def __init__(self, stacked: StackedImage, query: DuplicatesQuery) -> None:
        self._stacked = stacked
        self._least = max(query.min_size, 1)
        self._left_out: Set[Content] | None = None  # of what the layers store
        if query.all_layers:
            standing = ((name.layer, name.member.offset) for name in self._standing())
            self._left_out = {*standing, *_counted_as_waste(stacked)}

    def all(self) -> Iterator[_Name]:
        """Every name; those of one file need not follow one another."""
        yield from self._standing()
        if self._left_out is not None:
            yield from self._gone(self._left_out)

    def _standing(self) -> Iterator[_Name]:
        return (name for name in _names_of(self._stacked.tree) if name.member.size >= self._least)

    def _gone(self, left_out: Set[Content]) -> Iterator[_Name]:
        """The names that files have in the layers that store them, save the files of `left_out`."""
        for layer, (scan, changes) in enumerate(zip(self._stacked.tree.scans, self._stacked.changes, strict=True)):
            for path, member in {} if scan is None else scan.entries.items():
                linked = changes.linked.get(path)
                if linked is not None:
                    if linked.broken or linked.scan_layer != layer:  # a name of a file below
                        continue
                    member = linked.member
                if member.type != "file" or member.size < self._least or (layer, member.offset) in left_out:
                    continue
                yield _Name(path, layer, member, linked is None or linked.link is None, gone=True)


def _names_of(tree: FileTree) -> Iterator[_Name]:
    entries = [{} if scan is None else scan.entries for scan in tree.scans]
    for path, owner in tree.owner.items():
        inode = tree.linked.get(path)
        if inode is None:
            member = entries[owner].get(path)
            if member is not None and member.type == "file":
                yield _Name(path, owner, member, shown=True, gone=False)
        elif inode.member.type == "file":
            yield _Name(path, inode.layer, inode.member, path == inode.shown, gone=False)


def _counted_as_waste(stacked: StackedImage) -> Iterator[Content]:
    for changes in stacked.changes:
        for death in changes.deaths:
            if death.offset is not None and death.kind in _COUNTED_AS_WASTE:
                yield death.added_in, death.offset
