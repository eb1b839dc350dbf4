"""`A=b c D=e` of a history row → names and values.

Builders print values without quotes, so a blank may part two pairs or belong to a value: the values that the image's
configuration states decide.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

_NAME = re.compile(r"(?:(?<=^)|(?<= ))[^\s=\"'\\$]+=")
_MOST_DIFFERENCES = 1000  # of stated values from the text: a bound for hostile rows


class Pairs(msgspec.Struct, frozen=True):
    """Names with their values; `certain` is False where a blank may belong to the pair before or the one behind."""

    pairs: tuple[tuple[str, str], ...]
    certain: bool


def split_pairs(text: str, stated: Mapping[str, str]) -> Pairs | None:
    """The pairs of a row; None where it does not begin with a name. `stated` are values by name."""
    names = list(_NAME.finditer(text))
    if not names or names[0].start() != 0:
        return None
    starts = {name.start() for name in names}
    found: list[tuple[str, str]] = []
    doubts = differences = 0
    number = 0
    while number < len(names):
        name = names[number]
        key, begin = name[0][:-1], name.end()
        value = stated.get(key) if differences < _MOST_DIFFERENCES else None
        end = -1
        if value is not None and text.startswith(value, begin):
            end = begin + len(value)
            if end != len(text) and end + 1 not in starts:
                end = -1
        if end < 0:
            differences += 1
            following = names[number + 1].start() - 1 if number + 1 < len(names) else len(text)
            doubts += number + 1 < len(names) or " " in text[begin:following]
            end = following
        found.append((key, text[begin:end]))
        while number < len(names) and names[number].start() <= end:
            number += 1
    return Pairs(tuple(found), certain=not doubts or len(names) == 1)
