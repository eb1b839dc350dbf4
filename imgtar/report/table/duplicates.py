"""The text of `duplicates`: what could be saved, and each group of files with one content."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from imgtar.contract.content import TextSettings
from imgtar.contract.duplicates import DuplicateCopy, DuplicateGroup, DuplicatesContent
from imgtar.report.table.drawing import EMPTY, Cell, Column, draw, encoded, marks, paint, shown, unlisted, wrapped
from imgtar.report.table.sections import LISTED_BY_INSPECT, head
from imgtar.report.words.duplicates import copies_words, headline, verdict_words
from imgtar.report.words.image import counted
from imgtar.text import escape_stored, human_size

_COPIES = 4  # of a group, where the text has top lists
COLUMNS = (
    Column("BYTES", right=True),
    Column("COPIES"),
    Column("LAYER"),
    Column("PATH", shrink="middle"),
)


def duplicates(content: DuplicatesContent, settings: TextSettings) -> Iterator[bytes]:
    """The report for a person at a terminal; its last line is the verdict where a gate was given."""
    return encoded(_lines(content, settings), settings)


def _lines(content: DuplicatesContent, settings: TextSettings) -> Iterator[str]:
    document = content.document
    yield from duplicates_summary(content, settings)
    total = document.totals.groups
    if total:
        listed = list(islice(content.groups(), settings.top or total))
        yield ""
        yield from draw(COLUMNS, [row for group in listed for row in _rows(group, content, settings)], settings)
        if len(listed) < total:
            yield unlisted(total - len(listed), settings)
        yield from min_size_note(content, settings)
    if document.passed is not None:
        yield ""
        yield paint(verdict_words(document), "green" if document.passed else "alarm", settings)


def duplicates_summary(content: DuplicatesContent, settings: TextSettings) -> Iterator[str]:
    """What stands above the groups."""
    document = content.document
    yield from head(document, document.findings, settings, rest=LISTED_BY_INSPECT)
    yield ""
    yield from wrapped(headline(document).split(" "), settings, 0)


def min_size_note(content: DuplicatesContent, settings: TextSettings) -> Iterator[str]:
    """Which files are not compared, if any."""
    least = content.document.min_size
    if least > 1:
        note = f"Files below {human_size(least)} are not compared (--min-size)."
        yield from (paint(line, "dim", settings) for line in wrapped(note.split(" "), settings))


def _rows(group: DuplicateGroup, content: DuplicatesContent, settings: TextSettings) -> Iterator[list[Cell]]:
    """A row for each file, the first with the numbers of the group."""
    listed = group.paths[: _COPIES if settings.top else None]
    for number in range(len(listed)):
        yield copy_cells(group, number, content.instructions, settings)
    more = len(group.paths) - len(listed)
    if more:
        yield [EMPTY, EMPTY, EMPTY, Cell(f"{marks(settings).cut} {more:,} more", "dim")]


def copy_cells(group: DuplicateGroup, number: int, instructions: Sequence[str], settings: TextSettings) -> list[Cell]:
    """The row of one file of a group, whose numbers the first one has."""
    copy = group.paths[number]
    numbers = [EMPTY, EMPTY]
    if not number:
        numbers = [Cell(human_size(group.bytes)), Cell(copies_words(group, marks(settings).times))]
    instruction = shown(instructions[copy.layer], settings)
    return [*numbers, Cell(f"{copy.layer} {instruction}".rstrip()), _path(copy, settings)]


def _path(copy: DuplicateCopy, settings: TextSettings) -> Cell:
    path = escape_stored(copy.path, copy.path_b64, ascii_only=not settings.unicode)
    notes = [counted(copy.names, "name")] if copy.names > 1 else []
    notes += ["gone"] if copy.gone else []
    return Cell(f"{path} ({', '.join(notes)})" if notes else path, "dim" if copy.gone else "")
