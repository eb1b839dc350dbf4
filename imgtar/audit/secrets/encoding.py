"""Whether the first bytes of a file are those of a text, and in which encoding."""

from __future__ import annotations

import codecs

HEAD = 1 << 10  # bytes that decide
_MARKS = (  # that of UTF-32 in little-endian order begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ANY_MARK = tuple(mark for mark, _ in _MARKS)
# Text without a mark by the bytes of a unit that are 0 in most units, and the one that never is.
_UNITS = (
    ("utf-32-le", 4, (1, 2, 3), 0),
    ("utf-32-be", 4, (0, 1, 2), 3),
    ("utf-16-le", 2, (1,), 0),
    ("utf-16-be", 2, (0,), 1),
)
_FEWEST_UNITS = 8  # of a text without a mark
_CONTROLS = bytes(range(7)) + bytes((0x0E, 0x0F, *range(0x10, 0x1B), *range(0x1C, 0x20), 0x7F))
_NOT_CONTROLS = bytes(byte for byte in range(256) if byte not in _CONTROLS)
_MAGIC = 8  # bytes at the start of a binary format that hold a control character
_CONTROL_SHARE = 16  # at most one byte of so many is a control character in a text


def text_encoding(head: bytes) -> str | None:
    """The codec of the text that starts with these bytes, "utf-8" also for its likes; None where it is not a text.

    A text may hold a few NULs and other control characters, as lists of variables do, but not in its first 8 bytes.
    """
    head = head[:HEAD]
    if head.startswith(_ANY_MARK):
        return next(name for mark, name in _MARKS if head.startswith(mark))
    if b"\0" not in head:
        return "utf-8"
    for name, width, zeros, letter in _UNITS:
        units = len(head) // width
        if units >= _FEWEST_UNITS and not head[letter : units * width : width].count(0):
            counts = [head[zero : units * width : width].count(0) for zero in zeros]
            if min(counts) * 2 > units:
                return name
    controls = len(head.translate(None, _NOT_CONTROLS))
    is_text = controls * _CONTROL_SHARE <= len(head) and not head[:_MAGIC].translate(None, _NOT_CONTROLS)
    return "utf-8" if is_text else None
