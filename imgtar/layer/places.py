"""Small files at known places, kept while a layer is scanned, at no extra pass.

Of a plain layer they are read by their offset behind the walk; of a compressed one, or one that passes once, their
bytes are kept as they pass. Both ways keep the same: the last member of each path.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from imgtar.archive.input.blobs import Blob
from imgtar.formats.tar import ReadAt, TarMember
from imgtar.formats.tar.path import clean
from imgtar.layer.contents import LayerContents
from imgtar.layer.probes import Answers, ProbeAnswers, Topic

A_co = TypeVar("A_co", covariant=True)
_MOST = 64 << 20  # bytes kept of one layer while it is scanned
_MOST_FILES = 2_000  # of a folder: a large distroless image has a hundred


class PlaceReader(Protocol[A_co]):
    """Reads the files at `paths` and directly in `folders`. It keeps nothing, so several layers may use it at once."""

    @property
    def topic(self) -> Topic[A_co]:
        """Where the answers are kept."""

    @property
    def paths(self) -> frozenset[bytes]:
        """The paths of the files, relative to the root."""

    @property
    def folders(self) -> frozenset[bytes]:
        """The folders of which every file is read."""

    def read(self, path: bytes, body: bytes, /) -> A_co | None:
        """What a file says, None where there is nothing to keep; it takes any bytes and raises nothing."""


class PlacedFiles:
    """The files at the places of `reader` in one layer; the `Watch` of a tar walk."""

    def __init__(self, reader: PlaceReader[object]) -> None:
        self._reader = reader
        self._ends = tuple({path[path.rfind(b"/") :] for path in reader.paths})
        self._folders = tuple(folder + b"/" for folder in reader.folders)
        self._kept: dict[bytes, tuple[int, bytes]] = {}
        self._left = _MOST

    def candidates(self, members: Sequence[TarMember]) -> Sequence[TarMember]:
        """Those whose names look like a place; every body of a layer comes by here, so this is short."""
        return [member for member in members if member.size and self._may_be(member.name)]

    def _may_be(self, name: bytes) -> bool:
        return name.endswith(self._ends) or any(folder in name for folder in self._folders)

    def __call__(self, name: bytes, size: int, offset: int) -> _PlacedBody | None:
        """A watcher for the body of a file that is read."""
        if not self._may_be(name):
            return None
        path = clean(name)
        if not self._is_place(path):
            return None
        self._left += len(self._kept.pop(path, (0, b""))[1])
        if size > self._left or len(self._kept) >= _MOST_FILES:
            self._left = -1  # nothing of this layer is said: a part would be wrong
            self._kept.clear()
            return None
        self._left -= size
        return _PlacedBody(self._kept, path, offset)

    def _is_place(self, path: bytes) -> bool:
        return path in self._reader.paths or path[: max(path.rfind(b"/"), 0)] in self._reader.folders

    def answers(self, contents: LayerContents, blob: Blob | None) -> ProbeAnswers:
        """What the files say, which are read from a plain `blob`, or have passed (None)."""
        found: dict[int, object] = {}
        members = {path: contents.entries[path] for path in self._found(contents)}
        bodies = self._passed(members) if blob is None else _read(members, blob)
        for path, body in sorted(bodies.items()):
            answer = self._reader.read(path, body)
            if answer is not None:
                found[members[path].offset] = answer
        return ProbeAnswers({self._reader.topic.name: Answers(found)})

    def _found(self, contents: LayerContents) -> Iterable[bytes]:
        """The paths of those entries that are read; a layer with a million entries is not searched for them."""
        entries = contents.entries
        found = [path for path in self._reader.paths if path in entries]
        if any(folder in entries or folder in contents.implied for folder in self._reader.folders):
            found += [path for path in entries if path[: max(path.rfind(b"/"), 0)] in self._reader.folders]
        return (path for path in found if _is_whole(entries[path]))

    def _passed(self, members: Mapping[bytes, TarMember]) -> dict[bytes, bytes]:
        kept = ((path, *self._kept[path]) for path in members if path in self._kept)
        return {path: body for path, offset, body in kept if (offset, len(body)) == _place(members[path])}


class _PlacedBody:
    """One body on its way."""

    def __init__(self, kept: dict[bytes, tuple[int, bytes]], path: bytes, offset: int) -> None:
        self._kept = kept
        self._path = path
        self._offset = offset
        self._chunks: list[bytes] = []

    def feed(self, chunk: bytes, /) -> bool:
        self._chunks.append(chunk)
        return True

    def look(self, _read: ReadAt, /) -> bool:
        """The whole body is kept."""
        return True

    def hole(self, length: int, /) -> None:
        """A sparse file is not read."""

    def finish(self) -> None:
        self._kept[self._path] = (self._offset, b"".join(self._chunks))


def _is_whole(member: TarMember) -> bool:
    """Is it a regular file that is stored as it is?"""
    return member.type == "file" and 0 < member.size == member.stored_size


def _place(member: TarMember) -> tuple[int, int]:
    return member.offset, member.size


def _read(members: Mapping[bytes, TarMember], blob: Blob) -> dict[bytes, bytes]:
    if sum(member.size for member in members.values()) > _MOST or len(members) > _MOST_FILES:
        return {}
    bodies = ((path, blob.read_at(member.offset, member.size)) for path, member in members.items())
    return {path: body for path, body in bodies if len(body) == members[path].size}
