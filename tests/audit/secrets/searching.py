"""The search of one file in pieces, for tests and fuzz targets."""

from __future__ import annotations

from collections.abc import Iterable

from imgtar.audit.secrets.collector import Secret, SecretCollector
from imgtar.audit.secrets.search import SecretSearch


def find_secrets(path: bytes, size: int, chunks: Iterable[bytes]) -> list[Secret]:
    """The distinct secrets of a file, at most 100."""
    collector = SecretCollector()
    search = SecretSearch(path, size, collector)
    for chunk in chunks:
        if not search.feed(chunk):
            break
    search.finish()
    return collector.listed
