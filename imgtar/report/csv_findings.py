"""CSV of the findings: one row each, for spreadsheets and databases. No cell is taken for a formula."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imgtar.contract.content import AuditContent, View
from imgtar.contract.inspect import FindingRow, InspectReport
from imgtar.report.csv_tables import Value, encoded_rows, image_name
from imgtar.text import csv_cell, escape_stored

COLUMNS = (
    "severity", "code", "effect", "image", "layer", "removed_in", "path", "member", "offset", "count", "message",
    "references",
)  # fmt: skip


def findings(content: AuditContent, _view: View) -> Iterator[bytes]:
    """One row per finding, the worst first."""
    return encoded_rows(_rows(content.report))


def _rows(document: InspectReport) -> Iterator[Sequence[Value]]:
    yield COLUMNS
    for row in document.findings:
        yield _row(row, document)


def _row(row: FindingRow, document: InspectReport) -> Sequence[Value]:
    where = row.where
    return (
        row.severity,
        row.code,
        row.effect,
        None if where.image is None else image_name(document.images[where.image]),
        where.layer,
        where.removed_in,
        None if where.path is None else csv_cell(escape_stored(where.path, where.path_b64), escaped=True),
        None if where.member is None else csv_cell(escape_stored(where.member, where.member_b64), escaped=True),
        where.offset,
        row.count,
        csv_cell(row.message, escaped=True),
        " ".join(row.references),
    )
