"""How many bytes of files are below each directory: of a filesystem, or of what one layer stores."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from imgtar.filesystem.changes import LayerChanges
from imgtar.filesystem.tree import FileTree
from imgtar.formats.tar import TarMember
from imgtar.layer.paths import parent
from imgtar.layer.scan import LayerScan

Selects = Callable[[bytes], bool]  # a selected directory selects all that is below it
File = tuple[bytes, int]  # its path and its bytes


class Usage(msgspec.Struct, frozen=True, gc=False):
    """The bytes of the regular files at `path` and below it, each inode once. `layer` is the one that is counted."""

    path: bytes
    bytes: int
    files: int
    directory: bool = True
    layer: int | None = None


def everything(_path: bytes) -> bool:
    """Selects the whole filesystem, the root included."""
    return True


def tree_files(tree: FileTree, selects: Selects = everything) -> Iterator[File]:
    """The regular files of a filesystem: an inode at the name shown as the file, else at its first selected name."""
    entries = [{} if scan is None else scan.entries for scan in tree.scans]
    elsewhere: dict[int, File] = {}
    for path, owner in tree.owner.items():
        if not selects(path):
            continue
        inode = tree.linked.get(path)
        member = entries[owner].get(path) if inode is None else inode.member
        if member is None or member.type != "file":
            continue
        if inode is None:
            yield path, member.size
        else:
            shown = inode.shown
            if selects(shown):
                if path == shown:
                    yield path, member.size
            else:
                _keep_first(elsewhere, path, member)
    yield from elsewhere.values()


def layer_files(scan: LayerScan, layer: int, changes: LayerChanges, selects: Selects = everything) -> Iterator[File]:
    """The regular files whose bytes layer `layer` stores; a hard link to a file of a lower layer stores none."""
    elsewhere: dict[int, File] = {}
    for path, member in scan.entries.items():
        if not selects(path):
            continue
        linked = changes.linked.get(path)
        if linked is None:
            if member.type == "file":
                yield path, member.size
        elif linked.scan_layer == layer and linked.member.type == "file" and not linked.broken:
            if linked.link is None:
                yield path, linked.member.size
            elif not selects(linked.link):
                _keep_first(elsewhere, path, linked.member)
    yield from elsewhere.values()


def _keep_first(elsewhere: dict[int, File], path: bytes, member: TarMember) -> None:
    """Of the names of one inode the first counts."""
    kept = elsewhere.get(id(member))
    if kept is None or path < kept[0]:
        elsewhere[id(member)] = path, member.size


def usage(
    files: Iterable[File], selects: Selects = everything, depth: int = 1, layer: int | None = None
) -> list[Usage]:
    """The sums of the topmost selected paths and of the directories down to `depth` levels below them.

    Largest first, then by path. Directories without bytes have no row.
    """
    directories = _Directories(selects, depth)
    own: dict[bytes, list[int]] = {}  # bytes and files that count in no directory further down
    alone: list[Usage] = []
    for path, size in files:
        if not selects(parent(path)):
            alone.append(Usage(path, size, 1, directory=False, layer=layer))
            continue
        sums = own.setdefault(directories.place(parent(path)), [0, 0])
        sums[0] += size
        sums[1] += 1
    for path in sorted(directories.within, key=len, reverse=True):
        above = directories.within[path]
        sums = own.get(path, [0, 0])
        if above is not None:
            total = own.setdefault(above, [0, 0])
            total[0] += sums[0]
            total[1] += sums[1]
    rows = [Usage(path, size, count, layer=layer) for path, (size, count) in own.items() if size]
    return sorted([*rows, *(row for row in alone if row.bytes)], key=lambda row: (-row.bytes, row.path))


class _Directories:
    """Where the files of each directory count.

    `within` has the directories down to the depth, each with the one above that it counts in, None for a topmost one.
    """

    def __init__(self, selects: Selects, depth: int) -> None:
        self.within: dict[bytes, bytes | None] = {}
        self._selects = selects
        self._depth = depth
        self._levels: dict[bytes, int] = {}  # below the topmost one
        self._places: dict[bytes, bytes] = {}

    def place(self, directory: bytes) -> bytes:
        """The directory down to the depth in which the files of a selected directory count."""
        waiting: list[bytes] = []
        while directory not in self._places:
            waiting.append(directory)
            if not directory or not self._selects(parent(directory)):
                break
            directory = parent(directory)
        for below in reversed(waiting):
            self._add(below)
            directory = below
        return self._places[directory]

    def _add(self, directory: bytes) -> None:
        above = parent(directory)
        topmost = not directory or above not in self._places
        level = self._levels[directory] = 0 if topmost else self._levels[above] + 1
        if level <= self._depth:
            self.within[directory] = None if topmost else above
            self._places[directory] = directory
        else:
            self._places[directory] = self._places[above]
