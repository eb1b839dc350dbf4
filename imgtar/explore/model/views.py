"""Which files are listed: those of the filesystem after a layer, or what one layer stores and removes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from imgtar.analysis.stacked_image import StackedImage
from imgtar.answers.rows import ChangeWord
from imgtar.explore.model.history import PathHistory
from imgtar.filesystem.tree import FileEntry, FileTree

STEP = 2048  # rows between two points at which work may be interrupted
Listed = tuple[bytes, int]  # a path and the bytes that it counts: of the names of one file one has them


class FileView(Protocol):
    """Files by path. A view makes its rows as they are asked for: a million of them never exist at once."""

    @property
    def layer(self) -> int:
        """The layer that the view is about."""

    @property
    def own(self) -> bool:
        """Is it about what the layer itself stores?"""

    def prepare(self) -> Iterator[None]:
        """Finds out what the other methods need, in steps."""

    def rows(self) -> Iterator[Listed]:
        """The paths, in no order, each once."""

    def __contains__(self, path: bytes) -> bool: ...

    def entry(self, path: bytes) -> FileEntry:
        """What is at a path of the view."""

    def change(self, path: bytes) -> ChangeWord:
        """What the layer did to a path of the view."""

    def net(self, path: bytes) -> int:
        """The bytes that the layer adds to the filesystem at a path; negative where it takes some away."""

    def differences(self) -> Iterator[Listed]:
        """The paths whose net bytes are not those of `rows`, with how much more they are; in no order."""


class FilesystemView:
    """The filesystem of the layers from 0 to `layer`; `marked`: with what that layer did to it."""

    own = False

    def __init__(self, stacked: StackedImage, layer: int, *, marked: bool) -> None:
        self.layer = layer
        self._marked = marked
        self._stacked = stacked
        self._history = PathHistory(stacked)
        self._is_final = layer >= len(stacked.changes) - 1

    def prepare(self) -> Iterator[None]:
        return iter(())

    def rows(self) -> Iterator[Listed]:
        return self._final_rows() if self._is_final else self._earlier_rows()

    def _final_rows(self) -> Iterator[Listed]:
        tree = self._stacked.tree
        entries = [{} if scan is None else scan.entries for scan in tree.scans]
        linked = tree.linked
        for path, owner in tree.owner.items():
            member = entries[owner].get(path)
            if path in linked:
                inode = linked[path]
                counts = inode.shown == path and inode.member.type == "file"
                yield path, inode.member.size if counts else 0
            else:
                yield path, 0 if member is None or member.type != "file" else member.size

    def _earlier_rows(self) -> Iterator[Listed]:
        stacked, tree, layer = self._stacked, self._stacked.tree, self.layer
        linked = {path for changes in stacked.changes for path in changes.linked}
        names: list[tuple[bytes, FileEntry]] = []
        for path, last in self._last_changes(tree):
            changed = self._history.stands(path, last, layer)
            if changed is None:
                continue
            entry = stacked.version(path, changed)
            if path in linked:
                names.append((path, entry))
            else:
                yield path, _bytes(entry)
        yield from _names(names)

    def _last_changes(self, tree: FileTree) -> Iterator[tuple[bytes, int]]:
        """The paths that stand in the end or that a higher layer deletes, with the last layer that changed each."""
        changed = tree.changed
        for path, owner in tree.owner.items():
            yield path, changed.get(path, owner)
        for changes in self._stacked.changes[self.layer + 1 :]:
            for path, gone in changes.deleted.items():
                yield path, gone.layer

    def __contains__(self, path: bytes) -> bool:
        return path in self._stacked.tree if self._is_final else self._history.standing(path, self.layer) is not None

    def entry(self, path: bytes) -> FileEntry:
        found = self._history.standing(path, self.layer)
        assert found is not None
        return found

    def change(self, path: bytes) -> ChangeWord:
        if not self._marked or self.entry(path).layer != self.layer:
            return "unchanged"
        return "modified" if path in self._stacked.changes[self.layer].modified else "added"

    def net(self, path: bytes) -> int:
        """The bytes that count at a path: nothing is there before the first layer."""
        return _counted(self.entry(path))

    def differences(self) -> Iterator[Listed]:
        return iter(())


class LayerView:
    """What one layer stores and removes."""

    own = True

    def __init__(self, stacked: StackedImage, layer: int) -> None:
        self.layer = layer
        self._stacked = stacked
        self._changes = stacked.changes[layer]
        scan = stacked.tree.scans[layer]
        self._entries = {} if scan is None else scan.entries
        self._implied = frozenset() if scan is None else scan.implied
        # Of what the layer stores only a directory may have been there before and be the same.
        self._added_directories: set[bytes] = set()

    def prepare(self) -> Iterator[None]:
        directories = set(self._implied)
        for number, (path, member) in enumerate(self._entries.items()):
            if not number % STEP:
                yield
            if member.type == "dir":
                directories.add(path)
        added = self._changes.added
        for start in range(0, len(added), STEP):
            yield
            self._added_directories.update(directories.intersection(added[start : start + STEP]))

    def rows(self) -> Iterator[Listed]:
        deleted, linked = self._changes.deleted, self._changes.linked
        names: list[tuple[bytes, FileEntry]] = []
        for path, member in self._entries.items():
            if path in deleted:
                continue
            if path in linked:
                names.append((path, linked[path]))
            else:
                yield path, member.size if member.type == "file" else 0
        lower = ((path, 0) for path, entry in names if entry.scan_layer != self.layer)
        yield from lower
        yield from _names([name for name in names if name[1].scan_layer == self.layer])
        for path in self._added_directories:
            if path not in self._entries and path not in deleted:
                yield path, 0
        for path, entry in deleted.items():
            yield path, _counted(entry)

    def __contains__(self, path: bytes) -> bool:
        changes = self._changes
        return path in self._entries or path in changes.deleted or path in self._added_directories

    def entry(self, path: bytes) -> FileEntry:
        return self._stacked.version(path, self.layer)

    def change(self, path: bytes) -> ChangeWord:
        changes = self._changes
        if path in changes.deleted:
            return "deleted"
        if path in changes.modified:
            return "modified"
        member = self._entries.get(path)
        if member is not None and member.type == "dir" and path not in self._added_directories:
            return "unchanged"
        return "added"

    def net(self, path: bytes) -> int:
        bytes_there = _counted(self.entry(path))
        return -bytes_there if path in self._changes.deleted else bytes_there - self._before(path)

    def _before(self, path: bytes) -> int:
        """The bytes that the layer replaces at a path."""
        modified = self._changes.modified.get(path)
        return 0 if modified is None else _counted(self._stacked.version(path, modified.previous_layer))

    def differences(self) -> Iterator[Listed]:
        for path, entry in self._changes.deleted.items():
            yield path, -2 * _counted(entry)
        for path in self._changes.modified:
            if path not in self._changes.deleted:
                yield path, -self._before(path)


def _bytes(entry: FileEntry) -> int:
    return entry.member.size if entry.member.type == "file" and not entry.broken else 0


def _counted(entry: FileEntry) -> int:
    """Of the names of a file only the one that is shown as the file has its bytes."""
    return 0 if entry.link is not None else _bytes(entry)


def _names(names: Sequence[tuple[bytes, FileEntry]]) -> Iterator[Listed]:
    """Names of files that have several: the bytes of a file count at the name shown as the file, else at the first."""
    counted = {id(entry.member) for _, entry in names if entry.link is None}
    for path, entry in names:
        again = entry.link is not None and id(entry.member) in counted
        counted.add(id(entry.member))
        yield path, 0 if again else _bytes(entry)
