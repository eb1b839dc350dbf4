"""The first bytes of a file as lines: text, or hexadecimal where it is none; and where a text is in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from imgtar.answers.cat import Contents
from imgtar.explore.model.explored import Explored
from imgtar.explore.model.lines import Line
from imgtar.explore.model.search import Span, expression
from imgtar.filesystem.tree import FileEntry
from imgtar.report.table.drawing import Cell
from imgtar.report.words.image import counted
from imgtar.text import escape_content, human_size, width

LONGEST = 64 << 10  # bytes that are read of a file
_TAB = 8
_ROW = 16  # bytes of a line in hexadecimal
_HEX = 8  # column of the first byte
_MOST = 10_000  # places of a text that are drawn


class Content(NamedTuple):
    """The first bytes of a file of `size` bytes, and how many problems they had."""

    first: bytes
    size: int
    problems: int

    @property
    def is_binary(self) -> bool:
        """Has it a NUL, or bytes that are not UTF-8? Its end may be in the middle of a character."""
        if b"\0" in self.first:
            return True
        try:
            self.first.decode()
        except UnicodeDecodeError as problem:
            return problem.start < len(self.first) - 3
        return False


def read_content(explored: Explored, entry: FileEntry) -> Content:
    """The first bytes of a regular file. Raises ImgtarError."""
    contents = Contents(explored.session, (entry,), LONGEST)
    first = b"".join(contents.chunks())
    return Content(first, entry.size, len(contents.findings))


class ContentLines:
    """The lines of a content, none wider than so many columns."""

    def __init__(self, explored: Explored, content: Content, columns: int) -> None:
        self._content = content
        self._text: str | None = None
        above: list[Line] = []
        if content.problems:
            above.append([Cell(f"damaged: {counted(content.problems, 'problem')}", "alarm")])
        self._above = len(above)
        self._starts: list[int] = []  # of each line in the text
        self._found: tuple[str, dict[int, list[Span]]] = ("", {})
        self._lines = [*above, *self._body(explored, columns)]
        if content.size > len(content.first):
            self._lines.append([Cell(f"{human_size(content.size - len(content.first))} more", "dim")])
        if not content.size:
            self._lines.append([Cell("empty", "dim")])

    def __len__(self) -> int:
        return len(self._lines)

    def line(self, number: int, columns: int) -> Line:  # noqa: ARG002 (that of `Lines`: they are made for one width)
        """The line of this number."""
        return self._lines[number]

    def _body(self, explored: Explored, columns: int) -> Iterator[Line]:
        if not self._content.first:
            return
        if self._content.is_binary:
            yield from _hex_lines(self._content.first)
            return
        text = "".join(escape_content((self._content.first,), ascii_only=not explored.unicode))
        whole = [line.expandtabs(_TAB) for line in text.removesuffix("\n").replace("\r", "\\x0d").split("\n")]
        self._text = "\n".join(whole)
        place = 0
        for line in whole:
            for piece in _folded(line, columns):
                self._starts.append(place)
                place += len(piece)
                yield [Cell(piece)]
            place += 1

    def spans(self, text: str, number: int) -> Sequence[Span]:
        """Where a text is in a line."""
        if self._found[0] != text:
            found: dict[int, list[Span]] = {}
            for row, span in islice(self._matches(text), _MOST):
                found.setdefault(row + self._above, []).append(span)
            self._found = text, found
        return self._found[1].get(number, ())

    def _matches(self, text: str) -> Iterator[tuple[int, Span]]:
        return self._in_bytes(text) if self._text is None else self._in_text(self._text, text)

    def _in_text(self, whole: str, text: str) -> Iterator[tuple[int, Span]]:
        """The pieces of lines in which each match lies; both are in order, so one walk finds all."""
        row, starts = 0, self._starts
        for match in expression(text).finditer(whole):
            start, end = match.span()
            while row + 1 < len(starts) and starts[row + 1] <= start:
                row += 1
            yield row, Span(start - starts[row], end - starts[row])
            for later in range(row + 1, len(starts)):
                if starts[later] >= end:
                    break
                yield later, Span(0, end - starts[later])

    def _in_bytes(self, text: str) -> Iterator[tuple[int, Span]]:
        wanted = re.escape(text.encode("utf-8", "surrogateescape"))
        for match in re.finditer(wanted, self._content.first, expression(text).flags & re.IGNORECASE):
            for at in range(match.start(), match.end()):
                row, place = divmod(at, _ROW)
                hexadecimal = _HEX + 3 * place
                letter = _HEX + 3 * _ROW + 1 + place
                yield row, Span(hexadecimal, hexadecimal + 2)
                yield row, Span(letter, letter + 1)


class ContentPage:
    """The content of one file."""

    def __init__(self, explored: Explored, title: str, content: Content, command: str) -> None:
        self._explored = explored
        self._content = content
        self.title = title
        self.hint = f"/: search{f' the first {LONGEST >> 10} KiB' if content.size > len(content.first) else ''}"
        self.commands = (command,)

    def lines(self, columns: int) -> ContentLines:
        """The lines for so many columns."""
        return ContentLines(self._explored, self._content, columns)

    def turned(self, _step: int) -> None:
        """It has one form."""


def _folded(line: str, columns: int) -> Iterator[str]:
    """The line in pieces of at most so many columns."""
    room = max(columns, 2)
    piece, used = "", 0
    for character in line:
        taken = width(character)
        if used + taken > room:
            yield piece
            piece, used = "", 0
        piece += character
        used += taken
    yield piece


def _hex_lines(content: bytes) -> Iterator[Line]:
    for start in range(0, len(content), _ROW):
        row = content[start : start + _ROW]
        text = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in row)
        yield [Cell(f"{start:06x}  ", "dim"), Cell(f"{row.hex(' '):<{_ROW * 3}} {text}")]
