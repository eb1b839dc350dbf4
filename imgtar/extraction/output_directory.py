"""A directory that gets its name when it is whole, and leaves nothing behind otherwise."""

from __future__ import annotations

import os
import stat

from imgtar.archive.input.open_folders import FOLDER
from imgtar.errors import OutputError, unwritable
from imgtar.extraction.folders import remove_tree

_INODES_SPARE = 16
_LONGEST_NAME = 255  # bytes


class OutputDirectory:
    """The directory `path` while it is written, under another name beside it; `root` is its descriptor once it is made.

    Raises OutputError where something is there that is not an empty directory, or where its parent cannot be opened.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.root = -1
        above, name = os.path.split(os.path.abspath(path))
        self._name = os.fsencode(name)
        self._finished = False
        if not name:
            raise self._error("it is the root directory", "choose a new directory")
        try:
            self._above = os.open(os.path.realpath(above), FOLDER)
        except OSError as problem:
            raise self._failed(problem) from None
        suffix = b".imgtar-" + os.urandom(8).hex().encode()
        self._temporary = self._name + suffix if len(self._name + suffix) <= _LONGEST_NAME else suffix
        try:
            self._check_absent()
        except BaseException:
            os.close(self._above)
            raise

    def _check_absent(self) -> None:
        try:
            status = os.stat(self._name, dir_fd=self._above, follow_symlinks=False)
        except FileNotFoundError:
            return
        except OSError as problem:
            raise self._failed(problem) from None
        if stat.S_ISLNK(status.st_mode):
            raise self._error("it is a link", "choose a new directory")
        if not stat.S_ISDIR(status.st_mode):
            raise self._error("it is a file", "choose a new directory")
        try:
            descriptor = os.open(self._name, FOLDER, dir_fd=self._above)
            try:
                with os.scandir(descriptor) as entries:
                    if any(True for _ in entries):
                        raise self._error("it is not empty", "choose a new directory")
            finally:
                os.close(descriptor)
        except OSError as problem:
            raise self._failed(problem) from None

    def make(self) -> None:
        """Makes the directory under its first name. Raises OutputError."""
        try:
            os.mkdir(self._temporary, 0o700, dir_fd=self._above)
            self.root = os.open(self._temporary, FOLDER, dir_fd=self._above)
        except OSError as problem:
            raise self._failed(problem) from None

    def check_space(self, sizes: int, files: int) -> None:
        """Raises OutputError where the file system has no room for `files` files with `sizes` bytes together."""
        free = os.fstatvfs(self.root)
        room = free.f_bavail * free.f_frsize
        if sizes > room and free.f_blocks:  # some file systems count nothing
            reason = f"{sizes:,} bytes are needed and {room:,} are free"
            raise self._error(reason, "free some space or choose another directory")
        if free.f_files and files + _INODES_SPARE > free.f_favail:
            raise self._error(f"{files:,} files are to be made and {free.f_favail:,} can be", "use another file system")

    @property
    def block(self) -> int:
        """The bytes in which the file system gives out space."""
        return max(os.fstatvfs(self.root).f_frsize, 1)

    def finish(self, mode: int) -> None:
        """Gives the directory its mode and its name. Raises OutputError."""
        try:
            os.fchmod(self.root, mode)
            mine, named = os.fstat(self.root), os.stat(self._temporary, dir_fd=self._above, follow_symlinks=False)
            if (mine.st_dev, mine.st_ino) != (named.st_dev, named.st_ino):
                raise self._error("another process moved it", "extract to a directory that only you can write")
            os.rename(self._temporary, self._name, src_dir_fd=self._above, dst_dir_fd=self._above)
        except OSError as problem:
            raise self._failed(problem) from None
        self._finished = True

    def close(self) -> None:
        """Closes the descriptors; a directory that is not finished is removed."""
        try:
            if not self._finished:
                self.remove()
        finally:
            if self.root >= 0:
                os.close(self.root)
            os.close(self._above)

    def remove(self) -> None:
        """Removes the directory under its first name, if it is still there. Raises OSError."""
        try:
            named = os.stat(self._temporary, dir_fd=self._above, follow_symlinks=False)
        except FileNotFoundError:
            return
        if self.root < 0 or os.path.samestat(named, os.fstat(self.root)):
            remove_tree(self._temporary, folder=self._above)

    def failed(self, problem: OSError) -> OutputError:
        """The error of an output that the system refuses."""
        return self._failed(problem)

    def _failed(self, problem: OSError) -> OutputError:
        return unwritable(self.path, problem, "another directory")

    def _error(self, reason: str, remedy: str) -> OutputError:
        return OutputError("output.unwritable", f"{self.path}: cannot be written: {reason}", remedy)
