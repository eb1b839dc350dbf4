"""One SQLite file of checked rows: bytes under a key. Whatever happens to the file, it gives what was put, or nothing.

Several processes and threads may use one file. Whatever is damaged or foreign is deleted; where the disk is full or
the folder cannot be written, nothing is kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import stat
import time
from collections.abc import Callable
from threading import RLock, local
from typing import TypeVar
from weakref import WeakSet

import msgspec

from imgtar.limits import GIB, MIB

FILE_NAME = "scans.sqlite"
DEFAULT_SIZE = 4 * GIB
_APPLICATION = 0x696D6774  # "imgt"
_SCHEMA = 1
_TABLES = (
    "CREATE TABLE rows (key BLOB PRIMARY KEY, used INTEGER, size INTEGER, proof BLOB, body BLOB)",
    "CREATE INDEX rows_by_use ON rows (used, size)",
)
_WAIT = 5.0  # seconds for another process that writes
_USED_AGAIN = 3600  # seconds after which a use is noted once more
_LARGEST_PART = 8  # a row takes at most this part of the file
_FULL = 0.9  # rows are removed until the file has this part of its size
_BESIDES = ("", "-wal", "-shm", "-journal")
# What says nothing against the file: no permission, in use, no memory, read-only, interrupted, full, not to be opened.
_NOT_DAMAGE = frozenset({3, 5, 6, 7, 8, 9, 13, 14, 15, 23})
T = TypeVar("T")


class StoreInfo(msgspec.Struct, frozen=True):
    """What a store holds: `rows`, their `bytes`, and `file_bytes` on the disk."""

    rows: int
    bytes: int
    file_bytes: int


class RowStore:
    """The rows in `folder`, which is made for the user alone; `size` is what the file may take, in bytes.

    The file is opened when it is first needed. It is closed before the process forks, because SQLite loses track of
    its locks then. No method raises for the file.
    """

    def __init__(self, folder: str, size: int = DEFAULT_SIZE) -> None:
        self._folder = folder
        self._size = size
        self._lock = RLock()
        self._connection: sqlite3.Connection | None = None
        self._is_usable = True
        _stores.add(self)

    @property
    def path(self) -> str:
        """The file."""
        return os.path.join(self._folder, FILE_NAME)

    @property
    def is_welcome(self) -> bool:
        """May the folder have the file: is it the user's alone, or not there yet?"""
        try:
            return _is_own(os.stat(self._folder), stat.S_IFDIR)
        except FileNotFoundError:
            return True
        except OSError:
            return False

    def get(self, key: bytes) -> bytes | None:
        """What was put under the key; None where there is nothing, or nothing whole."""
        return self._with(lambda file: self._get(file, key))

    def put(self, key: bytes, body: bytes) -> None:
        """Puts bytes under a key, in the place of what was there; the rows that were not used longest make room."""
        if len(body) <= self._size // _LARGEST_PART:
            self._with(lambda file: self._put(file, key, body))

    def remove(self, key: bytes) -> None:
        """Removes what is under the key."""
        self._with(lambda file: file.execute("DELETE FROM rows WHERE key = ?", (key,)))

    def prune(self, size: int) -> None:
        """Removes rows, those that were not used longest first, until the file takes at most `size` bytes."""

        def pruned(file: sqlite3.Connection) -> None:
            self._make_room(file, size)
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)")

        self._with(pruned)

    def info(self) -> StoreInfo | None:
        """What is in the store; None where there is no file, or none that can be used."""
        if not os.path.exists(self.path):
            return None
        found = self._with(lambda file: file.execute("SELECT count(*), total(size) FROM rows").fetchone())
        if found is None:
            return None
        return StoreInfo(int(found[0]), int(found[1]), _sizes(self.path))

    def close(self) -> None:
        """Closes the file; it is opened again when it is needed."""
        with self._lock:
            if self._connection is not None:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.close()
                self._connection = None

    def before_fork(self) -> None:
        """Closes the file, which nobody opens again before `after_fork`."""
        self._lock.acquire()
        self.close()

    def after_fork(self) -> None:
        """Lets the file be opened again, in both processes."""
        self._lock.release()

    def _with(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        """The result of the work; None where the file cannot be used. A damaged file is deleted, and made anew."""
        with self._lock:
            for is_last in (False, True):
                if not self._is_usable:
                    return None
                try:
                    return work(self._opened())
                except (sqlite3.Error, OverflowError, UnicodeDecodeError, _Foreign) as error:
                    if getattr(error, "sqlite_errorcode", 0) & 0xFF in _NOT_DAMAGE:
                        if self._connection is not None:
                            self._connection.rollback()
                        return None
                    self._delete()
                    self._is_usable = not is_last
                except OSError:
                    self._is_usable = False
        return None

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            _make_folder(self._folder)
            self._connection = _open(self.path)
        return self._connection

    def __del__(self) -> None:
        self.close()

    def __reduce__(self) -> tuple[type[RowStore], tuple[str, int]]:
        return RowStore, (self._folder, self._size)

    def _delete(self) -> None:
        self.close()
        for ending in _BESIDES:
            with contextlib.suppress(OSError):
                os.unlink(self.path + ending)

    def _get(self, file: sqlite3.Connection, key: bytes) -> bytes | None:
        found = file.execute("SELECT used, proof, body FROM rows WHERE key = ?", (key,)).fetchone()
        if found is None:
            return None
        used, proof, body = found
        if not isinstance(body, bytes) or not isinstance(used, int) or proof != _proof(key, body):
            raise _Foreign
        now = int(time.time())
        if abs(now - used) > _USED_AGAIN:
            with contextlib.suppress(sqlite3.OperationalError):
                file.execute("UPDATE rows SET used = ? WHERE key = ?", (now, key))
        return body

    def _put(self, file: sqlite3.Connection, key: bytes, body: bytes) -> None:
        row = (key, int(time.time()), len(body), _proof(key, body), body)
        file.execute("INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?, ?)", row)
        if _taken(file) > self._size:
            self._make_room(file, int(self._size * _FULL))

    def _make_room(self, file: sqlite3.Connection, size: int) -> None:
        excess = _taken(file) - size
        oldest: list[tuple[bytes]] = []
        for key, row_size in file.execute("SELECT key, size FROM rows ORDER BY used, size"):
            if excess <= 0:
                break
            if not isinstance(row_size, int):
                raise _Foreign
            oldest.append((key,))
            excess -= row_size
        file.execute("BEGIN IMMEDIATE")
        file.executemany("DELETE FROM rows WHERE key = ?", oldest)
        file.execute("COMMIT")
        file.executescript("PRAGMA incremental_vacuum")  # `execute` ends after the first page


_stores: WeakSet[RowStore] = WeakSet()
_forking = local()  # the stores that a thread has closed because it forks


def _before_fork() -> None:
    _forking.stores = sorted(_stores, key=id)
    for store in _forking.stores:
        store.before_fork()


def _after_fork() -> None:
    for store in _forking.stores:
        store.after_fork()
    _forking.stores = []


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork)


class _Foreign(Exception):
    """The file, or a row of it, is none that imgtar wrote."""


def _make_folder(folder: str) -> None:
    """Makes the folder for the user alone. Raises OSError where it is not the user's, or others may write to it."""
    os.makedirs(folder, mode=0o700, exist_ok=True)
    if not _is_own(os.stat(folder), stat.S_IFDIR):
        raise PermissionError("no folder of this user alone")


def _is_own(found: os.stat_result, kind: int) -> bool:
    """Is it of this kind, the user's, and nobody else may write to it?"""
    if stat.S_IFMT(found.st_mode) != kind:
        return False
    return not hasattr(os, "geteuid") or (found.st_uid == os.geteuid() and not found.st_mode & 0o022)


def _open(path: str) -> sqlite3.Connection:
    """The file, made where it is missing. Raises OSError, sqlite3.Error, and _Foreign for a file that is another's."""
    created = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0), 0o600)
    try:
        if not _is_own(os.fstat(created), stat.S_IFREG):
            raise PermissionError("no file of this user alone")
    finally:
        os.close(created)
    file = sqlite3.connect(path, timeout=_WAIT, isolation_level=None, check_same_thread=False)
    try:
        _prepare(file)
    except BaseException:
        file.close()
        raise
    return file


def _prepare(file: sqlite3.Connection) -> None:
    """Sets up a new file, and makes sure that one which is there is imgtar's: its tables are known word for word."""
    file.execute("PRAGMA trusted_schema = OFF")
    file.execute("PRAGMA auto_vacuum = INCREMENTAL")  # of a new file
    file.execute("PRAGMA journal_mode = WAL")
    file.execute("PRAGMA synchronous = OFF")  # what a power cut damages is found by its proof, and made anew
    file.execute(f"PRAGMA journal_size_limit = {64 * MIB}")
    if not _tables(file):
        file.execute("BEGIN IMMEDIATE")
        if not _tables(file):  # no other process was faster
            for statement in _TABLES:
                file.execute(statement)
            file.execute(f"PRAGMA application_id = {_APPLICATION}")
            file.execute(f"PRAGMA user_version = {_SCHEMA}")
        file.execute("COMMIT")
    if _tables(file) != sorted(_TABLES):
        raise _Foreign
    stated = (file.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version"))
    if tuple(stated) != (_APPLICATION, _SCHEMA):
        raise _Foreign


def _tables(file: sqlite3.Connection) -> list[str]:
    return sorted(row[0] for row in file.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"))


def _proof(key: bytes, body: bytes) -> bytes:
    """What tells a whole row from a damaged one, and from one under another key."""
    return hashlib.sha256(b"%d:" % len(key) + key + body).digest()


def _taken(file: sqlite3.Connection) -> int:
    """The bytes of the pages that are in use."""
    pages, free, size = (
        file.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def _sizes(path: str) -> int:
    total = 0
    for ending in ("", "-wal"):
        with contextlib.suppress(OSError):
            total += os.stat(path + ending).st_size
    return total
