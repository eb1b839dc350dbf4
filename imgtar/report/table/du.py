"""The text of `ls --du`: the bytes below each directory, largest first."""

from __future__ import annotations

from collections.abc import Iterator

from imgtar.contract.content import TextSettings
from imgtar.contract.file_content import DuContent
from imgtar.contract.files import DirectoryRow
from imgtar.report.table.drawing import encoded
from imgtar.text import escape_stored, human_size


def du(content: DuContent, settings: TextSettings) -> Iterator[bytes]:
    """One directory on a line, its bytes before it; with `--long` the exact bytes and the number of files."""
    return encoded((_line(row, content, settings) for row in content.directories()), settings)


def _line(row: DirectoryRow, content: DuContent, settings: TextSettings) -> str:
    name = escape_stored(row.path, row.path_b64, ascii_only=not settings.unicode)
    if row.type == "dir" and name != "/":
        name += "/"
    parts = [] if row.layer is None or content.document.layer is not None else [f"{row.layer:>3}"]
    if content.long:
        parts += [f"{row.bytes:>15,}", f"{row.files:>9,}"]
    else:
        parts.append(f"{human_size(row.bytes):>7}")
    return "  ".join([*parts, name])
