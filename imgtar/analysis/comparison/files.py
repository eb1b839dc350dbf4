"""Which paths of two filesystems differ, and why: added, modified, deleted, or moved to another path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

import msgspec

from imgtar.analysis.comparison.contents import ContentsOfTwo
from imgtar.analysis.comparison.effects import Wanted, everything
from imgtar.filesystem.changes import Why
from imgtar.filesystem.differences import differences
from imgtar.filesystem.tree import FileEntry, FileTree

Level = Literal["default", "content", "strict"]
FileKind = Literal["added", "modified", "deleted", "moved"]

_ONLY_TIME: tuple[Why, ...] = ("mtime",)
_CONTENT: frozenset[Why] = frozenset({"type", "content", "link", "device"})


class FileDifference(msgspec.Struct, frozen=True, gc=False):
    """A path that differs. `moved_from` is where its content was, `why` what else differs. Paths are raw bytes."""

    path: bytes
    kind: FileKind
    why: tuple[Why, ...] = ()
    moved_from: bytes | None = None


class FileDifferences(msgspec.Struct, frozen=True):
    """The paths that differ, sorted; `times_only` more differ in their time alone, where times do not count."""

    rows: tuple[FileDifference, ...]
    times_only: int


# What differs at the paths that two layers have, by the numbers of the layers (`LayerDifference.compared`).
KnownReasons = Mapping[tuple[int, int], Mapping[bytes, tuple[Why, ...]]]


def compare_files(
    a: FileTree,
    b: FileTree,
    contents: ContentsOfTwo,
    level: Level = "default",
    wanted: Wanted = everything,
    known: KnownReasons | None = None,
) -> FileDifferences:
    """How the filesystem `b` differs from `a`, at the wanted paths; what is `known` is not compared again.

    Raises InputError where a file cannot be read.
    """
    return _Comparison(a, b, contents, level, known or {}).run(wanted)


class _Comparison:
    def __init__(self, a: FileTree, b: FileTree, contents: ContentsOfTwo, level: Level, known: KnownReasons) -> None:
        self._a = a
        self._b = b
        self._contents = contents
        self._level = level
        self._known = known
        self._times_only = 0
        strict = level == "strict"
        self._names_a, self._names_b = (_first_names(a), _first_names(b)) if strict else ({}, {})

    def run(self, wanted: Wanted) -> FileDifferences:
        rows = list(self._modified(wanted))
        added = {path for path in self._b if path not in self._a and wanted(path)}
        deleted = {path for path in self._a if path not in self._b and wanted(path)}
        for old, new in self._moved(added, deleted):
            added.remove(new)
            deleted.remove(old)
            rows.append(FileDifference(new, "moved", self._why(old, new), old))
        rows += (FileDifference(path, "added") for path in added)
        rows += (FileDifference(path, "deleted") for path in deleted)
        return FileDifferences(tuple(sorted(rows, key=lambda row: row.path)), self._times_only)

    def _modified(self, wanted: Wanted) -> Iterator[FileDifference]:
        a, b, known, same_layer = self._a, self._b, self._known, self._contents.same_layer
        for path, owner in a.owner.items():
            other = b.owner.get(path)
            if other is None or not wanted(path):
                continue
            if path in a.linked or path in b.linked:
                why = self._reasons(path, path)
            elif same_layer(owner, other):
                continue
            else:
                compared = known.get((owner, other))
                found = None if compared is None else compared.get(path)
                why = self._reasons(path, path) if found is None else found
            if why == _ONLY_TIME and self._level != "strict":
                self._times_only += 1
                continue
            if counted := self._counted(why):
                yield FileDifference(path, "modified", counted)

    def _reasons(self, old: bytes, new: bytes) -> tuple[Why, ...]:
        why = differences(self._a.entry(old), self._b.entry(new), self._contents)
        if self._names_a.get(old, old) != self._names_b.get(new, new) and old == new and "type" not in why:
            why = (*why, "link")
        return why

    def _counted(self, why: tuple[Why, ...]) -> tuple[Why, ...]:
        """The reasons that count at this level."""
        if self._level == "strict":
            return why
        if self._level == "content":
            return tuple(reason for reason in why if reason in _CONTENT)
        return tuple(reason for reason in why if reason != "mtime")

    def _why(self, old: bytes, new: bytes) -> tuple[Why, ...]:
        return self._counted(self._reasons(old, new))

    def _moved(self, added: Iterable[bytes], deleted: Iterable[bytes]) -> list[tuple[bytes, bytes]]:
        """Pairs of a deleted and an added path with the same content; files of a size that both have are read."""
        gone, new = _by_size(self._a, deleted), _by_size(self._b, added)
        pairs: list[tuple[bytes, bytes]] = []
        for size in gone.keys() & new.keys():
            before: dict[bytes, list[bytes]] = {}
            for path, entry in sorted(gone[size]):
                identity = self._contents.identity_of_a(entry)
                if identity is not None:
                    before.setdefault(identity, []).append(path)
            after: dict[bytes, list[bytes]] = {}
            for path, entry in sorted(new[size]):
                identity = self._contents.identity_of_b(entry)
                if identity is not None:
                    after.setdefault(identity, []).append(path)
            for identity in before.keys() & after.keys():
                pairs += _paired(before[identity], after[identity])
        return pairs


def _by_size(tree: FileTree, paths: Iterable[bytes]) -> dict[int, list[tuple[bytes, FileEntry]]]:
    """The regular files with content among these paths."""
    found: dict[int, list[tuple[bytes, FileEntry]]] = {}
    for path in paths:
        entry = tree.entry(path)
        if entry.type == "file" and entry.size:
            found.setdefault(entry.size, []).append((path, entry))
    return found


def _paired(gone: list[bytes], new: list[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Pairs of files of one content: those with the same name first, then in the order of their paths."""
    by_name: dict[bytes, list[bytes]] = {}
    for path in reversed(new):
        by_name.setdefault(_name(path), []).append(path)
    left: list[bytes] = []
    taken: set[bytes] = set()
    for path in gone:
        if same := by_name.get(_name(path)):
            taken.add(same[-1])
            yield path, same.pop()
        else:
            left.append(path)
    yield from zip(left, (path for path in new if path not in taken), strict=False)


def _name(path: bytes) -> bytes:
    return path[path.rfind(b"/") + 1 :]


def _first_names(tree: FileTree) -> dict[bytes, bytes]:
    """For each path whose file has or had several names the first of those that are left."""
    first: dict[int, bytes] = {}
    for path, inode in tree.linked.items():
        first[id(inode)] = min(path, first.get(id(inode), path))
    return {path: first[id(inode)] for path, inode in tree.linked.items()}
