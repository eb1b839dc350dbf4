"""Two linear searches that see every byte of every text: which literals it holds, and its long words.

Compiled code does both where it is installed (`_spans.c`), with the same results.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from imgtar.compiled import compiled_module


def present_python(text: bytes, literals: tuple[bytes, ...], /) -> int:
    """Which of at most 64 literals of 3 to 64 bytes the text holds: the bit of each one's number."""
    return sum(1 << number for number, literal in enumerate(literals) if literal in text)


def spans_python(text: bytes, characters: bytes, shortest: int, before: int, /) -> bytes:
    """The spans of `shortest` or more bytes whose value in `characters` is 1, each with up to `before` bytes before it.

    No byte comes twice, and a blank stands where bytes are left out. `characters` has 256 bytes, each 0 or 1.
    """
    mask = text.translate(characters)
    find, long, size = mask.find, b"\1" * shortest, len(text)
    found: list[bytes] = []
    start, end = find(long), 0
    while start >= 0:
        first = max(end, start - before)
        if first > end:
            found.append(b" ")
        end = find(b"\0", start + shortest) % (size + 1)  # -1 is the end of the text
        found.append(text[first:end])
        start = find(long, end)
    return b"".join(found)


_compiled = compiled_module("imgtar.audit.secrets._spans")
present = cast("Callable[[bytes, tuple[bytes, ...]], int]", getattr(_compiled, "present", present_python))
spans = cast("Callable[[bytes, bytes, int, int], bytes]", getattr(_compiled, "spans", spans_python))
