"""What `cat` writes: the contents of files that a person names, and where a name was that is not there."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from functools import cached_property

import msgspec

from imgtar.answers.session import Session
from imgtar.answers.view import View
from imgtar.contract.file_content import Absent
from imgtar.errors import UsageError
from imgtar.filesystem.given_paths import Resolved, is_pattern, matching, parse_path, resolve
from imgtar.filesystem.tree import FileEntry, FileTree
from imgtar.findings import Finding
from imgtar.image.bodies import Body
from imgtar.text import escape

_KEPT = 16 << 20  # bytes of files that wait for their turn
_NOUNS = {
    "dir": "a directory",
    "char": "a character device",
    "block": "a block device",
    "fifo": "a named pipe",
    "symlink": "a symbolic link",
    "unknown": "of an unknown type",
}


class Chosen(msgspec.Struct, frozen=True):
    """The regular files that were named, in this order, and the names that lead to none."""

    files: tuple[FileEntry, ...]
    absent: tuple[Absent, ...]


def choose(session: Session, view: View, names: Sequence[str]) -> Chosen:
    """The files that `names`, paths and patterns, mean in a view of the first image; links are followed in its root.

    A pattern means the regular files that it matches, by path, and no links: so many links cost no more than files.
    Raises UsageError for a path to a
    directory or anything else that has no content, and for what is neither path nor pattern.
    """
    chooser = _Chooser(session, view)
    files: list[FileEntry] = []
    absent: list[Absent] = []
    for name in names:
        found = chooser.find(name)
        if isinstance(found, Absent):
            absent.append(found)
        else:
            files += found
    return Chosen(tuple(files), tuple(absent))


class _Chooser:
    """Looks up names in one view."""

    def __init__(self, session: Session, view: View) -> None:
        self._session = session
        self._view = view
        self._tree: FileTree = session.tree(0, view.top)

    def find(self, name: str) -> list[FileEntry] | Absent:
        way = resolve(self._tree, parse_path(name))
        if self._is_in_view(way):
            return self._file(name, way)
        absent = self._absent(name, way)
        if absent.stored_by is not None or not is_pattern(name):  # a name with a wildcard may be that of a file
            return absent
        return self._matched(name) or Absent(name=name, is_pattern=True)

    def _is_in_view(self, way: Resolved) -> bool:
        """Does the view have the path? What layer N stores stands in the filesystem after layer N."""
        return way.exists and (not way.path or way.path in self._paths)

    @cached_property
    def _paths(self) -> FileTree | frozenset[bytes]:
        """The paths of the view."""
        if self._view.layer is None:
            return self._tree
        scan = self._tree.scans[self._view.layer]
        return frozenset() if scan is None else scan.implied.union(scan.entries)

    def _file(self, name: str, way: Resolved) -> list[FileEntry] | Absent:
        entry = None if not way.path else self._tree.entry(way.path)
        if entry is not None and entry.broken:
            target = escape(b"/" + (entry.link or b""))
            return Absent(name=name, why=f"is a hard link to {target}, which does not exist, so it has no content")
        if entry is None or entry.member.type != "file":
            kind = "dir" if entry is None else entry.member.type
            through = "" if not way.via else f" (through {escape(b'/' + way.via[-1][0])})"
            remedy = (
                "`imgtar ls` lists it, `imgtar extract` writes it" if kind == "dir" else "`cat` writes regular files"
            )
            raise UsageError("usage.not-file", f"{name} is {_NOUNS.get(kind, kind)}{through}, not a file", remedy)
        return [entry]

    def _matched(self, pattern: str) -> list[FileEntry]:
        entries = (self._tree.entry(path) for path in matching(self._paths, pattern))
        return [entry for entry in entries if entry.member.type == "file" and not entry.broken]

    def _absent(self, name: str, way: Resolved) -> Absent:
        if way.loops:
            return Absent(name=name, why="is a path whose symbolic links lead round in circles")
        stacked = self._session.stacked(0, upto=self._view.top)
        deleted_by = stored_by = None
        for layer, (scan, changes) in enumerate(zip(self._tree.scans, stacked.changes, strict=True)):
            member = None if scan is None else scan.entries.get(way.path)
            if member is not None and member.type in ("file", "hardlink"):
                stored_by = layer
            if way.path in changes.deleted:
                deleted_by = layer
        if stored_by is not None and deleted_by is not None and deleted_by < stored_by:
            deleted_by = None
        step = None if deleted_by is None else stacked.image.pairing.step_of(deleted_by)
        return Absent(
            name=name,
            leads_to=escape(b"/" + way.path) if way.via else None,
            deleted_by=deleted_by,
            instruction=None if step is None else step.instruction,
            stored_by=stored_by,
        )


_Key = tuple[int, int]  # layer and offset: bodies come in this order


class Contents:
    """The contents of files one after another. `findings` says what was not whole, when `chunks` has ended.

    With `head` only so many bytes of each file are read. Files that a layer holds in another order are kept, up to
    16 MiB, until it is their turn; where they are more, a compressed layer is decompressed again for each 16 MiB.
    """

    def __init__(self, session: Session, files: Sequence[FileEntry], head: int | None = None) -> None:
        self._session = session
        self._files = files
        self._head = head
        self.findings: list[Finding] = []

    def chunks(self) -> Iterator[bytes]:
        """The bytes in chunks, zeros where a file has holes. Raises InputError."""
        position = 0
        while position < len(self._files):
            position = yield from self._one_pass(position)

    def _one_pass(self, position: int) -> Generator[bytes, None, int]:
        """Reads the files from `position` on, until the next one lies behind; returns the position of that one."""
        files, room = self._files, _KEPT
        near: set[_Key] = set()  # files from `position` to `end`, for which there is room
        end = position
        kept: dict[_Key, bytes] = {}
        for body in self._session.bodies(0, [(entry.scan_layer, entry.member) for entry in files[position:]]):
            while end < len(files) and self._size(end) <= room:
                near.add(_key(files[end]))
                room -= self._size(end)
                end += 1
            key = (body.layer, body.member.offset)
            if key != _key(files[position]):
                if key in near:
                    kept[key] = b"".join(self._content(body))
                continue
            yield from self._content(body)
            turn = True
            while turn:
                room += self._size(position) if position < end else 0
                position += 1
                turn = position < len(files) and _key(files[position]) in kept
                if turn:
                    yield kept.pop(_key(files[position]))
            end = max(end, position)
            if position == len(files) or _key(files[position]) <= key:
                break
        return position

    def _size(self, position: int) -> int:
        """The bytes that are written of a file."""
        size = self._files[position].member.size
        return size if self._head is None else min(size, self._head)

    def _content(self, body: Body) -> Iterator[bytes]:
        yield from _first(body.chunks(), self._head)
        if body.finding is not None:
            self.findings.append(body.finding)


def _key(entry: FileEntry) -> _Key:
    return entry.scan_layer, entry.member.offset


def _first(chunks: Iterator[bytes], size: int | None) -> Iterator[bytes]:
    """The first `size` bytes of the chunks, and no chunk read that is not needed for them; all without a size."""
    if size is None:
        yield from chunks
        return
    while size and (chunk := next(chunks, b"")):
        yield chunk[:size]
        size -= min(size, len(chunk))
