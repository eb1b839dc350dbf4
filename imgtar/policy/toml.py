"""TOML of bounded cost: keys of few parts and little nesting, checked before the standard library parses the text.

`tomllib` takes time and memory that grow with the square of the parts of a dotted key, and recurses into arrays. Its
reader and this check go through the text in the same direction, so where the text stops being TOML, `tomllib` stops.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

PARTS = 8  # of a dotted key
DEPTH = 8  # of arrays and tables within each other

# Strings and comments whole, then what structures the text. Every repetition is of one kind of character, or begins
# with a character that cannot stand before it: nothing is tried twice.
_TOKEN = re.compile(
    r'''
      """ [^"\\]*+ (?: (?: \\[\s\S] | "{1,2}(?!") ) [^"\\]*+ )* "{3,5}
    | \'\'\' [^']*+ (?: '{1,2}(?!') [^']*+ )* '{3,5}
    | (?P<open_lines> """ | \'\'\' )
    | " [^"\\\n]*+ (?: \\. [^"\\\n]*+ )* "
    | ' [^'\n]*+ '
    | (?P<open> ["'] )
    | \#[^\n]*+
    | [\[\]{}=,.\n]
    ''',
    re.VERBOSE,
)
_KEY = r"""[ \t]*("[^"\n]*"|'[^'\n]*'|[A-Za-z0-9_-]*)[ \t]*"""
_HEADER = re.compile(rf"[ \t]*\[\[?{_KEY}(?:\.{_KEY})?")


def read_toml(raw: bytes, section: tuple[str, str] | None = None) -> dict[str, Any]:
    """The tables of a TOML file. With `section`, headers that lead neither to it nor below it are not read.

    Raises ValueError, with the line where it is known, for text that is not TOML or exceeds PARTS or DEPTH.
    """
    text = raw.decode("utf-8-sig")
    if section is not None:
        text = _without_other_sections(text, section)
    _check_bounds(text)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except ValueError:  # of Python's own reader of numbers
        raise ValueError("a number has thousands of digits") from None


def _check_bounds(text: str) -> None:
    """Raises ValueError where a key has more than PARTS parts, or arrays and tables nest deeper than DEPTH."""
    depth = parts = 0
    for mark, start in _tokens(text):
        if mark == ".":
            parts += 1
            if parts >= PARTS:
                raise ValueError(f"a key has more than {PARTS} parts ({_line(text, start)})")
        elif mark in "[]{}=,\n":
            parts = 0
            depth = max(depth + (mark in "[{") - (mark in "]}"), 0)
            if depth > DEPTH:
                raise ValueError(f"arrays and tables nest deeper than {DEPTH} ({_line(text, start)})")


def _without_other_sections(text: str, section: tuple[str, str]) -> str:
    """The text with an empty line for each line of the tables whose header leads elsewhere."""
    kept: list[str] = []
    start = line = depth = 0
    is_ours = is_line_start = True
    for mark, at in _tokens(text):
        if mark == "[" and is_line_start and depth == 0 and (header := _HEADER.match(text, line)) is not None:
            kept.append(_kept(text[start:line], is_ours=is_ours))
            start, is_ours = line, _leads_to(header, section)
        if mark in "[]{}":
            depth = max(depth + (mark in "[{") - (mark in "]}"), 0)
        is_line_start = mark == "\n"
        if is_line_start:
            line = at + 1
    kept.append(_kept(text[start:], is_ours=is_ours))
    return "".join(kept)


def _kept(text: str, *, is_ours: bool) -> str:
    return text if is_ours else "\n" * text.count("\n")


def _leads_to(header: re.Match[str], section: tuple[str, str]) -> bool:
    """Is it the header of the section, of a table above or of one below it? An escape in a key may spell its name."""
    keys = [key.strip("\"'") for key in header.groups() if key is not None]
    return all(key == wanted or "\\" in key for key, wanted in zip(keys, section, strict=False))


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    """Strings, comments and structuring characters with their places. Raises ValueError for a string without end."""
    for match in _TOKEN.finditer(text):
        if match.lastgroup is not None:
            raise ValueError(f"a string has no end ({_line(text, match.start())})")
        yield match[0], match.start()


def _line(text: str, position: int) -> str:
    return f"at line {text.count(chr(10), 0, position) + 1}"
