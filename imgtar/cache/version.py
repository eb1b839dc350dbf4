"""What decides what a scan says besides the bytes of the layer: the source code of imgtar."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from imgtar.version import __version__

FORM = 1  # of the rows; raised where a row of an earlier form cannot be read
# The rooms that say what a scan and its answers hold, and what they stand on.
_ROOMS = ("formats", "layer", "packages", "audit", "analysis", "cache", "findings.py", "limits.py", "severity.py")


@cache
def code_version() -> bytes:
    """The digest of the version and of the source code that makes scans: what other code has kept is not found.

    Where the source code is not at hand, the version stands for it.
    """
    hasher = hashlib.sha256(f"{__version__} {FORM}".encode())
    root = files("imgtar")
    try:
        for room in _ROOMS:
            for name, source in _sources(root.joinpath(room), room):
                hasher.update(b"%d:%b %d:%b" % (len(name), name.encode(), len(source), source))
    except OSError:
        pass
    return hasher.digest()


def _sources(place: Traversable, name: str) -> Iterator[tuple[str, bytes]]:
    if place.is_dir():
        for child in sorted(place.iterdir(), key=lambda one: one.name):
            if child.is_dir() or child.name.endswith(".py"):
                yield from _sources(child, f"{name}/{child.name}")
    elif place.is_file():
        yield name, place.read_bytes()
