"""CSV of `duplicates`: one row for each file of a group."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imgtar.contract.content import TextSettings
from imgtar.contract.duplicates import DuplicatesContent
from imgtar.report.csv.damage import damage_rows
from imgtar.report.csv.rows import Value, cell, encoded_rows, stored_cell

DUPLICATES = ("kind", "group", "sha256", "size", "bytes", "path", "layer", "instruction", "names", "note")


def duplicates(content: DuplicatesContent, _settings: TextSettings) -> Iterator[bytes]:
    """One row per file, the groups that save most first; before them what is wrong with the archive."""
    return encoded_rows(_rows(content))


def _rows(content: DuplicatesContent) -> Iterator[Sequence[Value]]:
    yield DUPLICATES
    yield from damage_rows(content.document.findings, DUPLICATES)
    for number, group in enumerate(content.groups()):
        facts = (number, group.sha256, group.size, group.bytes)
        for copy in group.paths:
            path = stored_cell(copy.path, copy.path_b64)
            instruction = cell(content.instructions[copy.layer] or None)
            yield ("copy", *facts, path, copy.layer, instruction, copy.names, "gone" if copy.gone else None)
