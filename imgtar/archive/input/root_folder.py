"""A directory that is a root filesystem, as the members of a tar that nobody writes.

The directory is listed through descriptors: no link is followed, no special file is opened, no mount point is crossed.
Names are bytes. A regular file is opened only when its bytes are asked for.
"""

from __future__ import annotations

import errno
import os
import stat
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from threading import Lock

from imgtar.archive import problems
from imgtar.archive.input.blobs import CHUNK, OpenFile, unreadable
from imgtar.archive.input.folder import OpenFolder
from imgtar.archive.input.open_folders import OpenFolders
from imgtar.findings import Finding, FindingLog, Where
from imgtar.formats.tar import BLOCK, ExactMember, Extra, MemberType
from imgtar.limits import XATTR_SIZE, LimitReached, Meter

_TYPES: dict[int, MemberType] = {
    stat.S_IFREG: "file",
    stat.S_IFDIR: "dir",
    stat.S_IFLNK: "symlink",
    stat.S_IFCHR: "char",
    stat.S_IFBLK: "block",
    stat.S_IFIFO: "fifo",
}
_GONE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})
_CAPABILITY = "security.capability"
_NANO = 1_000_000_000


class RootFolder:
    """The entries below an open directory, and the bytes of its files by offset.

    Each body lies at an offset of its own, as in a tar, with nothing stored between the bodies. Sockets, which no tar
    can hold, are left out. Several threads may read.
    """

    def __init__(self, path: str, folder: OpenFolder, meter: Meter) -> None:
        self.size = 0  # of the bodies that were listed
        self._path = os.fsencode(path)
        self._folder = folder
        self._meter = meter
        self._changed = False
        self._forget()
        self._open: tuple[int, OpenFile] | None = None
        self._lock = Lock()

    def _forget(self) -> None:
        self.size = 0
        self._names: list[bytes] = []  # of files that are not empty, in their order; the arrays say more of each
        self._offsets, self._sizes = array("Q"), array("Q")
        self._inodes, self._times = array("Q"), array("q")

    def members(self, log: FindingLog) -> Iterator[ExactMember]:
        """Every entry, a directory before what is in it, in the order of the names; what cannot be read is a finding.

        Of several names of one file, those after the first are hard links to it. Raises InputError where the directory
        itself cannot be listed, LimitReached at `layer-entries`, at `metadata-bytes` and when the time is up.
        """
        self._forget()
        offset = BLOCK
        first: dict[tuple[int, int], bytes] = {}  # of files with several names
        device = os.fstat(self._folder.descriptor).st_dev
        pending = [b""]
        with OpenFolders(self._folder.descriptor) as folders:
            while pending:
                path = pending.pop()
                below: list[bytes] = []
                for name, descriptor in self._listed(path, folders, log):
                    member = self._member(path, name, descriptor, offset, first, log)
                    if member is None:
                        continue
                    offset += member.size + BLOCK
                    yield member
                    if member.type == "dir" and _is_inside(name, descriptor, device, member.name, log):
                        below.append(member.name)
                pending += reversed(below)

    def _listed(self, path: bytes, folders: OpenFolders, log: FindingLog) -> Iterator[tuple[str, int]]:
        """The names in a directory, sorted, each with the descriptor of the directory."""
        limit = self._meter.limits.layer_entries
        self._meter.limits.check_deadline()
        try:
            descriptor = folders.descriptor(path)
            names: list[str] = []
            with os.scandir(descriptor) as entries:
                for entry in entries:
                    names.append(entry.name)
                    if len(names) > limit:
                        raise LimitReached("layer-entries", limit)
        except OSError as error:
            if not path:
                raise unreadable(os.fsdecode(self._path), error) from None
            log.add(_unread(path, "directory", error))
            return
        names.sort(key=os.fsencode)
        for name in names:
            yield name, descriptor

    def _member(
        self,
        folder: bytes,
        name: str,
        descriptor: int,
        offset: int,
        first: dict[tuple[int, int], bytes],
        log: FindingLog,
    ) -> ExactMember | None:
        raw = os.fsencode(name)
        path = folder + b"/" + raw if folder else raw
        link = b""
        try:
            status = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
            kind = _TYPES.get(stat.S_IFMT(status.st_mode))
            if kind == "symlink":
                link = os.fsencode(os.readlink(name, dir_fd=descriptor))
        except OSError as error:
            log.add(_unread(path, "entry", error))
            return None
        if kind is None:
            return None
        size = 0
        if kind == "file":
            if status.st_nlink > 1:
                link = first.setdefault((status.st_dev, status.st_ino), path)
                kind, link = ("file", b"") if link == path else ("hardlink", link)
            size = status.st_size if kind == "file" else 0
        if size:
            if not os.access(name, os.R_OK, dir_fd=descriptor, effective_ids=True):
                log.add(_unread(path, "file", PermissionError(errno.EACCES, os.strerror(errno.EACCES))))
            self._note(path, offset, size, status)
        extra = _extra(name, descriptor, status, kind)
        mode, mtime = stat.S_IMODE(status.st_mode), status.st_mtime_ns // _NANO
        return ExactMember(path, kind, size, mode, status.st_uid, status.st_gid, mtime, link, offset, None, extra)

    def _note(self, path: bytes, offset: int, size: int, status: os.stat_result) -> None:
        self.size += size
        self._names.append(path)
        self._offsets.append(offset)
        self._sizes.append(size)
        self._inodes.append(status.st_ino)
        self._times.append(status.st_mtime_ns)

    def read_at(self, offset: int, size: int, /) -> bytes:
        """Up to `size` bytes of the body that lies at `offset`, fewer at its end; nothing where no body lies.

        Nothing also where the file is no longer the one that was listed, or cannot be opened: a body is then cut.
        Raises InputError where reading fails.
        """
        number = bisect_right(self._offsets, offset) - 1
        if number < 0:
            return b""
        start = offset - self._offsets[number]
        left = self._sizes[number] - start
        with self._lock:
            file = self._opened(number) if left > 0 else None
        return b"" if file is None else file.read_at(start, min(size, left))

    def _opened(self, number: int) -> OpenFile | None:
        if self._open is not None and self._open[0] == number:
            return self._open[1]
        name = self._names[number]
        try:
            descriptor = self._folder.file(name)
        except OSError as error:
            self._changed = self._changed or error.errno in _GONE
            return None
        file = OpenFile(descriptor, os.fsdecode(os.path.join(self._path, name)), self._meter)
        status = os.fstat(descriptor)
        found = (status.st_size, status.st_ino, status.st_mtime_ns)
        if found != (self._sizes[number], self._inodes[number], self._times[number]):
            self._changed = True
            return None
        self._open = (number, file)
        return file

    def chunks(self) -> Iterator[bytes]:
        """The bodies, one after the other, in pieces."""
        for start, size in zip(self._offsets, self._sizes, strict=True):
            for position in range(0, size, CHUNK):
                yield self.read_at(start + position, CHUNK)

    def changed(self) -> bool:
        """Was a file that was read not the one that was listed?"""
        return self._changed


def _unread(path: bytes, what: str, error: OSError) -> Finding:
    why = (error.strerror or "reading failed").lower()
    return problems.UNREADABLE_ENTRY.at(Where(path=path), what=what, name=path, why=why)


def _is_inside(name: str, descriptor: int, device: int, path: bytes, log: FindingLog) -> bool:
    """Is the directory on the same file system? Another one is mounted there, which is not part of this one."""
    try:
        same = os.stat(name, dir_fd=descriptor, follow_symlinks=False).st_dev == device
    except OSError:
        return True  # listing it says what is wrong
    if not same:
        log.add(problems.OTHER_FILESYSTEM.at(Where(path=path), name=path))
    return same


def _extra(name: str, descriptor: int, status: os.stat_result, kind: MemberType) -> Extra | None:
    device = (os.major(status.st_rdev), os.minor(status.st_rdev)) if kind in ("char", "block") else None
    nanoseconds = status.st_mtime_ns % _NANO
    xattrs = _xattrs(name, descriptor) if kind in ("file", "dir") else {}
    if device is None and not nanoseconds and not xattrs:
        return None
    return Extra(mtime_ns=nanoseconds, xattrs=dict(xattrs) or None, device=device)


def _xattrs(name: str, descriptor: int) -> dict[bytes, bytes]:
    """The attributes that a layer can carry: capabilities, and what users set. Others belong to the machine."""
    if not hasattr(os, "listxattr"):
        return {}
    # Python reads attributes by path alone; through the descriptor no other directory can get in between.
    path = f"/proc/self/fd/{descriptor}/{name}"
    try:
        names = [one for one in os.listxattr(path, follow_symlinks=False) if _is_kept(one)]
        found = {os.fsencode(one): os.getxattr(path, one, follow_symlinks=False) for one in names}
    except OSError:
        return {}
    return {key: value for key, value in found.items() if len(value) <= XATTR_SIZE}


def _is_kept(name: str) -> bool:
    return name == _CAPABILITY or name.startswith("user.")
