"""RPM's database: the real one, and each container with headers made here."""

from __future__ import annotations

import hashlib
import lzma
import sqlite3
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from imgtar.packages.databases import database_format
from imgtar.packages.package_file import PackageFile
from tests.growth import assert_linear

FIXTURE = Path(__file__).parents[2] / "fixtures" / "packages" / "rpmdb.sqlite.xz"
PATH = b"usr/lib/sysimage/rpm/"
SHA256 = hashlib.sha256(b"x").hexdigest().encode()
MD5 = hashlib.md5(b"x").hexdigest().encode()
Files = list[tuple[bytes, bytes, bytes]]  # folder, name, digest


def array(strings: list[bytes]) -> tuple[int, int, bytes]:
    return 8, len(strings), b"".join(string + b"\0" for string in strings)


def header(files: Files, padding: int = 0, **changes: tuple[int, int, bytes]) -> bytes:
    """A header as a database stores it: tag 1000 is the name, which is as long as `padding`."""
    folders = sorted({folder for folder, _, _ in files})
    indexes = [folders.index(folder) for folder, _, _ in files]
    values = {
        "1000": (6, 1, b"p" * padding + b"\0"),
        "1035": array([digest for _, _, digest in files]),
        "1116": (4, len(indexes), struct.pack(f">{len(indexes)}I", *indexes)),
        "1117": array([name for _, name, _ in files]),
        "1118": array(folders),
        **changes,
    }
    index, store = b"", b""
    for tag, (kind, count, value) in values.items():
        store += bytes(-len(store) % 4)
        index += struct.pack(">4I", int(tag), kind, len(store), count)
        store += value
    return struct.pack(">2I", len(values), len(store)) + index + store


def sqlite(headers: list[bytes], page: int = 4096) -> bytes:
    connection = sqlite3.connect(":memory:")
    connection.execute(f"pragma page_size = {page}")
    connection.execute("create table 'Other' (a)")
    connection.execute("create table 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)")
    connection.executemany("insert into Packages (blob) values (?)", [(one,) for one in headers])
    connection.execute("insert into Other values ('x')")
    connection.commit()
    return connection.serialize()


def ndb(headers: list[bytes]) -> bytes:
    slots = blocks = b""
    for number, one in enumerate(headers, 1):
        slots += struct.pack("<4s3I", b"Slot", number, 256 + len(blocks) // 16, 0)
        blob = struct.pack("<4s3I", b"BlbS", number, 1, len(one)) + one
        blocks += blob + bytes(-len(blob) % 16)
    free = struct.pack("<4s3I", b"Slot", 0, 0, 0)
    head = struct.pack("<4s3I", b"RpmP", 0, 1, 1) + bytes(16)
    return (head + slots).ljust(4096 - 16, b"\0") + free + blocks


def berkeley(headers: list[bytes], order: str = "<", size: int = 512) -> bytes:
    pages = [bytes(12) + struct.pack(order + "3I", 0x061561, 9, size)]
    for number, one in enumerate(headers, 1):
        items = struct.pack(order + "B4s", 1, struct.pack(order + "I", number))
        first = len(pages) + 1
        off_page = struct.pack(order + "B3x2I", 3, first, len(one))
        offsets = struct.pack(order + "2H", size - len(items), size - len(items) - 12)
        page = struct.pack(order + "8x3I2HBB", len(pages), 0, 0, 2, 0, 0, 13) + offsets
        pages.append(page + bytes(size - len(page) - 12 - len(items)) + off_page + items)
        pieces = [one[at : at + size - 26] for at in range(0, len(one), size - 26)]
        for at, piece in enumerate(pieces):
            following = 0 if at == len(pieces) - 1 else len(pages) + 1
            pages.append(struct.pack(order + "8x3I2HBB", len(pages), 0, following, 1, len(piece), 0, 7) + piece)
    return b"".join(page.ljust(size, b"\0") for page in pages)


CONTAINERS: dict[str, tuple[bytes, Callable[[list[bytes]], bytes]]] = {
    "sqlite": (b"rpmdb.sqlite", sqlite),
    "sqlite-512": (b"rpmdb.sqlite", lambda headers: sqlite(headers, 512)),
    "sqlite-65536": (b"rpmdb.sqlite", lambda headers: sqlite(headers, 65536)),
    "ndb": (b"Packages.db", ndb),
    "berkeley": (b"Packages", berkeley),
    "berkeley-big-endian": (b"Packages", lambda headers: berkeley(headers, ">", 4096)),
}


def named(name: bytes, content: bytes) -> list[PackageFile]:
    known = database_format(PATH + name)
    assert known is not None
    return list(known.package_files(PATH + name, content))


def test_the_database_of_a_real_rpm() -> None:
    files = named(b"rpmdb.sqlite", lzma.decompress(FIXTURE.read_bytes()))
    expected = {"etc/imgtar-fixture.conf": b"three\n", "usr/share/imgtar-fixture/one": b"one\n"}
    expected["usr/share/imgtar-fixture/two"] = b"two\n"
    assert {file.path.decode(): file.digest for file in files} == {
        path: hashlib.sha256(content).digest() for path, content in expected.items()
    }


@pytest.mark.parametrize("kind", sorted(CONTAINERS))
def test_each_container_gives_every_header(kind: str) -> None:
    """Headers of one and of many pages, and enough of them for several levels of pages."""
    name, make = CONTAINERS[kind]
    headers = [header([(b"/d/", b"%d" % number, SHA256)], 10 * number * number) for number in range(60)]
    files = named(name, make(headers))
    assert [file.path for file in files] == [b"d/%d" % number for number in range(60)]


@pytest.mark.parametrize("kind", sorted(CONTAINERS))
def test_a_cut_container_gives_no_more_than_it_has(kind: str) -> None:
    name, make = CONTAINERS[kind]
    content = make([header([(b"/d/", b"%d" % number, SHA256)], 700) for number in range(9)])
    whole = set(named(name, content))
    assert len(whole) == 9
    for end in range(0, len(content), max(1, len(content) // 97)):
        assert set(named(name, content[:end])) <= whole


@pytest.mark.parametrize(
    ("files", "changes", "paths"),
    [
        ([(b"/usr/", b"a", SHA256), (b"/", b"b", MD5), (b"/usr/", b"link", b"")], {}, ["usr/a", "b"]),
        ([(b"/../", b"a", SHA256), (b"/", b"..", SHA256), (b"/", b"a/b", SHA256), (b"/", b"", SHA256)], {}, []),
        ([(b"/", b"a", b"zz"), (b"/", b"b", b"ab")], {}, []),
        ([(b"/", b"a", SHA256)], {"1116": (4, 1, struct.pack(">I", 9))}, []),
        ([(b"/", b"a", SHA256)], {"1116": (4, 1 << 30, b"")}, []),
        ([(b"/", b"a", SHA256)], {"1117": (8, 1 << 31, b"a\0")}, []),
        ([(b"/", b"a", SHA256)], {"1117": (6, 1, b"a\0")}, []),
        ([(b"/", b"a", SHA256)], {"1035": array([])}, []),
    ],
)
def test_header(files: Files, changes: dict[str, tuple[int, int, bytes]], paths: list[str]) -> None:
    assert [file.path.decode() for file in named(b"Packages.db", ndb([header(files, **changes)]))] == paths


def test_a_header_that_promises_too_much_names_nothing() -> None:
    whole = header([(b"/", b"a", SHA256)])
    for blob in (b"", b"\xff" * 8, b"\xff" * 900, struct.pack(">2I", 5, 1 << 31) + whole[8:], whole[:-1]):
        assert named(b"Packages.db", ndb([blob])) == []


def _same_blob_of_all_slots(size: int) -> bytes:
    """Every slot of an ndb database names one blob, which is as large as all slots together."""
    slots = struct.pack("<4s3I", b"Slot", 1, (32 + 16 * size * 256 + 4064) // 16, 0) * (size * 256)
    head = struct.pack("<4s3I", b"RpmP", 0, 1, size + 1) + bytes(16)
    one = header([(b"/", b"a", SHA256)], len(slots))
    content = (head + slots).ljust(32 + 16 * size * 256 + 4064, b"\0")
    return content + struct.pack("<4s3I", b"BlbS", 1, 1, len(one)) + one


def test_pages_in_circles_end() -> None:
    content = bytearray(berkeley([header([(b"/", b"a", SHA256)], 2000)]))
    for start in range(512, len(content), 512):
        content[start + 16 : start + 20] = struct.pack("<I", 2)
    assert named(b"Packages", bytes(content)) == []
    pages = bytearray(sqlite([header([(b"/", b"a", SHA256)], 9000)], 512))
    for start in range(512, len(pages), 512):
        pages[start : start + 4] = struct.pack(">I", 3)
    named(b"rpmdb.sqlite", bytes(pages))


@pytest.mark.parametrize(
    ("name", "make"),
    [
        (b"rpmdb.sqlite", lambda size: sqlite([header([(b"/", b"a", SHA256)], 500)] * size)),
        (b"Packages.db", _same_blob_of_all_slots),
        (b"Packages", lambda size: berkeley([header([(b"/", b"a", SHA256)], 500)] * size)),
        (b"Packages.db", lambda size: ndb([header([(b"/d/", b"%d" % number, SHA256) for number in range(size * 9)])])),
    ],
    ids=["sqlite", "ndb", "berkeley", "files"],
)
def test_growth(name: bytes, make: Callable[[int], bytes]) -> None:
    def prepare(size: int) -> Callable[[], object]:
        content = make(size)
        return lambda: named(name, content)

    assert_linear(prepare, 20)
