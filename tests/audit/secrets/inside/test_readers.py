"""The readers of formats alone: what they find, in pieces of any size, and what they make of broken input."""

from __future__ import annotations

import gzip as standard_gzip
import importlib.util
import random
import struct
import zipfile
from pathlib import Path

import pytest

from imgtar.audit.secrets.inside.compressed import bunzip2, gunzipped, unxz
from imgtar.audit.secrets.inside.constants import java_texts, python_texts
from imgtar.audit.secrets.inside.inflow import DAMAGED, Reader, Unread
from imgtar.audit.secrets.inside.sqlite import sqlite_values
from imgtar.audit.secrets.inside.tar_archive import tar_files
from imgtar.audit.secrets.inside.zip_archive import zip_files
from tests.audit.secrets.inside.containers import (
    Files,
    contents,
    database,
    encrypted_entry,
    java_class,
    tarred,
    zipped,
    zipped_to_a_pipe,
)
from tests.builders import bzip2, directory, file, gnu_long, gzip, gzip_members, pax, symlink, tar, xz
from tests.growth import assert_linear, bounded_work

FILES: Files = {"a.txt": b"hello world\n" * 9000, "d/b": random.Random(1).randbytes(70_000), "c": b"PK\7\x08" * 9}
SIZES = [1, 7, 700, 1 << 20]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("write", [zipped, zipped_to_a_pipe])
def test_zip(write: object, method: int, size: int) -> None:
    raw = write(FILES, method)  # type: ignore[operator]
    if size == 1:
        raw = write({"a": b"x" * 3000, "b": b""}, method)  # type: ignore[operator]
    found, unread = contents(zip_files, raw, size)
    expected = {"a": b"x" * 3000} if size == 1 else FILES
    assert {name: content for name, content in found if content} == {k.encode(): v for k, v in expected.items()}
    assert unread == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("pack", "reader"), [(gzip, gunzipped), (xz, unxz), (bzip2, bunzip2)])
def test_compressed(pack: object, reader: Reader, size: int) -> None:
    content = FILES["a.txt"] if size > 1 else b"x" * 3000
    raw = pack(content)  # type: ignore[operator]
    assert contents(reader, raw + raw + bytes(8), size) == ([(b"", content * 2)], [])
    found, unread = contents(reader, raw[: len(raw) * 2 // 3], size)
    assert content.startswith(found[0][1])
    assert unread == [Unread(DAMAGED)]


def test_gzip_headers_and_members() -> None:
    assert contents(gunzipped, gzip_members(b"abc" * 1000, 7)) == ([(b"", b"abc" * 1000)], [])
    fields = b"\x1f\x8b\x08\x1e" + bytes(6) + b"\3\0abcname\0comment\0\0\0"  # FEXTRA, FNAME, FCOMMENT, FHCRC
    raw = fields + gzip(b"content")[10:]
    assert contents(gunzipped, raw, 3) == ([(b"", b"content")], [])
    for cut in range(len(raw)):
        assert contents(gunzipped, raw[:cut])[1] == [Unread(DAMAGED)], cut


@pytest.mark.parametrize("size", [1, 700, 1 << 20])
def test_tar_names(size: int) -> None:
    long = "x" * 300
    raw = tar(
        directory("d"), file("d/a", b"1"), symlink("l", "d/a"), pax({"path": long}) + file("short", b"2"),
        gnu_long(long + "y") + file("short", b"3"), file("empty"), pax({"mtime": "1"}) + file("plain", b"4" * 1000),
    )  # fmt: skip
    found, unread = contents(tar_files, raw, size)
    assert found == [(b"d/a", b"1"), (long.encode(), b"2"), (long.encode() + b"y", b"3"), (b"plain", b"4" * 1000)]
    assert unread == []


def test_tar_cut_at_every_block() -> None:
    raw = tarred({"a": b"x" * 600, "b": b"y"})
    whole, _ = contents(tar_files, raw)
    for cut in range(0, len(raw), 256):
        found, unread = contents(tar_files, raw[:cut])
        assert [name for name, _ in found] == [name for name, _ in whole[: len(found)]]
        between = cut in (0, 1536, 2560) or cut >= 3072  # files, or behind the first block of the end marker
        assert unread == ([] if between else [Unread(DAMAGED)]), cut


def test_a_size_that_lies_ends_the_archive() -> None:
    raw = file("a", b"x", size=1 << 33)
    assert contents(tar_files, raw) == ([(b"a", raw[512:])], [Unread(DAMAGED)])
    stored = bytearray(zipped({"a": b"content"}, zipfile.ZIP_STORED))
    stored[18:26] = struct.pack("<II", 1 << 30, 1 << 30)
    [(name, content)], unread = contents(zip_files, bytes(stored))
    assert (name, content[:7], unread) == (b"a", b"content", [Unread(DAMAGED)])


@pytest.mark.parametrize("sizes_follow", [False, True])
def test_an_encrypted_file_is_told_and_passed(sizes_follow: bool) -> None:
    raw = encrypted_entry("secret.txt", b"PK\7\x08" + b"\xaa" * 100, sizes_follow=sizes_follow) + zipped(
        {"b": b"clear"}
    )
    assert contents(zip_files, raw, 11) == ([(b"b", b"clear")], [Unread("encrypted", b"secret.txt")])


def test_an_unknown_method_is_told_and_passed() -> None:
    raw = zipped({"a": b"x" * 100}, zipfile.ZIP_LZMA) + b""
    assert contents(zip_files, raw) == ([], [Unread("compression method 14", b"a")])


def test_zip_cut_anywhere_gives_a_prefix() -> None:
    raw = zipped(FILES)
    for cut in range(0, len(raw), 997):
        found, _ = contents(zip_files, raw[:cut])
        for (name, content), expected in zip(found, FILES.items(), strict=False):
            assert (name.decode(), expected[1].startswith(content)) == (expected[0], True)


@pytest.mark.parametrize(
    ("reader", "seed"),
    [(zip_files, zipped(FILES)), (tar_files, tarred(FILES)), (gunzipped, gzip(b"a" * 9999)), (unxz, xz(b"b" * 999))],
)
def test_damage_raises_nothing(reader: Reader, seed: bytes) -> None:
    chance = random.Random(7)
    for _ in range(200):
        raw = bytearray(seed)
        for _ in range(8):
            raw[chance.randrange(min(len(raw), 400))] = chance.randrange(256)
        contents(reader, bytes(raw))


def test_many_small_files_are_linear_in_one_piece() -> None:
    def work(reader: Reader, raw: bytes) -> object:
        return lambda: contents(reader, raw)

    assert_linear(lambda count: work(zip_files, zipped({f"f{n}": b"x" for n in range(count)})), 200)  # type: ignore
    assert_linear(lambda count: work(tar_files, tarred({f"f{n}": b"x" for n in range(count)})), 200)  # type: ignore


# Values: SQLite, compiled Python, compiled Java.


@pytest.mark.parametrize("page", [512, 4096, 65_536])
@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le", "UTF-16be"])
@pytest.mark.parametrize("rowid", [True, False])
def test_sqlite_shows_what_select_shows(page: int, encoding: str, rowid: bool) -> None:
    chance = random.Random(page)
    texts = ["é" + "x" * chance.choice((20, 300, 5000)) + str(number) for number in range(200)] + ["y" * 200_000]
    values = [*texts, *(chance.randbytes(size) for size in (20, 600, 9000))]
    found = list(sqlite_values(database(values, page=page, encoding=encoding, rowid=rowid)))
    assert {value.encode() if isinstance(value, str) else value for value in values} <= set(found)
    assert not any(isinstance(value, Unread) for value in found)


@pytest.mark.parametrize("stated", [0, 1, 100, 3000, 65_535])
def test_sqlite_page_sizes_that_are_none(stated: int) -> None:
    raw = b"SQLite format 3\0" + stated.to_bytes(2, "big") + bytes(2000)
    assert list(sqlite_values(raw)) == [Unread(DAMAGED)]


def test_sqlite_rows_that_overlap_are_read_once() -> None:
    """A page of pointers to one cell, whose row claims the whole file through a cycle of overflow pages."""
    page = bytearray(4096)
    count = 1800
    page[:8] = b"\x0d\0\0" + count.to_bytes(2, "big") + b"\0\0\0"
    page[8 : 8 + 2 * count] = (3700).to_bytes(2, "big") * count
    page[3700:3704] = b"\xbf\xff\x7f\1"  # a row of a megabyte
    page[-4:] = (2).to_bytes(4, "big")
    header = bytearray(4096)
    header[:18] = b"SQLite format 3\0\x10\0"
    raw = bytes(header) + bytes(page) * 400
    copied = sum(len(value) for value in sqlite_values(raw) if isinstance(value, bytes))
    assert copied <= len(raw)
    assert Unread(DAMAGED) in list(sqlite_values(raw))
    with bounded_work():
        list(sqlite_values(raw * 10))


def test_sqlite_damage_raises_nothing() -> None:
    seed = database(["x" * 30, "y" * 9000, "z" * 50], page=512)
    chance = random.Random(3)
    for _ in range(300):
        raw = bytearray(seed)
        for _ in range(20):
            raw[chance.randrange(len(raw))] = chance.randrange(256)
        assert sum(len(value) for value in sqlite_values(bytes(raw)) if isinstance(value, bytes)) <= 2 * len(raw)


def test_python_constants_of_every_length(tmp_path: Path) -> None:
    texts = [f"{number:03}" + "k" * length for number, length in enumerate(range(20, 400, 3))] + ["ü" * 30]
    source = tmp_path / "module.py"
    source.write_text("\n".join(f"V{number} = {text!r}, {text.encode()!r}" for number, text in enumerate(texts)))
    target = tmp_path / "module.pyc"
    import py_compile

    py_compile.compile(str(source), str(target), doraise=True)
    raw = target.read_bytes()
    assert raw[:4] == importlib.util.MAGIC_NUMBER
    assert {text.encode() for text in texts} <= set(python_texts(raw))


def test_java_constants_of_every_length() -> None:
    texts = [b"%03d" % length + b"k" * length for length in range(20, 300)]
    assert list(java_texts(java_class(*texts))) == texts


def test_java_constants_of_every_tag_and_cut() -> None:
    others = b"\3abcd\5abcdefgh\7ab\x0fabc\x12abcd"
    raw = java_class()[:8] + (9).to_bytes(2, "big") + others + b"\1\0\x14" + b"x" * 20 + b"\1\0\1y"
    assert list(java_texts(raw)) == [b"x" * 20]
    for cut in range(len(raw) - 30):
        assert list(java_texts(raw[:cut])) in ([], [Unread(DAMAGED)])
    assert list(java_texts(raw[:10] + b"\2" + raw[11:])) == [Unread(DAMAGED)]


@pytest.mark.parametrize(
    "piece", [b"a\1\1\0\0" + b"x" * 30, b"zz" + b"x" * 30, b"\xe1\xff\xff\x0f\0" + b"x" * 30, b"z\xff"]
)
def test_constants_are_linear_in_headers_that_lie(piece: bytes) -> None:
    raw = piece * ((4 << 20) // len(piece))
    with bounded_work():
        assert sum(map(len, python_texts(raw))) <= len(raw)


def test_a_gzip_file_of_the_standard_library() -> None:
    assert contents(gunzipped, standard_gzip.compress(b"content")) == ([(b"", b"content")], [])
