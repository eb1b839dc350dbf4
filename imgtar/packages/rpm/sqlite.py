"""The table `Packages` of rpmdb.sqlite."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from imgtar.formats.sqlite import SCHEMA, BadDatabase, Database, values

_COLUMNS = 4  # of the table of tables that are looked at: type, name, table, first page


def blobs(content: bytes) -> Iterator[bytes]:
    """The headers of the packages; an empty one stands for what cannot be read."""
    try:
        database = Database(content)
        for row in database.table(SCHEMA):
            described = [value for _, value in islice(values(row), _COLUMNS)]
            if described[:2] == [b"table", b"Packages"] and len(described) == _COLUMNS:
                for package in database.table(int.from_bytes(described[3], "big")):
                    yield from (value for _, value in islice(values(package), 1, 2))
        if database.is_cut:
            yield b""
    except BadDatabase:
        yield b""
