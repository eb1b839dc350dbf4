"""The rows that stand before all others where an archive is damaged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from imgtar.contract.envelope import FindingRow
from imgtar.contract.inspect import Image
from imgtar.report.csv.rows import Value, image_cell, stored_cell
from imgtar.text import csv_cell


def damage_rows(
    findings: Iterable[FindingRow], columns: Sequence[str], images: Sequence[Image] = ()
) -> Iterator[Sequence[Value]]:
    """The findings that make the archive damaged, each a row with its effect as `kind`."""
    for cause in findings:
        if cause.effect == "none":
            continue
        where = cause.where
        cells: dict[str, Value] = {
            "kind": cause.effect,
            "layer": where.layer,
            "image": None if where.image is None or not images else image_cell(images[where.image]),
            "path": stored_cell(where.path, where.path_b64),
            "note": csv_cell(cause.message, escaped=True),
        }
        yield [cells.get(column) for column in columns]
