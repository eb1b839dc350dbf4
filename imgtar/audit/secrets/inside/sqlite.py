"""The texts and blobs in an SQLite database, those of all rows of all tables and indexes."""

from __future__ import annotations

from collections.abc import Iterator

from imgtar.audit.secrets.inside.inflow import DAMAGED, Unread
from imgtar.formats import sqlite

_SHORTEST = 8  # bytes of a value that may hold a secret
_NUMBERS = 12  # serial types below have no text and no blob


def sqlite_values(body: bytes) -> Iterator[bytes | Unread]:
    """The texts and blobs of at least 8 bytes in a database, as UTF-8. Copies no more bytes than the body has."""
    try:
        database = sqlite.Database(body)
        for row in database.every_row():
            for kind, value in sqlite.values(row):
                if kind >= _NUMBERS and len(value) >= _SHORTEST:
                    yield database.text(kind, value)
    except sqlite.BadDatabase:
        yield Unread(DAMAGED)
