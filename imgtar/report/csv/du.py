"""CSV of `ls --du`: one row for each directory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imgtar.contract.content import TextSettings
from imgtar.contract.file_content import DuContent
from imgtar.report.csv.damage import damage_rows
from imgtar.report.csv.rows import Value, encoded_rows, stored_cell

DIRECTORIES = ("layer", "kind", "path", "bytes", "files", "note")


def directories(content: DuContent, _settings: TextSettings) -> Iterator[bytes]:
    """One row per directory, largest first; `kind` is `dir`, or `file` where PATH is one."""
    return encoded_rows(_directory_rows(content))


def _directory_rows(content: DuContent) -> Iterator[Sequence[Value]]:
    yield DIRECTORIES
    yield from damage_rows(content.document.findings, DIRECTORIES)
    for row in content.directories():
        path = stored_cell(row.path, row.path_b64)
        yield (row.layer, row.type, path, row.bytes, row.files, None)
