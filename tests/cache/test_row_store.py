"""The file of the cache: what was put is given back whole, or nothing is; whatever happens to the file."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import random
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from imgtar.cache import row_store
from imgtar.cache.row_store import FILE_NAME, RowStore

ROWS = {bytes([number]) * 32: random.Random(number).randbytes(3000 * number) for number in range(1, 6)}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RowStore]:
    opened = RowStore(str(tmp_path / "cache"))
    yield opened
    opened.close()


def filled(store: RowStore) -> RowStore:
    for key, body in ROWS.items():
        store.put(key, body)
    return store


def test_gives_what_was_put(store: RowStore) -> None:
    filled(store)
    assert {key: store.get(key) for key in ROWS} == ROWS
    assert store.get(b"other") is None
    key = next(iter(ROWS))
    store.put(key, b"new")
    assert store.get(key) == b"new"
    store.remove(key)
    assert store.get(key) is None
    info = store.info()
    assert info is not None
    assert (info.rows, info.bytes) == (4, 3000 * (2 + 3 + 4 + 5))
    assert info.file_bytes > info.bytes


def test_only_the_user_reads_it(store: RowStore) -> None:
    filled(store)
    folder = os.path.dirname(store.path)
    assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
    assert {stat.S_IMODE(os.stat(os.path.join(folder, name)).st_mode) for name in os.listdir(folder)} == {0o600}


def test_a_store_that_is_not_there_has_no_info(store: RowStore) -> None:
    assert store.info() is None
    assert not os.path.exists(store.path)


def test_the_longest_unused_makes_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_700_000_000.0
    monkeypatch.setattr(row_store.time, "time", lambda: now)
    store = RowStore(str(tmp_path), 400_000)
    for number in range(7):
        now += 10_000
        store.put(b"%d" % number, bytes(45_000))
    now += 10_000
    assert store.get(b"0") is not None  # used again
    for number in range(7, 10):
        now += 10_000
        store.put(b"%d" % number, bytes(45_000))
    kept = [number for number in range(10) if store.get(b"%d" % number) is not None]
    assert kept == [0, *range(11 - len(kept), 10)]
    assert 5 < len(kept) < 10
    store.put(b"large", bytes(300_000))
    assert store.get(b"large") is None  # a row takes a part of the file at most
    store.prune(100_000)
    info = store.info()
    assert info is not None
    assert 0 < info.bytes <= 100_000
    assert info.file_bytes < 200_000
    store.prune(0)
    info = store.info()
    assert info is not None
    assert info.rows == 0
    store.close()


def is_sound(folder: Path) -> bool:
    """Does a store in the folder give right rows or none, and does it work again at once?"""
    store = RowStore(str(folder))
    try:
        right = all(store.get(key) in (None, body) for key, body in ROWS.items())
        store.prune(1 << 30)
        store.info()
        key, body = next(iter(ROWS.items()))
        store.put(key, body)
        return right and store.get(key) == body
    finally:
        store.close()


def damages(raw: bytes, chance: random.Random) -> Iterator[bytes]:
    """Files cut, with other bits, with a piece of another place, or with nothing but noise."""
    size = len(raw)
    for _ in range(60):
        at = chance.randrange(size)
        yield raw[:at]
        yield raw[:at] + bytes([raw[at] ^ 1 << chance.randrange(8)]) + raw[at + 1 :]
        head = chance.randrange(min(4096, size))  # the header, and the first page
        yield raw[:head] + bytes([raw[head] ^ 1 << chance.randrange(8)]) + raw[head + 1 :]
        length, target = chance.randrange(1, 5000), chance.randrange(size)
        yield raw[:target] + raw[at : at + length] + raw[target + length :]
    yield b""
    yield chance.randbytes(size)


def test_damage_gives_nothing_wrong_and_is_repaired(tmp_path: Path) -> None:
    filled(RowStore(str(tmp_path / "cache"))).close()
    path = tmp_path / "cache" / FILE_NAME
    whole = path.read_bytes()
    for damaged in damages(whole, random.Random(1)):
        path.write_bytes(damaged)
        assert is_sound(tmp_path / "cache")


def test_damage_of_the_log_gives_nothing_wrong(tmp_path: Path) -> None:
    """What a process that was killed left in the write-ahead log, damaged."""
    store = filled(RowStore(str(tmp_path / "cache")))
    left = {name: (tmp_path / "cache" / name).read_bytes() for name in os.listdir(tmp_path / "cache")}
    store.close()
    log = FILE_NAME + "-wal"
    assert left[log]
    for damaged in damages(left[log], random.Random(2)):
        for name, raw in (left | {log: damaged}).items():
            (tmp_path / "cache" / name).write_bytes(raw)
        assert is_sound(tmp_path / "cache")


FOREIGN = {
    "another program's": ("CREATE TABLE other (a)",),
    "without our mark": (
        "CREATE TABLE rows (key BLOB PRIMARY KEY, used INTEGER, size INTEGER, proof BLOB, body BLOB)",
    ),
    "with a trigger": (
        *row_store._TABLES,
        "CREATE TRIGGER t AFTER INSERT ON rows BEGIN DELETE FROM rows; END",
        f"PRAGMA application_id = {row_store._APPLICATION}",
        f"PRAGMA user_version = {row_store._SCHEMA}",
    ),
    "of another form": (
        *row_store._TABLES,
        f"PRAGMA application_id = {row_store._APPLICATION}",
        f"PRAGMA user_version = {row_store._SCHEMA + 1}",
    ),
}


@pytest.mark.parametrize("statements", FOREIGN.values(), ids=FOREIGN)
def test_a_foreign_file_is_replaced(statements: tuple[str, ...], tmp_path: Path) -> None:
    file = sqlite3.connect(tmp_path / FILE_NAME)
    for statement in statements:
        file.execute(statement)
    file.commit()
    file.close()
    assert is_sound(tmp_path)


def test_a_row_under_another_key_is_nothing(store: RowStore) -> None:
    """A row that somebody moved tells nothing of the blob that its key now names."""
    filled(store).close()
    file = sqlite3.connect(store.path)
    one, other, *_ = ROWS
    file.execute("DELETE FROM rows WHERE key = ?", (other,))
    file.execute("UPDATE rows SET key = ? WHERE key = ?", (other, one))
    file.commit()
    file.close()
    assert store.get(other) is None


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    store = RowStore(str(tmp_path))
    store.put(b"key", b"body")
    assert store.get(b"key") is None
    tmp_path.chmod(0o700)


def test_what_others_may_write_is_not_used(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    filled(RowStore(str(folder))).close()
    key = next(iter(ROWS))
    for path, mode, own in ((folder, 0o777, 0o700), (folder / FILE_NAME, 0o666, 0o600)):
        path.chmod(mode)
        store = RowStore(str(folder))
        assert store.get(key) is None
        store.put(b"other", b"body")
        assert store.info() is None
        path.chmod(own)
    assert RowStore(str(folder)).get(key) == ROWS[key]


@pytest.mark.parametrize("kind", ["a folder", "a link", "a pipe", "a file in place of the folder"])
def test_what_is_no_file_of_ours_stays(kind: str, tmp_path: Path) -> None:
    folder, path, elsewhere = tmp_path / "cache", tmp_path / "cache" / FILE_NAME, tmp_path / "elsewhere"
    elsewhere.write_bytes(b"precious")
    if kind == "a file in place of the folder":
        folder.write_bytes(b"precious")
    else:
        folder.mkdir(mode=0o700)
        match kind:
            case "a folder":
                path.mkdir()
            case "a link":
                path.symlink_to(elsewhere)
            case _:
                os.mkfifo(path)
    store = RowStore(str(folder))
    store.put(b"key", b"body")
    assert store.get(b"key") is None
    assert store.info() is None
    assert elsewhere.read_bytes() == b"precious"
    assert folder.is_file() or path.is_dir() or path.is_symlink() or path.is_fifo()


def test_a_full_disk_keeps_what_is_there(store: RowStore) -> None:
    filled(store)
    pages = store._opened().execute("PRAGMA page_count").fetchone()[0]
    store._opened().execute(f"PRAGMA max_page_count = {pages}")  # SQLite says the same as of a full disk
    store.put(b"key", bytes(100_000))
    assert store.get(b"key") is None
    assert {key: store.get(key) for key in ROWS} == ROWS


def test_a_file_that_another_holds_is_left_to_it(store: RowStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_store, "_WAIT", 0.01)
    filled(store).close()
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    store.put(b"key", b"body")
    other.execute("ROLLBACK")
    other.close()
    assert store.get(b"key") is None
    assert store.get(next(iter(ROWS))) is not None


def work(folder: str, seed: int) -> bool:
    """One of several processes: puts, reads and removes at random; is everything right that it reads?"""
    chance = random.Random(seed)
    store = RowStore(folder, 200_000)
    right = True
    for _ in range(60):
        number = chance.randrange(20)
        key, body = b"%d" % number, random.Random(number).randbytes(500 * number)
        match chance.randrange(4):
            case 0:
                right = right and store.get(key) in (None, body)
            case 1:
                store.prune(50_000)
            case _:
                store.put(key, body)
    store.close()
    return right


def test_several_processes_use_one_file(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        assert all(pool.starmap(work, [(str(tmp_path), seed) for seed in range(4)]))
    file = sqlite3.connect(tmp_path / FILE_NAME)
    assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    file.close()


def read(store: RowStore) -> dict[bytes, bytes | None]:
    return {key: store.get(key) for key in ROWS}


def test_another_process_opens_the_file_itself(store: RowStore) -> None:
    filled(store)
    assert read(pickle.loads(pickle.dumps(store))) == ROWS
    for method in ("spawn", "fork"):
        with multiprocessing.get_context(method).Pool(1) as pool:
            assert pool.apply(read, (store,)) == ROWS
    assert read(store) == ROWS
