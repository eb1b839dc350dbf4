"""The text of `packages --compare-attested`: a verdict, the SBOMs, and what only one side names."""

from __future__ import annotations

from collections.abc import Iterator

from imgtar.contract.content import TextSettings
from imgtar.contract.packages import ClaimRow, ClaimsReport
from imgtar.report.table.drawing import Cell, Column, draw, shown, unlisted, wrapped
from imgtar.report.words.claims import sbom_words, uncompared_words, verdict_words

_HEADINGS = {
    "not-found": "claimed, and not in the files",
    "not-claimed": "in the files, and not claimed",
    "version": "another version",
}


def claims(attested: ClaimsReport, settings: TextSettings) -> Iterator[str]:
    """The comparison; `settings.top` rows of a list (0: all)."""
    ascii_only = not settings.unicode
    yield from wrapped(verdict_words(attested).split(" "), settings, 0)
    listed = attested.sboms[: settings.top] if settings.top else attested.sboms
    for row in listed:
        yield from wrapped(sbom_words(row, ascii_only=ascii_only).split(" "), settings)
    if len(listed) < len(attested.sboms):
        yield unlisted(len(attested.sboms) - len(listed), settings)
    yield from wrapped(uncompared_words(attested, ascii_only=ascii_only).split(" "), settings, 0)
    for kind, heading in _HEADINGS.items():
        rows = [row for row in attested.differences if row.kind == kind]
        if rows:
            yield ""
            yield f"{heading}: {len(rows):,}"
            yield from _rows(rows, settings)


def _rows(rows: list[ClaimRow], settings: TextSettings) -> Iterator[str]:
    listed = rows[: settings.top] if settings.top else rows
    titles = {"claimed": any(row.claimed for row in rows), "found": any(row.found for row in rows)}
    columns = [Column("TYPE"), Column("NAME", shrink="middle")]
    columns += [Column(title.upper(), shrink="end") for title, has_any in titles.items() if has_any]
    yield from draw(columns, [_cells(row, titles, settings) for row in listed], settings)
    if len(listed) < len(rows):
        yield unlisted(len(rows) - len(listed), settings)


def _cells(row: ClaimRow, titles: dict[str, bool], settings: TextSettings) -> list[Cell]:
    versions = {"claimed": row.claimed, "found": row.found}
    cells = [Cell(row.type), Cell(shown(row.name, settings))]
    return cells + [Cell(shown(", ".join(versions[title]), settings)) for title, has_any in titles.items() if has_any]
