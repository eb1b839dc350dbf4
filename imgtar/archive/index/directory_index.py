"""Builds the member index of a directory: an OCI layout, an unpacked archive, skopeo's `dir:`.

Symbolic links are members, as in a tar: they are resolved in the index, so none leads out of the directory. The system
follows none of them either: every directory and file is opened from the descriptor of the one above it.
"""

from __future__ import annotations

import os
import stat
from collections import OrderedDict
from collections.abc import Iterator
from threading import Lock

from imgtar.archive.document_names import DOCUMENTS
from imgtar.archive.index.member_index import Member, MemberIndex
from imgtar.archive.input.blobs import Blob, OpenFile, unreadable
from imgtar.archive.input.folder import OpenFolder
from imgtar.archive.input.source import DirectoryInput
from imgtar.formats.tar import MemberType
from imgtar.limits import LimitReached, Meter

_OPEN_FILES = 4  # at once: two layers that are compared, a document, one to spare
_DEPTH = 4  # nested directories: no form has more than two
_DEPTH_WITHOUT_DOCUMENTS = 2  # where the root has no document of an image: enough for unpacked v1 archives
_DEPTH_OF_FOLDERS = 6  # below folders that hold folders only, as in a tree of `skopeo sync`: HOST/PATH/NAME:TAG
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
    files = _Files(opened, meter)
    members: dict[bytes, Member] = {}
    reached: LimitReached | None = None
    try:
        for count, member in enumerate(_walk(opened.folder, meter)):
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


def _walk(root: OpenFolder, meter: Meter) -> Iterator[Member]:
    pending = [b""]
    depth = _DEPTH_WITHOUT_DOCUMENTS
    while pending:
        meter.limits.check_deadline()
        name = pending.pop()
        found = _listed(root, name)
        if not name and any(member.name in DOCUMENTS for member in found):
            depth = _DEPTH
        yield from found
        only_folders = depth == _DEPTH_WITHOUT_DOCUMENTS and all(member.type == "dir" for member in found)
        deepest = _DEPTH_OF_FOLDERS if only_folders else depth
        pending += [
            member.name for member in reversed(found) if member.type == "dir" and member.name.count(b"/") + 1 < deepest
        ]


def _listed(root: OpenFolder, name: bytes) -> list[Member]:
    """The members of one directory in name order. Raises OSError."""
    folder = root.folder(name)
    prefix = name + b"/" if name else b""
    with os.scandir(folder.descriptor) as entries:
        found = [_member(prefix, entry, folder) for entry in entries]
    return sorted(found, key=lambda member: member.name)


def _member(prefix: bytes, entry: os.DirEntry[str], folder: OpenFolder) -> Member:
    name = prefix + os.fsencode(entry.name)
    status = entry.stat(follow_symlinks=False)
    kind = _TYPES.get(stat.S_IFMT(status.st_mode), "unknown")
    return Member(
        name=name,
        raw_name=name,
        type=kind,
        size=status.st_size if kind == "file" else 0,
        link=os.fsencode(os.readlink(entry.name, dir_fd=folder.descriptor)) if kind == "symlink" else b"",
    )


class _Files:
    """The files of the directory, a few open at a time besides those that a thread reads at the moment."""

    def __init__(self, opened: DirectoryInput, meter: Meter) -> None:
        self._folder = opened.folder
        self._path = os.fsencode(opened.path)
        self._meter = meter
        self._open: OrderedDict[bytes, OpenFile] = OrderedDict()
        self._lock = Lock()

    def open(self, member: Member, /) -> Blob:
        return _DirectoryFile(self, member)

    def changed(self) -> bool:
        return False  # a file is opened when it is read, so there is no earlier state to compare with

    def read_at(self, name: bytes, offset: int, size: int) -> bytes:
        with self._lock:
            file = self._open.pop(name, None) or self._opened(name)
            self._open[name] = file
        return file.read_at(offset, size)

    def _opened(self, name: bytes) -> OpenFile:
        """Opens a file without following a link anywhere. Raises InputError where it cannot be read."""
        while len(self._open) >= _OPEN_FILES:
            self._open.popitem(last=False)  # closed with the last reference: another thread may be reading it
        path = os.fsdecode(os.path.join(self._path, name))
        try:
            return OpenFile(self._folder.file(name), path, self._meter)
        except OSError as error:
            raise unreadable(path, error) from None


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
