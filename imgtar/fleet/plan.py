"""Which archives a run is about, sorted and each once, and what became of them: in a temporary database, not in memory.

SQLite keeps it in a file without a name, so a million archives take as much memory as ten.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import msgspec

from imgtar.contract.envelope import ErrorBody
from imgtar.contract.fleet import FleetFailure
from imgtar.fleet.inputs import ArchiveFile, shown_path
from imgtar.fleet.layer_claim import LayerClaim

_SCHEMA = """
CREATE TABLE archive (path BLOB PRIMARY KEY, slot INTEGER NOT NULL, weight INTEGER NOT NULL,
                      size INTEGER, mtime_ns INTEGER,
                      state INTEGER NOT NULL DEFAULT 0, exit_code INTEGER, code TEXT, message TEXT) WITHOUT ROWID;
CREATE TABLE layer (digest TEXT, size INTEGER, path BLOB NOT NULL, archives INTEGER NOT NULL DEFAULT 1,
                    PRIMARY KEY (digest, size)) WITHOUT ROWID;
CREATE TABLE place (place BLOB PRIMARY KEY, path BLOB) WITHOUT ROWID;
CREATE INDEX by_weight ON archive (weight, path);
CREATE INDEX by_slot ON archive (slot, path);
"""
WAITING, IN_PART, IN_FILE = range(
    3
)  # states: without a row, with one in a part of an earlier run, in a file of its own
_PAGE = 1000  # archives that are in memory at once


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """How many archives there are, and their bytes as far as they are files."""

    archives: int
    size: int


class Plan:
    """The archives of a run, by path. They are listed page by page, so a state may change while they are."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _SCHEMA)
        self._database.execute("BEGIN")

    def add(self, archive: ArchiveFile, slot: int) -> None:
        """Adds an archive; one that is there already stays as it is."""
        values = (archive.path, slot, -(archive.size or 0), archive.size, archive.mtime_ns)
        query = "INSERT OR IGNORE INTO archive (path, slot, weight, size, mtime_ns) VALUES (?, ?, ?, ?, ?)"
        self._database.execute(query, values)

    def first_name(self, place: bytes, path: bytes) -> bytes:
        """The first path that named this place; where none did, `path` is the first."""
        values = place, None if path == place else path  # most are spelled as their place is
        if self._database.execute("INSERT OR IGNORE INTO place VALUES (?, ?)", values).rowcount:
            return path
        first: bytes | None = self._database.execute("SELECT path FROM place WHERE place = ?", (place,)).fetchone()[0]
        return place if first is None else first

    def found(self, path: bytes) -> ArchiveFile | None:
        """The archive of this path."""
        row = self._database.execute("SELECT path, size, mtime_ns FROM archive WHERE path = ?", (path,)).fetchone()
        return None if row is None else ArchiveFile(*row)

    def set_state(self, path: bytes, state: int) -> None:
        """Says where the row of the archive is."""
        self._database.execute("UPDATE archive SET state = ? WHERE path = ?", (state, path))

    def set_outcome(self, path: bytes, exit_code: int, failure: ErrorBody | None) -> None:
        """Says what became of the archive."""
        code, message = (None, None) if failure is None else (failure.code, failure.message)
        values = (exit_code, code, message, path)
        self._database.execute("UPDATE archive SET exit_code = ?, code = ?, message = ? WHERE path = ?", values)

    def waiting(self) -> Iterator[ArchiveFile]:
        """The archives without a row, the largest first, so that all workers end at about the same time."""
        last: tuple[int, bytes] = (-(1 << 62), b"")
        query = f"""SELECT path, size, mtime_ns, weight FROM archive WHERE (weight, path) > (?, ?) AND state = 0
                    ORDER BY weight, path LIMIT {_PAGE}"""  # noqa: S608 (a constant)
        while rows := self._database.execute(query, last).fetchall():
            for path, size, mtime_ns, _ in rows:
                yield ArchiveFile(path, size, mtime_ns)
            last = rows[-1][3], rows[-1][0]

    def add_layer(self, claim: LayerClaim, path: bytes) -> None:
        """Adds a layer that an archive claims to have."""
        query = """INSERT INTO layer (digest, size, path) VALUES (?, ?, ?)
                   ON CONFLICT DO UPDATE SET archives = archives + 1"""
        self._database.execute(query, (claim.digest, claim.size, path))

    def shared_layers(self) -> Iterator[tuple[LayerClaim, ArchiveFile]]:
        """The layers that several archives claim to have, the largest first, each with one of these archives."""
        query = """SELECT layer.digest, layer.size, path, archive.size, mtime_ns FROM layer JOIN archive USING (path)
                   WHERE archives > 1 ORDER BY layer.size DESC, digest"""
        for digest, size, *archive in self._database.execute(query):
            yield LayerClaim(digest, size), ArchiveFile(*archive)

    def shared_bytes(self) -> int:
        """The bytes of the layers that several archives claim to have, each once."""
        query = "SELECT coalesce(sum(size), 0) FROM layer WHERE archives > 1"
        return int(self._database.execute(query).fetchone()[0])

    def in_slot(self, slot: int) -> Iterator[tuple[bytes, int]]:
        """The path and the state of the archives of a slot."""
        yield from self._pages("path, state", "slot = ?", slot)

    def failures(self) -> Iterator[FleetFailure]:
        """The archives whose exit code is not 0."""
        for path, exit_code, code, message in self._pages("path, exit_code, code, message", "exit_code > 0"):
            text, path_b64 = shown_path(path)
            shown = msgspec.UNSET if path_b64 is None else path_b64
            yield FleetFailure(path=text, path_b64=shown, exit_code=exit_code, code=code, message=message)

    def exit_codes(self) -> dict[int, int]:
        """How many archives have each exit code, of those that have one."""
        query = "SELECT exit_code, count(*) FROM archive WHERE exit_code NOT NULL GROUP BY exit_code ORDER BY 1"
        return dict(self._database.execute(query))

    def totals(self, *, waiting: bool) -> Totals:
        """All archives, or those without a row."""
        condition = "state = 0" if waiting else "1"
        query = f"SELECT count(*), coalesce(sum(size), 0) FROM archive WHERE {condition}"  # noqa: S608 (constants)
        archives, size = self._database.execute(query).fetchone()
        return Totals(archives=archives, size=size)

    def close(self) -> None:
        self._database.close()

    def _pages(self, columns: str, condition: str, *values: object) -> Iterator[tuple[Any, ...]]:
        """The rows by path, the first column, however the table changes in between."""
        last = b""
        query = f"SELECT {columns} FROM archive WHERE {condition} AND path > ? ORDER BY path LIMIT {_PAGE}"  # noqa: S608
        while rows := self._database.execute(query, (*values, last)).fetchall():
            yield from rows
            last = rows[-1][0]
