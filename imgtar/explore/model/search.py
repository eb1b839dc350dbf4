"""A text looked for in the lines of a page: which lines have it, and where it is drawn."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple, Protocol, runtime_checkable

from imgtar.explore.model.lines import Line, Lines, plain
from imgtar.report.table.drawing import Cell


class Span(NamedTuple):
    """Characters of a line, from `start` to before `end`."""

    start: int
    end: int


@runtime_checkable
class SearchedLines(Lines, Protocol):
    """Lines that know themselves where a text is in them: it may go on in the next line."""

    def spans(self, text: str, number: int) -> Sequence[Span]:
        """Where a text is in a line."""


def expression(text: str) -> re.Pattern[str]:
    """The text as a pattern; without a capital letter it is found in both cases."""
    return re.compile(re.escape(text), 0 if text != text.lower() else re.IGNORECASE)


def spans_of(lines: Lines, text: str, number: int, columns: int) -> Sequence[Span]:
    """Where a text is in a line."""
    if isinstance(lines, SearchedLines):
        return lines.spans(text, number)
    return [Span(*found.span()) for found in expression(text).finditer(plain(lines.line(number, columns)))]


def next_line(lines: Lines, text: str, start: int, step: int, columns: int) -> int | None:
    """The first line from `start` on that has the text; behind the last one the first follows. None where none has."""
    count = len(lines)
    numbers = ((start + step * distance) % count for distance in range(count))
    return next((number for number in numbers if spans_of(lines, text, number, columns)), None)


def divided(line: Line, spans: Sequence[Span]) -> Iterator[tuple[Cell, bool]]:
    """The cells of a line, cut where spans begin and end; True for those inside."""
    if not spans:
        yield from ((cell, False) for cell in line)
        return
    place = 0
    for cell in line:
        cuts = sorted({0, len(cell.text), *(min(max(at - place, 0), len(cell.text)) for span in spans for at in span)})
        for start, end in pairwise(cuts):
            inside = any(span.start <= place + start < span.end for span in spans)
            yield Cell(cell.text[start:end], cell.style), inside
        place += len(cell.text)
