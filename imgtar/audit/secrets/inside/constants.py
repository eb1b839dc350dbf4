"""The texts in compiled Python (`marshal`) and compiled Java (JVM specification, 4.4), without loading either.

In both formats the length of a text stands before its bytes and a code of the next object behind them, so runs of
printable characters would begin and end with characters that are not part of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from imgtar.audit.secrets.inside.inflow import DAMAGED, Unread

JAVA_MAGIC = b"\xca\xfe\xba\xbe"
PYTHON_MARK = b"\r\n"  # behind two bytes of the version
_SHORTEST = 20
_ASCII = rb"[\t\n\r\x20-\x7e]"
_RUN = re.compile(rb"[\t\n\r\x20-\x7e\x80-\xff]*+")
# One byte of length behind the codes of short ASCII texts; four bytes behind those of others and of bytes. The highest
# bit of a code says that the object is referred to later.
_PYTHON = re.compile(
    rb"(?:[zZ\xfa\xda]([\x14-\xff])(?=" + _ASCII + rb"{20})"
    rb"|[sutaA\xf3\xf5\xf4\xe1\xc1]([\x00-\xff]{2}[\x00-\x0f]\x00)(?=[\t\n\r\x20-\x7e\x80-\xff]{20}))"
)
_JAVA_TEXT, _JAVA_LONG = 1, (5, 6)
# Bytes of the other constants by their tag; a number of eight bytes counts as two constants.
_JAVA_SIZES = {3: 4, 4: 4, 5: 8, 6: 8, 7: 2, 8: 2, 9: 4, 10: 4, 11: 4, 12: 4, 15: 3, 16: 2, 17: 4, 18: 4, 19: 2, 20: 2}


def python_texts(body: bytes) -> Iterator[bytes]:
    """The texts of at least 20 bytes in a `.pyc` file: what stands behind each header, if it is text to its end.

    The layout of code differs between versions, that of texts does not; of a thousand texts one may be taken for the
    end of another. A long header has a byte that is not text, so a run ends at the next one: the work is linear.
    """
    at = 0
    while (match := _PYTHON.search(body, at)) is not None:
        start = match.end()
        size = int.from_bytes(match[1] or match[2], "little")
        at = match.start() + 1
        run = _RUN.match(body, start, start + size)
        if size >= _SHORTEST and run is not None and run.end() == start + size:
            text = run[0]
            if text.isascii() if match[1] else _is_utf_8(text):
                yield text
                at = start + size


def java_texts(body: bytes) -> Iterator[bytes | Unread]:
    """The texts of at least 20 bytes among the constants of a `.class` file."""
    left, at = int.from_bytes(body[8:10], "big") - 1, 10
    while left > 0:
        tag = body[at] if at < len(body) else 0
        if tag == _JAVA_TEXT:
            start = at + 3
            at = start + int.from_bytes(body[at + 1 : start], "big")
            if at - start >= _SHORTEST:
                yield body[start:at]
        elif tag in _JAVA_SIZES:
            at += 1 + _JAVA_SIZES[tag]
        else:
            yield Unread(DAMAGED)
            return
        left -= 2 if tag in _JAVA_LONG else 1


def _is_utf_8(text: bytes) -> bool:
    try:
        text.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True
