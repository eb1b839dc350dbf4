"""How BuildKit reads a line of a Dockerfile: words, quotes, lists of JSON, and what must not stand in a line.

The reference is `frontend/dockerfile/parser` and `shell/lex.go` of moby/buildkit. Every function is linear.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable

import msgspec

from imgtar.text import escape

LONGEST_LINE = (1 << 16) - 1  # bytes: BuildKit reads no longer one
_PLAIN = re.compile(r"[\w./:@%+,=-]+", re.ASCII)
_SPECIAL = re.compile(r"([\\\"'$])")
_IN_QUOTES = re.compile(r"([\\\"$])")
# A word as BuildKit splits `ENV`, `LABEL` and `ARG`: quotes keep blanks, a backslash keeps the next character.
_WORD = re.compile(r"(?:[^\s\"'\\]|\\.|\"(?:[^\"\\]|\\.)*\"|'[^']*')+")


class Draft(msgspec.Struct, frozen=True):
    """What stands in the Dockerfile for one step: a comment where `text` begins with `#`.

    `certain` is False where the text may differ from the Dockerfile's; the notes say how.
    """

    text: str
    certain: bool = True
    notes: tuple[str, ...] = ()


def impossible(text: str, reason: str) -> Draft:
    """A step that no line of a Dockerfile can say; control characters become `\\xNN`."""
    return Draft(f"# {escape(text)}", certain=False, notes=(reason,))


def has_controls(text: str, allowed: str = "\t") -> bool:
    """Has it a control character? One of them can end a line, and so begin an instruction."""
    return any(unicodedata.category(char) == "Cc" and char not in allowed for char in set(text))


def ends_open(text: str) -> bool:
    """Would the next line continue this one?"""
    return text.rstrip(" \t").endswith("\\")


def literal(word: str) -> str:
    """A word that BuildKit expands, so that it stands for exactly these characters; it has no blanks."""
    return _SPECIAL.sub(r"\\\1", word)


def quoted(value: str) -> str:
    """One word of ENV, LABEL or ARG for exactly this value."""
    if _PLAIN.fullmatch(value):
        return value
    return '"' + _IN_QUOTES.sub(r"\\\1", value) + '"'


def json_list(words: Iterable[str]) -> str:
    """The words as a list of JSON; what a terminal does not show is written as its code."""
    text = json.dumps(list(words), ensure_ascii=False)
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)


def string_list(text: str) -> list[str] | None:
    """The words of a list of JSON; None where it is none, or has anything but strings."""
    try:
        return msgspec.json.decode(text, type=list[str])
    except (msgspec.MsgspecError, RecursionError, UnicodeEncodeError):
        return None


def words(text: str) -> list[str] | None:
    """The words with their quotes; None where a quote or a backslash has no end."""
    found: list[str] = []
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        word = _WORD.match(text, position)
        if word is None:
            return None
        position = word.end()
        found.append(word[0])
        if position < len(text) and not text[position].isspace():
            return None
    return found
