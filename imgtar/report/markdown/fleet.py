"""Markdown of the summary of many archives, for a job summary or a wiki."""

from __future__ import annotations

from collections.abc import Iterator

from imgtar.contract.content import TextSettings
from imgtar.contract.fleet_summary import FleetSummaryContent
from imgtar.report.markdown.fit import Section, encoded, table_head, table_row
from imgtar.report.markdown.sections import escaped_span, prose
from imgtar.report.words.fleet import Cell, Table, sentences, tables
from imgtar.text import cut

_ROWS = 20
_COLUMNS = 200  # of a cell


def fleet(content: FleetSummaryContent, settings: TextSettings) -> Iterator[bytes]:
    """The sentences, and of each list the first `settings.top` rows (0: all of the document)."""
    words = [line for sentence in sentences(content.document) for line in (prose(sentence), "")]
    sections = [Section(before=["# Many archives", "", *words])]
    return encoded([*sections, *(_table(table, settings.top or _ROWS) for table in tables(content.document))])


def _table(table: Table, most: int) -> Section:
    more = len(table.rows) - most
    return Section(
        before=[f"## {table.title}", ""],
        head=table_head(*table.columns),
        rows=[table_row([_cell(cell) for cell in row]) for row in table.rows[:most]],
        after=["", f"… {more:,} more", ""] if more > 0 else [""],
    )


def _cell(cell: Cell) -> str:
    if not cell.text:
        return ""
    return escaped_span(cell.text, _COLUMNS) if cell.stored else prose(cut(cell.text, _COLUMNS))
