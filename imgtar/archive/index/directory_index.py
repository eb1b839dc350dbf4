"""Builds the member index of a directory: an OCI layout, an unpacked archive, skopeo's `dir:`.

Symbolic links are members, as in a tar: they are resolved in the index, so none leads out of the directory.
"""

from __future__ import annotations

import os
import stat
from collections import OrderedDict
from collections.abc import Iterator

from imgtar.archive.document_names import DOCUMENTS
from imgtar.archive.index.member_index import Member, MemberIndex
from imgtar.archive.input.blobs import Blob, OpenFile, unreadable
from imgtar.archive.input.source import DirectoryInput
from imgtar.formats.tar import MemberType
from imgtar.limits import LimitReached, Meter

_OPEN_FILES = 4  # at once: two layers that are compared, a document, one to spare
_DEPTH = 4  # nested directories: no form has more than two
_DEPTH_WITHOUT_DOCUMENTS = 2  # where the root has no document of an image: enough for unpacked v1 archives
_TYPES: dict[int, MemberType] = {
    stat.S_IFREG: "file",
    stat.S_IFDIR: "dir",
    stat.S_IFLNK: "symlink",
    stat.S_IFCHR: "char",
    stat.S_IFBLK: "block",
    stat.S_IFIFO: "fifo",
}


def index_directory(opened: DirectoryInput, meter: Meter) -> MemberIndex:
    """Lists the directory in name order. Raises InputError where it cannot be listed."""
    files = _Files(os.fsencode(opened.path), meter)
    members: dict[bytes, Member] = {}
    reached: LimitReached | None = None
    try:
        for count, member in enumerate(_walk(files.root, meter)):
            if count >= meter.limits.members:
                raise LimitReached("members", meter.limits.members)
            members[member.name] = member
    except LimitReached as limit:
        reached = limit
    except OSError as error:
        raise unreadable(opened.path, error) from None
    return MemberIndex(
        limits=meter.limits,
        bodies=files,
        members=members,
        all_members=tuple(members.values()),
        findings=() if reached is None else (reached.finding(),),
        whole=reached is None,
    )


def _walk(root: bytes, meter: Meter) -> Iterator[Member]:
    pending = [b""]
    depth = _DEPTH_WITHOUT_DOCUMENTS
    while pending:
        meter.limits.check_deadline()
        folder = pending.pop()
        with os.scandir(os.path.join(root, folder)) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
        if not folder and not DOCUMENTS.isdisjoint(entry.name for entry in found):
            depth = _DEPTH
        below: list[bytes] = []
        for entry in found:
            member = _member(folder, entry)
            yield member
            if member.type == "dir" and member.name.count(b"/") + 1 < depth:
                below.append(member.name)
        pending.extend(reversed(below))


def _member(folder: bytes, entry: os.DirEntry[bytes]) -> Member:
    name = folder + b"/" + entry.name if folder else entry.name
    status = entry.stat(follow_symlinks=False)
    kind = _TYPES.get(stat.S_IFMT(status.st_mode), "unknown")
    return Member(
        name=name,
        raw_name=name,
        type=kind,
        size=status.st_size if kind == "file" else 0,
        link=os.readlink(entry.path) if kind == "symlink" else b"",
    )


class _Files:
    """The files of the directory, a few open at a time."""

    def __init__(self, root: bytes, meter: Meter) -> None:
        self.root = root
        self._meter = meter
        self._open: OrderedDict[bytes, OpenFile] = OrderedDict()

    def open(self, member: Member, /) -> Blob:
        return _DirectoryFile(self, member)

    def changed(self) -> bool:
        return False  # a file is opened when it is read, so there is no earlier state to compare with

    def read_at(self, name: bytes, offset: int, size: int) -> bytes:
        file = self._open.pop(name, None) or self._opened(name)
        self._open[name] = file
        return file.read_at(offset, size)

    def _opened(self, name: bytes) -> OpenFile:
        """Opens a file, without following a link. Raises InputError where it cannot be read."""
        while len(self._open) >= _OPEN_FILES:
            self._open.popitem(last=False)[1].close()
        path = os.path.join(self.root, name)
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            return OpenFile(descriptor, os.fsdecode(path), self._meter)
        except OSError as error:
            raise unreadable(os.fsdecode(path), error) from None


class _DirectoryFile:
    """A regular file of the directory; it is opened when it is read."""

    def __init__(self, files: _Files, member: Member) -> None:
        self._files = files
        self._name = member.name
        self.size = member.size

    def read_at(self, offset: int, size: int, /) -> bytes:
        return self._files.read_at(self._name, offset, min(size, self.size - offset)) if offset < self.size else b""

    def chunks(self) -> Iterator[bytes]:
        offset = 0
        while chunk := self.read_at(offset, 128 << 10):
            yield chunk
            offset += len(chunk)
