"""The page about many archives: what became of them, and what they have in common. It needs no script."""

from __future__ import annotations

from collections.abc import Iterator

from imgtar.contract.content import TextSettings
from imgtar.contract.fleet_summary import FleetSummary, FleetSummaryContent
from imgtar.report.html.page import Assets, Escaped, rendered
from imgtar.report.words.condition import Condition
from imgtar.report.words.fleet import Cell, sentences, tables, unread_words


def fleet(content: FleetSummaryContent, settings: TextSettings) -> Iterator[bytes]:
    """The page, with every row of the document."""
    document, assets = content.document, Assets.load()
    state = _condition(document)
    yield rendered(
        "fleet.html.j2",
        document=document,
        title=Escaped("Many archives"),
        condition=state,
        causes=[],
        tone="bad" if state.damaged else "plain",
        command=Escaped(f"imgtar fleet {settings.options}".rstrip()),
        policy=assets.policy,
        style=assets.markup(assets.style),
        sentences=[Escaped(sentence) for sentence in sentences(document)],
        tables=[
            {
                "title": table.title,
                "columns": [(title.removeprefix(">"), title.startswith(">")) for title in table.columns],
                "rows": [[_cell(cell) for cell in row] for row in table.rows],
            }
            for table in tables(document)
        ],
    )
    yield assets.end


def _condition(document: FleetSummary) -> Condition:
    unread = unread_words(document)
    if unread:
        return Condition("incomplete", "Not everything was read", unread)
    return Condition("unchecked", "Everything was read", "Every archive was read.")


def _cell(cell: Cell) -> dict[str, object]:
    kind = "n" if cell.number else "path" if cell.stored else "why" if cell.sentence else ""
    return {"text": Escaped(cell.text), "kind": kind}
