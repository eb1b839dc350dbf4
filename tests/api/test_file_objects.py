"""File objects as sources: any that gives bytes; its position and the file itself stay the caller's."""

from __future__ import annotations

import datetime
import gzip
import io
import json
import os
import random
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

import imgtar
from imgtar import api
from tests import builders as b
from tests.paths import FIXTURES

MYSQL = FIXTURES / "mysql.tar"
RAW = MYSQL.read_bytes()


def opened_for_update(folder: Path) -> BinaryIO:
    """Half of the archive waits in the buffer of the file: the descriptor alone would miss it."""
    (folder / "copy.tar").write_bytes(RAW[:-100])
    file = (folder / "copy.tar").open("r+b", buffering=1 << 20)
    file.seek(0, os.SEEK_END)
    file.write(RAW[-100:])
    return file


def spooled(_folder: Path) -> BinaryIO:
    file = tempfile.SpooledTemporaryFile(max_size=1 << 30)  # noqa: SIM115 -- the test closes it
    file.write(RAW)
    return file  # type: ignore[return-value]


def unevenly_compressed() -> bytes:
    """A layer that passes, and one that is small enough to be kept whole and stores a file with another mode."""
    lower = b.tar(b.file("f", b"same"), b.file("big", random.Random(1).randbytes(20_000)))
    return b.oci_archive([lower, b.tar(b.file("f", b"same", mode=0o600))], compression="gzip")


SEEKABLE: dict[str, Callable[[Path], BinaryIO]] = {
    "file": lambda _: MYSQL.open("rb"),
    "unbuffered": lambda _: MYSQL.open("rb", buffering=0),
    "for update": opened_for_update,
    "memory": lambda _: io.BytesIO(RAW),
    "temporary": spooled,
}


def without_source(report: imgtar.InspectedReport) -> dict[str, object]:
    found = report.to_dict()
    assert found.pop("source") | {"path": ""} == {
        "path": "",
        "size": len(RAW),
        "form": "docker-archive",
        "container": "tar",
        "compression": "none",
    }
    return found


@pytest.mark.parametrize("kind", SEEKABLE)
@pytest.mark.parametrize("position", [0, 700, len(RAW)])
def test_a_seekable_file_is_read_as_a_whole_and_stays_where_it_is(kind: str, position: int, tmp_path: Path) -> None:
    expected = without_source(imgtar.inspect(MYSQL, imgtar.InspectOptions(verify=True)))
    with SEEKABLE[kind](tmp_path) as file:
        file.seek(position)
        report = imgtar.inspect(file, imgtar.InspectOptions(verify=True))
        assert without_source(report) == expected
        assert file.tell() == position
        assert not file.closed
        entry = report.session.tree(0).entry(b"etc/passwd")
        for body in report.session.bodies(0, [(entry.scan_layer, entry.member)]):
            assert b"root:" in b"".join(body.chunks())
        assert file.tell() == position
        assert len(file.read()) == len(RAW) - position


def test_a_file_that_the_caller_closes_is_read_on(tmp_path: Path) -> None:
    with MYSQL.open("rb") as file:
        session = imgtar.open_session(file)
    assert session.document.complete
    memory = io.BytesIO(RAW)
    session = imgtar.open_session(memory)
    memory.close()
    with pytest.raises(imgtar.InputError, match="closed file"):
        _ = session.document


class Chunks:
    """Gives bytes, a few at a time, and can do nothing else; reads as the response of a server does."""

    def __init__(self, raw: bytes) -> None:
        self._left = io.BytesIO(raw)

    def read(self, size: int, /) -> bytes:
        return self._left.read(min(size, 1000))


@pytest.mark.parametrize("raw", [RAW, gzip.compress(RAW, 1)], ids=["plain", "gzip"])
def test_a_file_that_cannot_seek_passes_once(raw: bytes) -> None:
    report = imgtar.inspect(Chunks(raw))
    assert report.document.source.container == "stream"
    assert report.document.source.path == "<file>"
    assert report.document.images == imgtar.inspect(MYSQL).document.images


def test_a_file_that_decompresses_passes_once_instead_of_seeking_back(tmp_path: Path) -> None:
    (tmp_path / "copy.tar.gz").write_bytes(gzip.compress(b"a line\n" + RAW, 1))
    with gzip.open(tmp_path / "copy.tar.gz") as file:
        assert file.readline() == b"a line\n"
        report = imgtar.inspect(file)
        assert file.read() == b""
    assert report.document.source.container == "stream"
    assert report.document.complete


class Generous(io.BytesIO):
    """Gives more than it is asked for."""

    def read(self, size: int | None = -1, /) -> bytes:
        raw = super().read(size)
        return raw + b"more" if raw else raw


def test_bytes_that_nobody_asked_for_are_left_out() -> None:
    assert imgtar.inspect(Generous(RAW)).document.images == imgtar.inspect(MYSQL).document.images


def test_a_pipe_is_read_from_where_it_is() -> None:
    reading, writing = os.pipe()

    def write() -> None:
        with open(writing, "wb") as file:
            file.write(b"a line\n" + RAW)

    thread = threading.Thread(target=write)
    thread.start()
    with open(reading, "rb") as pipe:
        assert pipe.readline() == b"a line\n"  # the rest of its block waits in the buffer
        report = imgtar.inspect(pipe)
        assert not pipe.closed
    thread.join()
    assert report.document.complete
    assert report.document.images == imgtar.inspect(MYSQL).document.images


def test_layers_of_a_file_object_are_read_by_several_threads() -> None:
    layers = [b.tar(b.file(f"f{number}", bytes([number]) * 300_000)) for number in range(4)]
    archive = b.oci_archive(layers, compression="gzip")
    expected = imgtar.inspect(io.BytesIO(archive), imgtar.InspectOptions(jobs=1, verify=True)).document.images
    found = imgtar.inspect(io.BytesIO(archive), imgtar.InspectOptions(jobs=4, verify=True)).document
    assert found.images == expected
    assert found.integrity == "verified"


ARCHIVES = sorted(path for path in FIXTURES.glob("*.tar*") if path.is_file() and path.name != "d20-export.tar")
OPTIONS = imgtar.InspectOptions(verify=True, audit=True, judged_on=datetime.date(2026, 11, 25))


def said(source: imgtar.Input) -> str:
    """The report, or why there is none, without the name of the source."""
    try:
        report = imgtar.inspect(source, OPTIONS)
    except imgtar.InputError as error:
        return f"{error.code} {error.message}"
    found = report.to_dict()
    del found["source"]["path"]
    return json.dumps(found)


@pytest.mark.slow
@pytest.mark.parametrize("path", ARCHIVES, ids=lambda path: path.name)
@pytest.mark.parametrize("share", [1.0, 0.7], ids=["whole", "cut"])
def test_an_archive_is_the_same_as_a_file_object(path: Path, share: float, tmp_path: Path) -> None:
    raw = path.read_bytes()[: int(path.stat().st_size * share)]
    copy = tmp_path / "copy"
    copy.write_bytes(raw)
    assert said(io.BytesIO(raw)) == said(copy)


@pytest.mark.slow
@pytest.mark.parametrize("path", ARCHIVES, ids=lambda path: path.name)
def test_an_archive_that_passes_has_the_same_content(path: Path) -> None:
    passing, stored = imgtar.inspect(Chunks(path.read_bytes())), imgtar.inspect(path)
    assert [image.totals for image in passing.document.images] == [image.totals for image in stored.document.images]
    assert passing.rows("changes") == stored.rows("changes")


def test_contents_of_a_kept_layer_are_compared_with_those_that_passed() -> None:
    for source in (io.BytesIO(unevenly_compressed()), Chunks(unevenly_compressed())):
        [change] = imgtar.inspect(source).changes(0, 1)
        assert (change.path, change.why) == ("/f", ["mode"])


class Damaged(io.BytesIO):
    """A file whose third read fails."""

    reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads += 1
        if self.reads > 2:
            raise OSError(5, "Input/output error")
        return super().read(size)


class Growing(io.BytesIO):
    """A file that somebody writes to after the first read."""

    def read(self, size: int | None = -1, /) -> bytes:
        raw = super().read(size)
        if len(self.getbuffer()) == len(RAW):
            position = self.tell()
            self.seek(0, os.SEEK_END)
            self.write(b"more")
            self.seek(position)
        return raw


class Waiting:
    """A file that has no bytes yet and does not wait for them."""

    def read(self, size: int, /) -> bytes:
        return None  # type: ignore[return-value]


def closed_file() -> io.BytesIO:
    file = io.BytesIO(RAW)
    file.close()
    return file


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (Damaged(RAW), "<file>: input/output error"),
        (Waiting(), "<file>: the file object gives no bytes"),
        (closed_file(), "<file>: .*closed file"),
        (io.BytesIO(b""), "<file>: "),
        (io.BytesIO(b"no tar at all" * 100), "<file>: not an archive that imgtar reads; it looks like text"),
    ],
    ids=["damaged", "waiting", "closed", "empty", "other"],
)
def test_what_cannot_be_read_is_an_input_error(file: imgtar.BinaryFile, message: str) -> None:
    with pytest.raises(imgtar.InputError, match=message):
        imgtar.inspect(file)


def test_text_is_no_archive(tmp_path: Path) -> None:
    with MYSQL.open(encoding="latin-1") as file, pytest.raises(imgtar.UsageError, match=r"open it with mode 'rb'"):
        imgtar.inspect(file)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        imgtar.inspect(3)  # type: ignore[arg-type]


def test_a_file_that_grows_is_said_to_change() -> None:
    codes = {finding.code for finding in imgtar.inspect(Growing(RAW)).document.findings}
    assert "input.changed" in codes


def test_what_a_file_is_called() -> None:
    with MYSQL.open("rb") as file:
        assert imgtar.inspect(file).document.source.path == str(MYSQL)
    with open(os.open(MYSQL, os.O_RDONLY), "rb") as file:  # its name is a number
        assert imgtar.inspect(file).document.source.path == "<file>"


def test_two_files_are_compared(tmp_path: Path) -> None:
    with MYSQL.open("rb") as first:
        report = api.diff(first, io.BytesIO(RAW))
    assert report.to_dict()["equal"] is True


@pytest.mark.parametrize("position", [0, 5])
def test_nothing_is_written_or_closed(position: int) -> None:
    class Strict(io.BytesIO):
        def write(self, _raw: object, /) -> int:
            raise AssertionError("written")

        def close(self) -> None:
            raise AssertionError("closed")

    file = Strict(RAW)
    file.seek(position)
    assert api.verify(file).document.integrity == "verified"
    assert file.tell() == position
