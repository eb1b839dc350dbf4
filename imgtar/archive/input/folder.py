"""A directory held by its descriptor: what is below is reached one name at a time, and no link is followed on the way.

A path is looked up again at each use, so another process can put a link in the place of a directory in between. A
descriptor stays what it was.
"""

from __future__ import annotations

import os
import weakref

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # O_NONBLOCK: a named pipe does not block


class OpenFolder:
    """An open directory; closed with the last reference. `descriptor` serves as `dir_fd`, with single names only."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._close = weakref.finalize(self, os.close, descriptor)

    @classmethod
    def opened(cls, path: str) -> OpenFolder:
        """The directory at `path`, which may be a link. Raises OSError."""
        return cls(os.open(path, _FOLDER))

    def folder(self, name: bytes) -> OpenFolder:
        """The directory `name` (`a/b`; b"" is this directory itself). Raises OSError, also where a part is a link."""
        found = self
        for part in name.split(b"/") if name else ():
            found = OpenFolder(os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=found.descriptor))
        return found

    def file(self, name: bytes) -> int:
        """A new descriptor of the file `name` (`a/b`), to read it. Raises OSError, also where a part is a link."""
        parent, _, last = name.rpartition(b"/")
        folder = self.folder(parent)  # held until the file is open
        return os.open(last, _FILE, dir_fd=folder.descriptor)
