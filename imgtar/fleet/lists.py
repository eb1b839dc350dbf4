"""A list of archives, `@LIST`: a path on each line, or with NUL bytes between them. contract.md section 2, `fleet`.

A list is streamed, so it may have a million lines.
"""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Iterator
from typing import BinaryIO

from imgtar.errors import InputError, UsageError
from imgtar.formats.compression import sniff
from imgtar.formats.magic import by_magic

_PIECE = 1 << 16  # bytes that are read of a list at a time; no line is longer
_HEAD = 1 << 12  # the beginning, which says whether it is a list
_PADDING = bytes(8)  # a list has one NUL byte between two paths, and a header of a tar has many in a row
_CONTROL = re.compile(rb"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
_UTF16 = b"\xff\xfe", b"\xfe\xff"


def listed(name: str) -> Iterator[bytes]:
    """The paths of a list (`-`: standard input); where its beginning has a NUL byte, NUL bytes end them.

    Raises InputError where it cannot be read, UsageError where it is no list.
    """
    with contextlib.ExitStack() as stack:
        try:
            file: BinaryIO = sys.stdin.buffer if name == "-" else stack.enter_context(open(name, "rb"))
            yield from filter(None, _lines(file, name))
        except OSError as error:
            raise InputError("input.list", f"@{name}: {error.strerror or error}", "give a list of paths") from None


def _lines(file: BinaryIO, name: str) -> Iterator[bytes]:
    rest, end = b"", b""
    while piece := file.read(_PIECE):
        if not end:
            _check(piece[:_HEAD], name)
            end = b"\0" if b"\0" in piece else b"\n"
        elif end == b"\n" and b"\0" in piece:
            remedy = "end every path with a line feed, or every path with a NUL byte"
            raise UsageError("usage.list", f"@{name}: a line has a NUL byte, which no path has", remedy)
        *lines, rest = (rest + piece).split(end)
        if len(rest) > _PIECE:
            raise UsageError("usage.list", f"@{name}: a line of more than 64 KiB", "give one path on each line")
        yield from lines
    yield rest


def _check(head: bytes, name: str) -> None:
    """Raises UsageError where a list begins like a file of another kind.

    Paths may begin with the letters of a format (`MZ`, `BZh`), so its bytes that no text has count as well.
    """
    remedy = "give a list of paths" if name == "-" else "leave out the @"
    if head.startswith(_UTF16):
        raise UsageError("usage.list", f"@{name} is text in UTF-16, which paths are not", "write the list as UTF-8")
    binary = _CONTROL.search(head) is not None
    if _PADDING in head or (binary and sniff(head) != "none"):
        raise UsageError("usage.list", f"@{name} is an archive, not a list", remedy)
    likely = by_magic(head) if binary else None
    if likely is not None:
        raise UsageError("usage.list", f"@{name} is {likely.what}, not a list", "give a list of paths")
