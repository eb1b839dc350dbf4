"""Paths inside an image: raw bytes, relative to the root, no leading or trailing slash; the root is `b""`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from imgtar.findings import Kind
from imgtar.layer import problems
from imgtar.limits import PATH_COMPONENTS, PATH_SIZE

# Names of these bytes alone need no second look.
PLAIN = b"abcdefghijklmnopqrstuvwxyz0123456789._-+~@=%,:#"
# The same for the compiled walker, by the byte: 0 odd, 1 plain, 2 an upper case letter, which file systems may fold.
CHARACTERS = bytes(1 if byte in PLAIN else 2 if 0x41 <= byte <= 0x5A else 0 for byte in range(256))
_INVISIBLE = frozenset(
    chr(code)
    for start, stop in ((0x200B, 0x2010), (0x2028, 0x202F), (0x2060, 0x2070), (0xFEFF, 0xFF00), (0x80, 0xA0), (0, 0x20))
    for code in range(start, stop)
) | {"\x7f", "\u061c", "\u00ad"}


def leaves_root(name: bytes) -> bool:
    """Do the `..` of a name climb above the root?"""
    depth = 0
    for part in name.split(b"/"):
        if part == b"..":
            depth -= 1
            if depth < 0:
                return True
        elif part not in (b"", b"."):
            depth += 1
    return False


def too_long(path: bytes) -> bool:
    """Is the path too long to be split into components?"""
    return len(path) > PATH_SIZE or path.count(b"/") >= PATH_COMPONENTS


def parent(path: bytes) -> bytes:
    """The directory that holds `path`."""
    return path[: max(path.rfind(b"/"), 0)]


def join(directory: bytes, name: bytes) -> bytes:
    """The path of `name` in a directory."""
    return directory + b"/" + name if directory else name


def misleading(name: bytes) -> Iterator[Kind]:
    """The kinds of finding that the characters of a name deserve."""
    try:
        text = name.decode()
    except UnicodeDecodeError:
        text = name.decode("utf-8", "ignore")
    if not _INVISIBLE.isdisjoint(text):
        yield problems.CONTROL_CHAR
    at = text.find("<")
    while at >= 0:
        after = text[at + 1 : at + 2]
        if after.isalpha() or after in ("/", "!"):
            yield problems.MARKUP_NAME
            break
        at = text.find("<", at + 1)


class Children:
    """The paths registered below each directory; the caller checks which of them still exist."""

    def __init__(self, paths: Iterable[bytes]) -> None:
        self._below: defaultdict[bytes, list[bytes]] = defaultdict(list)
        for path in paths:
            self._below[path.rpartition(b"/")[0]].append(path)

    def add(self, path: bytes) -> None:
        """Registers a path below its directory; the directory need not be registered first."""
        self._below[path.rpartition(b"/")[0]].append(path)

    def take(self, directory: bytes) -> list[bytes]:
        """Every path below `directory`, at any depth, each once. They are registered no more.

        So the cost of all calls together is linear in what was registered, however often a directory is emptied.
        """
        taken: dict[bytes, None] = {}
        waiting = [directory]
        while waiting:
            below = self._below.pop(waiting.pop(), ())
            taken.update(dict.fromkeys(below))
            waiting.extend(path for path in below if path in self._below)
        return list(taken)
