"""Pages: what a screen over the panes shows, for any width, with the command lines that print the same."""

from __future__ import annotations

from base64 import b64decode
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple, Protocol

from imgtar.contract.content import TextSettings
from imgtar.explore.model.lines import FixedLines, Line, Lines, painted
from imgtar.report.table.drawing import GAP, Cell, Column, column_widths, row_line

_MEASURED = 1_000  # rows that say how wide the columns of a table are


class Target(NamedTuple):
    """A path to go to: what `layer` stores there, or without a layer what is there in the final filesystem."""

    path: bytes
    layer: int | None = None


class RowLines:
    """Lines of a report of which each is made when it is asked for: its text, and the path that it is about."""

    def __init__(self, count: int, text: Callable[[int], str], target: Callable[[int], Target | None]) -> None:
        self._count = count
        self._text = text
        self.target = target

    def __len__(self) -> int:
        return self._count

    def line(self, number: int, columns: int) -> Line:  # noqa: ARG002 (that of `Lines`: they are made for one width)
        """The line of this number."""
        return painted(self._text(number))


class JoinedLines:
    """Lines one after the other."""

    def __init__(self, parts: Sequence[Lines]) -> None:
        self._parts = parts
        self._ends = list(accumulate(map(len, parts)))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def _at(self, number: int) -> tuple[Lines, int]:
        part = bisect_right(self._ends, number)
        return self._parts[part], number - (self._ends[part - 1] if part else 0)

    def line(self, number: int, columns: int) -> Line:
        """The line of this number."""
        lines, place = self._at(number)
        return lines.line(place, columns)

    @property
    def first(self) -> int:
        """The first line that is about a path; 0 without one."""
        starts = [0, *self._ends]
        return next((starts[part] for part, lines in enumerate(self._parts) if isinstance(lines, RowLines)), 0)

    def target(self, number: int) -> Target | None:
        """The path that a line is about; None for one that is about none."""
        lines, place = self._at(number)
        return lines.target(place) if isinstance(lines, RowLines) else None


class Page(Protocol):
    """The content of a screen. `title` and `hint` are escaped, `commands` print the same."""

    @property
    def title(self) -> str: ...

    @property
    def hint(self) -> str:
        """What the keys of this page do, in a few words."""

    @property
    def commands(self) -> Sequence[str]: ...

    def lines(self, columns: int) -> Lines:
        """Its lines, none wider than so many columns; `JoinedLines` know the paths that they are about."""

    def turned(self, step: int) -> Page | None:
        """The same in another form; None where it has one form only."""


class TextPage(NamedTuple):
    """A page of a text that is made whole for each width."""

    title: str
    make: Callable[[int], Iterable[Line]]
    commands: tuple[str, ...]
    hint: str = ""

    def lines(self, columns: int) -> Lines:
        """The text for so many columns."""
        return FixedLines(self.make(columns))

    def turned(self, _step: int) -> None:
        """It has one form."""


def table(
    columns: Sequence[Column],
    count: int,
    cells: Callable[[int], Sequence[Cell]],
    target: Callable[[int], Target | None],
    settings: TextSettings,
) -> list[Lines]:
    """The lines of a table as `drawing.draw` makes them, each when it is asked for: `cells` has those of a row.

    The first thousand rows say how wide its columns are, so a million rows cost no more.
    """
    heading = [Cell(column.title, "dim") for column in columns]
    measured = [heading, *(cells(number) for number in range(min(count, _MEASURED)))]
    widths = column_widths(columns, measured, settings)

    def text(row: Sequence[Cell]) -> str:
        return " " * GAP + row_line(columns, row, widths, settings)

    return [FixedLines([painted(text(heading))]), RowLines(count, lambda number: text(cells(number)), target)]


def stored_path(path: str, b64: str | None) -> bytes:
    """The path of a row of the contract as the layers have it."""
    raw = path.encode("utf-8", "surrogateescape") if b64 is None else b64decode(b64)
    return raw.removeprefix(b"/")
