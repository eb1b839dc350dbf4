"""A small table for a notebook: no style, no script, every text escaped."""

from __future__ import annotations

from collections.abc import Sequence

from imgtar.report.html.page import Escaped, rendered
from imgtar.text import cut, escape

_CELL = 80  # columns of text


def notebook(
    title: str, archive: str, facts: str, columns: Sequence[str], rows: Sequence[Sequence[object]], more: int
) -> str:
    """The table with a line above it; `archive` and `facts` are escaped, `more` rows are not shown."""
    page = rendered(
        "notebook.html.j2",
        title=title,
        archive=Escaped(archive),
        facts=Escaped(facts),
        columns=columns,
        rows=[[_cell(value) for value in row] for row in rows],
        more=more,
    )
    return page.decode()


def _cell(value: object) -> object:
    """The value as a cell shows it: numbers with their digits grouped, long texts cut."""
    if value is None:
        return "·"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return Escaped(cut(escape(text), _CELL))
