"""CSV of `audit`: one row for each finding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imgtar.contract.content import AuditContent, TextSettings
from imgtar.contract.envelope import FindingRow
from imgtar.contract.inspect import InspectReport
from imgtar.report.csv.rows import Value, encoded_rows, image_cell, stored_cell
from imgtar.text import csv_cell

FINDINGS = (
    "severity", "code", "effect", "image", "layer", "removed_in", "path", "member", "offset", "count", "message",
    "references",
)  # fmt: skip


def findings(content: AuditContent, _settings: TextSettings) -> Iterator[bytes]:
    """One row per finding, the worst first."""
    return encoded_rows(_finding_rows(content.report))


def _finding_rows(document: InspectReport) -> Iterator[Sequence[Value]]:
    yield FINDINGS
    for row in document.findings:
        yield _finding(row, document)


def _finding(row: FindingRow, document: InspectReport) -> Sequence[Value]:
    where = row.where
    return (
        row.severity,
        row.code,
        row.effect,
        None if where.image is None else image_cell(document.images[where.image]),
        where.layer,
        where.removed_in,
        stored_cell(where.path, where.path_b64),
        stored_cell(where.member, where.member_b64),
        where.offset,
        row.count,
        csv_cell(row.message, escaped=True),
        " ".join(row.references),
    )
