"""Writes a plan into a directory: directories, files, hard links, symbolic links, devices, then what directories state.

Every step names one file in a directory held by its descriptor. Nothing that exists is opened or followed.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator

from imgtar.archive.input.open_folders import OpenFolders
from imgtar.extraction import problems
from imgtar.extraction.metadata import MetadataRules
from imgtar.extraction.plan import DAMAGED, SPECIAL, Item, Plan, Written
from imgtar.findings import Effect, Finding, FindingLog, Where
from imgtar.formats.tar import TarMember
from imgtar.image.bodies import Body, Hole
from imgtar.layer.paths import parent

Bodies = Callable[[Iterable[tuple[int, TarMember]]], Iterator[Body]]

_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
# What a file system answers to a name or a type that it does not take; any other error ends the work.
_REFUSED = {
    errno.ENAMETOOLONG: "its name is too long for this file system",
    errno.EEXIST: "another name of the image is the same name on this file system",
    errno.EILSEQ: "this file system does not take its name",
    errno.EINVAL: "this file system does not take it",
    errno.EMLINK: "this file system allows no more names of one file",
    errno.EFBIG: "it is too large for this file system",
    errno.EPERM: "this file system or user may not make it",
    errno.EOPNOTSUPP: "this file system does not take it",
}
_NOT_THERE = "its directory is not written"


class DirectoryWriter:
    """Writes one plan below `root`, the descriptor of an empty directory."""

    def __init__(self, plan: Plan, bodies: Bodies, root: int, rules: MetadataRules) -> None:
        self._plan = plan
        self._bodies = bodies
        self._root = root
        self._rules = rules
        self._log = FindingLog(plan.findings)
        self._skipped = list(plan.skipped)
        self._lost: set[bytes] = set()  # paths of the plan that are not written
        self._refused = any(finding.kind is problems.NOT_WRITTEN for finding in plan.findings)
        self._stopped = False

    def write(self) -> Written:
        """Writes everything that can be written. Raises OSError where the output fails, InputError from reading."""
        with OpenFolders(self._root) as folders:
            self._folders = folders
            items = self._plan.items
            self._each(items, "dir", self._make_directory)
            self._write_files([item for item in items if item.type == "file"])
            if not self._stopped:
                self._each(items, "hardlink", self._make_hard_link)
                self._each(items, "symlink", self._make_symlink)
                for kind in SPECIAL:
                    self._each(items, kind, self._make_special)
                self._write_documents()
                self._finish_directories()
        written = [item for item in items if item.path not in self._lost]
        return Written(written, self._skipped, tuple(self._log), self._refused, self._stopped)

    def _each(self, items: Iterable[Item], kind: str, make: Callable[[Item, bytes, int], None]) -> None:
        for item in items:
            if item.type == kind:
                self._make(item, make)

    def _make(self, item: Item, make: Callable[[Item, bytes, int], None]) -> bool:
        """Makes one item in its directory; False where the file system refuses it."""
        above, _, name = item.path.rpartition(b"/")
        if above in self._lost:
            self._refuse(item, _NOT_THERE)
            return False
        folder = self._folders.descriptor(above)
        try:
            make(item, name, folder)
        except OSError as problem:
            if problem.errno not in _REFUSED:
                raise
            self._refuse(item, _REFUSED[problem.errno])
            return False
        except (OverflowError, ValueError):  # a device number beyond the kernel's, a target with a NUL
            self._refuse(item, _REFUSED[errno.EINVAL])
            return False
        return True

    def _refuse(self, item: Item, reason: str) -> None:
        self._refused = True
        finding = problems.NOT_WRITTEN.at(_place(item), name=item.image_path, type=item.type, why=reason)
        self._lose(item, reason, finding)

    def _lose(self, item: Item, reason: str, finding: Finding) -> None:
        self._lost.add(item.path)
        self._skipped.append(item.skipped(reason))
        self._log.add(finding)

    def _make_directory(self, _item: Item, name: bytes, folder: int) -> None:
        os.mkdir(name, 0o700, dir_fd=folder)

    def _write_files(self, files: list[Item]) -> None:
        full = [item for item in files if item.member.size]
        for item in files:
            if not item.member.size:
                self._make(item, self._make_empty)
        full.sort(key=lambda item: (item.layer, item.member.offset))
        bodies = self._bodies((item.layer, item.member) for item in full)
        for item, body in zip(full, bodies, strict=True):
            self._make(item, lambda item, name, folder, body=body: self._write_file(item, name, folder, body))  # type: ignore[misc]
            if body.finding is not None and body.finding.effect is Effect.LIMIT:
                self._stopped = True
                return

    def _make_empty(self, item: Item, name: bytes, folder: int) -> None:
        descriptor = os.open(name, _NEW_FILE, 0o600, dir_fd=folder)
        try:
            self._state(item, descriptor)
        finally:
            os.close(descriptor)

    def _write_file(self, item: Item, name: bytes, folder: int, body: Body) -> None:
        descriptor = os.open(name, _NEW_FILE, 0o600, dir_fd=folder)
        try:
            whole = False
            try:
                whole = _copy(body, descriptor, item.member.size)
                if whole:
                    self._state(item, descriptor)
            finally:
                os.close(descriptor)
        except OSError:
            os.unlink(name, dir_fd=folder)
            raise
        if not whole:
            os.unlink(name, dir_fd=folder)
            assert body.finding is not None
            self._lose(item, DAMAGED, body.finding)

    def _make_hard_link(self, item: Item, name: bytes, folder: int) -> None:
        if item.target in self._lost:
            reason = "the file that it names is not written"
            finding = problems.SKIPPED.at(_place(item), name=item.image_path, type=item.type, why=reason)
            self._lose(item, reason, finding)
            return
        source, _, first = item.target.rpartition(b"/")
        held = parent(item.path)
        descriptor = self._folders.descriptor(source, held=held)
        os.link(first, name, src_dir_fd=descriptor, dst_dir_fd=folder, follow_symlinks=False)

    def _make_symlink(self, item: Item, name: bytes, folder: int) -> None:
        os.symlink(item.target, name, dir_fd=folder)
        self._rules.apply_by_name(item, name, folder)

    def _make_special(self, item: Item, name: bytes, folder: int) -> None:
        mode = self._rules.mode(item) & 0o777
        if item.type == "fifo":
            os.mkfifo(name, mode, dir_fd=folder)
        else:
            kind = stat.S_IFCHR if item.type == "char" else stat.S_IFBLK
            major, minor = (item.member.extra and item.member.extra.device) or (0, 0)
            os.mknod(name, kind | mode, os.makedev(major, minor), dir_fd=folder)
        self._rules.apply_by_name(item, name, folder)

    def _write_documents(self) -> None:
        for name, content in self._plan.documents:
            descriptor = os.open(name, _NEW_FILE, 0o666, dir_fd=self._root)
            try:
                _write(descriptor, content)
            finally:
                os.close(descriptor)

    def _finish_directories(self) -> None:
        """Sets what directories state, the deepest first: what is made in one changes its time."""
        for item in reversed(self._plan.items):
            if item.type == "dir" and item.path not in self._lost:
                self._state(item, self._folders.descriptor(item.path))

    def _state(self, item: Item, descriptor: int) -> None:
        """Sets the metadata of an open file; what cannot be set of its attributes is a finding."""
        for attribute, why in self._rules.apply(item, descriptor):
            reason = f"attribute {attribute.decode('ascii', 'backslashreplace')}: {why}"
            self._skipped.append(item.skipped(reason))
            self._log.add(problems.SKIPPED.at(_place(item), name=item.image_path, type="attribute", why=reason))


def _place(item: Item) -> Where:
    return Where(layer=item.layer, path=item.image_path)


def _copy(body: Body, descriptor: int, size: int) -> bool:
    """Writes a body, its holes by moving on; False where it is not whole."""
    position = 0
    ends_in_hole = False
    for piece in body.pieces():
        if isinstance(piece, Hole):
            position += piece.size
            os.lseek(descriptor, piece.size, os.SEEK_CUR)
            ends_in_hole = True
        else:
            position += len(piece)
            _write(descriptor, piece)
            ends_in_hole = False
    if body.finding is not None or position != size:
        return False
    if ends_in_hole:
        os.ftruncate(descriptor, size)
    return True


def _write(descriptor: int, content: bytes) -> None:
    written = os.write(descriptor, content)
    while written < len(content):
        written += os.write(descriptor, memoryview(content)[written:])
