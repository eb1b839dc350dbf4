"""The text of `cache`: where it is, and what it holds."""

from __future__ import annotations

from collections.abc import Iterator

from imgtar.contract.cache import CacheContent
from imgtar.contract.content import TextSettings
from imgtar.report.table.drawing import encoded, paint
from imgtar.text import escape_stored, human_size


def cache(content: CacheContent, settings: TextSettings) -> Iterator[bytes]:
    """Three lines, for a person at a terminal."""
    return encoded(_lines(content, settings), settings)


def _lines(content: CacheContent, settings: TextSettings) -> Iterator[str]:
    document = content.document
    yield f"{paint('cache', 'bold', settings)}    {escape_stored(document.path, ascii_only=not settings.unicode)}"
    size = f"{human_size(document.bytes)}, on the disk {human_size(document.file_bytes)}"
    yield f"{paint('holds', 'bold', settings)}    {_rows(document.rows)}, {size}"
    if document.removed is not None:
        removed = document.removed
        yield f"{paint('removed', 'bold', settings)}  {_rows(removed.rows)}, {human_size(removed.bytes)}"


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
