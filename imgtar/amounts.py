"""The one grammar of sizes that people write: in options and in configuration files."""

from __future__ import annotations

import re

_SIZE = re.compile(r"(\d{1,18}(?:\.\d{0,18})?|\.\d{1,18})\s*(?:([kmgtpe])(i?))?b?", re.IGNORECASE | re.ASCII)
_POWERS = {unit: power for power, unit in enumerate("kmgtpe", 1)}
LARGEST = (1 << 63) - 1  # the largest number that every JSON reader takes as an integer


def size(text: str) -> int:
    """Bytes: `2000000`, `500MB` and `1.5k` (powers of 1000) or `64MiB` (powers of 1024), in any case of the letters.

    A part of a byte is dropped where a unit follows. Raises ValueError for anything else, a fraction without a unit
    included, and for more than LARGEST.
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None or (found[2] is None and "." in found[1]):
        raise ValueError("not a size such as 500MB or 64MiB, nor a whole number of bytes")
    unit = 1 if found[2] is None else (1024 if found[3] else 1000) ** _POWERS[found[2].lower()]
    whole, _, part = found[1].partition(".")
    number: int = int(whole + part) * unit // 10 ** len(part)
    if number > LARGEST:
        raise ValueError(f"more than {LARGEST} bytes")
    return number
