"""A package as a database of installed packages has it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

_LONGEST = 512  # bytes of a name, a version or a license; real ones have fewer than 200
_MOST_DIGITS = 16  # of a number; 10^15 bytes is more than any disk holds
MOST_PACKAGES = 50_000  # of one database; large installations have some 5,000
MOST_FILES = 16 << 20  # bytes of the paths of one package; a large one has 2 MB
_ODD = (b"//", b"/\n", b"\0", b"\r")  # in a list of paths that are not plain
_DOTS = (b"/./", b"/../", b"/.\n", b"/..\n")
TOO_MANY = f"more than {MOST_PACKAGES} packages"


class Installed(msgspec.Struct, frozen=True, gc=False):
    """What a database says of one package; a text is empty where it says nothing.

    `files` are the paths of its files from the root, each ended by a NUL. Without a `version` the database only lists
    the files of a package that another database describes. `size` are the bytes that it takes as the database states
    them, 0 where it states none.
    """

    name: str
    version: str = ""
    arch: str = ""
    source: str = ""
    license: str = ""
    files: bytes = b""
    size: int = 0


class InstalledPackages(msgspec.Struct, frozen=True):
    """The packages of one database in its order. `problem` says what of it could not be read, empty where all was."""

    packages: tuple[Installed, ...]
    problem: str = ""


def fact(raw: bytes) -> str:
    r"""A name, a version or the like: bytes that are not UTF-8 as `\xNN`, and of a text that is too long the begin."""
    return raw[:_LONGEST].strip().decode("utf-8", "backslashreplace")


def number(raw: bytes) -> int:
    """A number in decimal digits; 0 for anything else, and for one that no size has."""
    digits = raw.strip()
    return int(digits) if digits.isdigit() and len(digits) < _MOST_DIGITS else 0


def joined(paths: Iterable[bytes | None]) -> bytes:
    """The paths as `Installed.files` holds them; None is one that leads out of the root.

    A list that is longer than `MOST_FILES` ends there.
    """
    found = bytearray()
    for path in paths:
        if path:
            found += path
            found.append(0)
            if len(found) > MOST_FILES:
                break
    return bytes(found)


def plain_lines(content: bytes) -> bytes | None:
    """The lines of a list of paths from the root as `joined` gives them, all at once; None where one is not plain.

    A plain line is a slash and a path that has one form only. The root itself, which dpkg lists first, is left out.
    """
    listed = content.removeprefix(b"/.\n")
    is_plain = (
        len(listed) <= MOST_FILES
        and listed.startswith(b"/")
        and listed.endswith(b"\n")
        and listed.count(b"\n/") == listed.count(b"\n") - 1
        and not any(odd in listed for odd in _ODD)
        and (b"/." not in listed or not any(dots in listed for dots in _DOTS))
    )
    return listed[1:-1].replace(b"\n/", b"\0") + b"\0" if is_plain else None


def paragraphs(content: bytes) -> Iterator[bytes]:
    """What stands between empty lines, one after the other."""
    start = 0
    while start < len(content):
        end = content.find(b"\n\n", start)
        end = len(content) if end < 0 else end
        if end > start:
            yield content[start:end]
        start = end + 2


def counted_problem(count: int, what: str) -> str:
    """`3 paragraphs without a name or a version`, empty where the count is 0."""
    return f"{count} {what}" if count else ""
