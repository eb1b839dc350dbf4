"""Directories reached from the descriptor of one of them, one name at a time; no link is ever followed."""

from __future__ import annotations

import os
from collections import OrderedDict
from typing import Self

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FEWEST, _MOST = 4, 256  # descriptors


class OpenFolders:
    """The directories below `root`, a descriptor that the caller closes.

    The ones used last stay open, as many as the limit on descriptors allows. A directory that another process puts a
    link in place of is not found again.
    """

    def __init__(self, root: int) -> None:
        self._root = root
        self._open: OrderedDict[bytes, int] = OrderedDict()
        self._most = max(_FEWEST, min(_MOST, _descriptors() // 4))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        while self._open:
            os.close(self._open.popitem()[1])

    def descriptor(self, path: bytes, *, held: bytes | None = None) -> int:
        """The descriptor of the directory `path` (b"" is the root), good until another one is asked for.

        The one of the path `held` stays good too. Raises OSError, also where a part of the path is a link.
        """
        if not path:
            return self._root
        found = self._open.get(path)
        if found is not None:
            self._open.move_to_end(path)
            return found
        above = _parent(path)
        while above and above not in self._open:
            above = _parent(above)
        found = self._open[above] if above else self._root
        while above != path:
            end = path.find(b"/", len(above) + 1 if above else 0)
            below = path if end < 0 else path[:end]
            found = os.open(below[len(above) + 1 if above else 0 :], FOLDER, dir_fd=found)
            self._keep(below, found, held)
            above = below
        return found

    def _keep(self, path: bytes, descriptor: int, held: bytes | None) -> None:
        self._open[path] = descriptor
        if len(self._open) <= self._most:
            return
        oldest = next(iter(self._open))
        if oldest == held:
            self._open.move_to_end(oldest)
            self._open.move_to_end(path)
            oldest = next(iter(self._open))
        os.close(self._open.pop(oldest))


def _descriptors() -> int:
    """How many descriptors this process may have."""
    try:
        import resource
    except ImportError:  # Windows
        return _MOST
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return soft if soft > 0 else 4 * _MOST


def _parent(path: bytes) -> bytes:
    return path[: max(0, path.rfind(b"/"))]
