"""Text for a terminal: marks, colours, columns, line breaks. `shown` and `shown_lines` escape; the others do not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec

from imgtar.contract.content import TextSettings
from imgtar.report.batches import batches
from imgtar.text import cut, cut_middle, disarm, escape, escape_lines, width

# Each style has one meaning. Dark and light terminals both show these colours, bold and dim clearly.
Style = Literal["", "bold", "dim", "red", "green", "yellow", "cyan", "alarm"]
STYLE_CODES: dict[Style, str] = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "cyan": "36",
    "alarm": "1;31",
}
SEVERITY_STYLES: dict[str, Style] = {
    "critical": "alarm",
    "high": "red",
    "medium": "yellow",
    "low": "cyan",
    "info": "dim",
}
GAP = 2
_BLANK = re.compile(r"(?<![0-9]) ")  # not the one between a number and its unit
_NARROWEST = 8  # columns that a shrinking column keeps however narrow the terminal is


class Marks(msgspec.Struct, frozen=True, kw_only=True):
    """The signs of a text report; ASCII lacks most of them."""

    zero: str = "·"
    minus: str = "−"
    none: str = "—"
    cut: str = "…"
    arrow: str = "→"
    times: str = "×"
    bar: str = "█"
    bar_parts: str = "▏▎▍▌▋▊▉"


_UNICODE = Marks()
_ASCII = Marks(zero=".", minus="-", none="-", cut="...", arrow="->", times="x", bar="#", bar_parts="")


def marks(settings: TextSettings) -> Marks:
    """The signs of the output's character set."""
    return _UNICODE if settings.unicode else _ASCII


class Cell(msgspec.Struct, frozen=True):
    """Escaped text in one style; `kept` is its end, which is never cut."""

    text: str
    style: Style = ""
    kept: str = ""


class Column(msgspec.Struct, frozen=True):
    """`shrink` says where its cells are cut when the line is too long; None: never."""

    title: str
    right: bool = False
    shrink: Literal["end", "middle"] | None = None


EMPTY = Cell("")


def paint(text: str, style: Style, settings: TextSettings) -> str:
    """`text` in colour where the output has colours."""
    return f"\x1b[{STYLE_CODES[style]}m{text}\x1b[0m" if settings.colour and style and text else text


def shown(text: str | bytes, settings: TextSettings) -> str:
    """A text of the image, escaped for this output."""
    return escape(text, ascii_only=not settings.unicode)


def shown_lines(text: str, settings: TextSettings) -> str:
    """A text of the image that may have line breaks, on one line."""
    return escape_lines(text, ascii_only=not settings.unicode)


def draw(
    columns: Sequence[Column], rows: Sequence[Sequence[Cell]], settings: TextSettings, indent: int = 2
) -> Iterator[str]:
    """A table with a dim heading (none when no column has a title), one line a row.

    A column is as wide as its widest cell; a shrinking one takes the columns of the line that are left.
    """
    headed = any(column.title for column in columns)
    heading = [Cell(column.title, "dim") for column in columns]
    lines = [heading, *rows] if headed else rows
    widths = column_widths(columns, lines, settings, indent)
    for line in lines:
        yield " " * indent + row_line(columns, line, widths, settings)


def column_widths(
    columns: Sequence[Column], lines: Sequence[Sequence[Cell]], settings: TextSettings, indent: int = 2
) -> list[int]:
    """The columns of the terminal that each column of a table with these lines takes."""
    widths = [max((_width(line[place]) for line in lines), default=0) for place in range(len(columns))]
    shrinking = [place for place, column in enumerate(columns) if column.shrink]
    if settings.whole or not shrinking:
        return widths
    fixed = indent + GAP * (len(columns) - 1) + sum(widths) - sum(widths[place] for place in shrinking)
    room = settings.width - fixed
    for rank, place in enumerate(sorted(shrinking, key=widths.__getitem__)):
        share = max(_NARROWEST, room // (len(shrinking) - rank))
        widths[place] = min(widths[place], share)
        room -= widths[place]
    return widths


def _width(cell: Cell) -> int:
    return width(cell.text) + len(cell.kept)


def row_line(columns: Sequence[Column], cells: Sequence[Cell], widths: Sequence[int], settings: TextSettings) -> str:
    """One row of a table without its indentation; a shrinking column is cut to its width."""
    parts: list[str] = []
    last = max((place for place, cell in enumerate(cells) if cell.text), default=-1)
    for place in range(last + 1):
        cell, column = cells[place], columns[place]
        text = cell.text
        if column.shrink is not None:
            cutting = cut_middle if column.shrink == "middle" else cut
            text = cutting(text, widths[place] - len(cell.kept), marks(settings).cut)
        text += cell.kept
        blank = " " * (widths[place] - width(text))
        painted = paint(text, cell.style, settings)
        parts.append(blank + painted if column.right else painted if place == last else painted + blank)
    return (" " * GAP).join(parts)


def bar(share: float, columns: int, settings: TextSettings) -> str:
    """A bar of `share` (0 to 1) of `columns`, in eighths of a column where the output has such signs."""
    signs = marks(settings)
    parts = len(signs.bar_parts) + 1
    filled, part = divmod(round(share * columns * parts), parts)
    return signs.bar * filled + (signs.bar_parts[part - 1] if part else "")


def wrapped(words: Iterable[str], settings: TextSettings, indent: int = 2) -> Iterator[str]:
    """Words filled into lines. One that is longer than a line is broken at its blanks; without blanks it is cut."""
    room = max(settings.width - indent, _NARROWEST)
    line = ""
    for word in words if settings.whole else _broken(words, room):
        piece = disarm(word)
        piece = piece if settings.whole else cut(piece, room, marks(settings).cut)
        longer = disarm(f"{line} {piece}") if line else piece
        if line and width(longer) > room:
            yield " " * indent + line
            line = piece
        else:
            line = longer
    if line:
        yield " " * indent + line


def _broken(words: Iterable[str], room: int) -> Iterator[str]:
    """The words; one that is wider than `room` in parts, of which each keeps a number with its unit where it can."""
    for word in words:
        for part in _BLANK.split(word) if width(word) > room else [word]:
            yield from part.split(" ") if width(part) > room else [part]


def unlisted(count: int, settings: TextSettings, indent: int = 2) -> str:
    """The line that stands for `count` rows which a top list leaves out."""
    return paint(f"{'':{indent}}{marks(settings).cut} {count:,} more (--top 0 shows all)", "dim", settings)


def encoded(lines: Iterable[str], settings: TextSettings) -> Iterator[bytes]:
    """The lines as bytes, each with its line break, in batches."""
    encoding = "utf-8" if settings.unicode else "ascii"
    for batch in batches(lines):
        yield (disarm("\n".join(batch)) + "\n").encode(encoding, "backslashreplace")
