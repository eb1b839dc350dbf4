"""CSV of `duplicates`: one row for each file of a group."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imgtar.contract.content import TextSettings
from imgtar.contract.duplicates import DuplicatesContent
from imgtar.report.csv_rows import Value, cell, encoded_rows
from imgtar.text import csv_cell, escape_stored

DUPLICATES = ("kind", "group", "sha256", "size", "bytes", "path", "layer", "instruction", "names", "note")


def duplicates(content: DuplicatesContent, _settings: TextSettings) -> Iterator[bytes]:
    """One row per file, the groups that save most first; before them what is wrong with the archive."""
    return encoded_rows(_rows(content))


def _rows(content: DuplicatesContent) -> Iterator[Sequence[Value]]:
    yield DUPLICATES
    for finding in content.document.findings:
        if finding.effect != "none":
            yield (finding.effect, *[None] * (len(DUPLICATES) - 2), csv_cell(finding.message, escaped=True))
    for number, group in enumerate(content.groups()):
        facts = (number, group.sha256, group.size, group.bytes)
        for copy in group.paths:
            path = csv_cell(escape_stored(copy.path, copy.path_b64), escaped=True)
            instruction = cell(content.instructions[copy.layer] or None)
            yield ("copy", *facts, path, copy.layer, instruction, copy.names, "gone" if copy.gone else None)
