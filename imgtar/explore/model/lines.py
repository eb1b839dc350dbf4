"""Lines of cells: the only form in which the text of an image reaches a widget."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from imgtar.contract.content import TextSettings
from imgtar.report.table.drawing import STYLE_CODES, Cell, Style
from imgtar.text import cut, cut_middle, split, width

Line = Sequence[Cell]
_STYLES: dict[str, Style] = {code: style for style, code in STYLE_CODES.items()}
_PAINTED = re.compile(r"\x1b\[([0-9;]*)m")


class Lines(Protocol):
    """Lines of which each is made when it is asked for; there may be a million."""

    def __len__(self) -> int: ...

    def line(self, number: int, columns: int) -> Line:
        """The line of this number, for so many columns."""


class FixedLines:
    """Lines that are made already."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._lines = tuple(lines)

    def __len__(self) -> int:
        return len(self._lines)

    def line(self, number: int, columns: int) -> Line:  # noqa: ARG002 (that of `Lines`)
        """The line as it is."""
        return self._lines[number]


def slot(text: str, columns: int, style: Style = "", *, right: bool = False, middle: bool = False) -> Cell:
    """Escaped `text` in exactly so many columns; `middle` keeps the last part of a path where it is cut."""
    fitting = (cut_middle if middle else cut)(text, columns)
    blank = " " * (columns - width(fitting))
    return Cell(blank + fitting if right else fitting + blank, style)


def fitted(line: Line, columns: int, cut_mark: str) -> Line:
    """The line in at most so many columns; where it is longer, `cut_mark` replaces the rest."""
    cells: list[Cell] = []
    room = columns
    for cell in line:
        cells.append(Cell(cut(cell.text, room, cut_mark), cell.style))
        room -= width(cell.text)
        if room < 0:
            break
    return cells


def plain(line: Line) -> str:
    """The text of a line."""
    return "".join(cell.text for cell in line)


def painted(text: str) -> Line:
    """The cells of a line of a report for a terminal, whose colours `paint` made; the text is escaped already."""
    parts = _PAINTED.split(text)
    cells: list[Cell] = []
    style: Style = ""
    for number, part in enumerate(parts):
        if number % 2:
            style = _STYLES.get(part, "")
        elif part:
            cells.append(Cell(part, style))
    return cells


def report_lines(chunks: Iterable[bytes]) -> Iterator[Line]:
    """The lines of a report for a terminal."""
    return map(painted, b"".join(chunks).decode().splitlines())


def folded(line: Line, columns: int, indent: int = 0) -> Iterator[Line]:
    """A line in as many lines as it needs, all but the first of them indented.

    It breaks at blanks, and within a word that is longer than a line.
    """
    indent = min(indent, columns // 2)
    cells: list[Cell] = []
    start = used = 0
    for word, style in ((word, cell.style) for cell in line for word in _WORDS.findall(cell.text)):
        rest = word
        while rest and used + width(rest) > columns:
            if used > start and (used >= columns or width(rest.lstrip(" ")) <= columns - indent):
                rest = rest.lstrip(" ")
            else:
                piece = next(split(rest, max(columns - used, 1)))
                _add(cells, piece, style)
                rest = rest[len(piece) :]
            yield cells
            cells, start, used = [Cell(" " * indent)], indent, indent
        if rest:
            _add(cells, rest, style)
            used += width(rest)
    yield cells


def _add(cells: list[Cell], text: str, style: Style) -> None:
    """Puts a text at the end of a line, into its last cell where that has the same style."""
    if cells and cells[-1].style == style:
        text = cells.pop().text + text
    cells.append(Cell(text, style))


def filled(words: Sequence[str], settings: TextSettings, style: Style = "") -> Iterator[Line]:
    """Escaped words filled into lines of the settings' width."""
    return folded([Cell(" ".join(words), style)], settings.width)


def labelled(label: str, value: str, settings: TextSettings) -> Iterator[Line]:
    """A fact: its name, and an escaped value, which takes as many lines as it needs."""
    return folded([slot(label, _LABEL, "dim"), Cell(value)], max(settings.width, _LABEL + 1), _LABEL)


_LABEL = 9  # columns of the name of a fact
_WORDS = re.compile(r" *[^ ]+| +")
