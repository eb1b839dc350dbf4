"""What the threads beside the walk make: the same bytes, the same errors, and nothing left behind."""

from __future__ import annotations

import gzip
import hashlib
import io
import random
import tarfile
import threading
from collections.abc import Iterator
from time import monotonic

import pytest
import zstandard

from imgtar.formats.digest import Digest
from imgtar.layer.hashing_thread import Aside
from imgtar.layer.read_ahead import ahead
from imgtar.layer.scan import scan_layer
from imgtar.limits import MIB, LimitReached, Limits, Meter
from tests.filesystem.stack import Bytes


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    before = threading.active_count()
    yield
    assert threading.active_count() == before


@pytest.fixture(params=[True, False], ids=["threads", "no-thread-left"])
def threads(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Threads that start, and a system that has none left: do they start?"""

    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    if not request.param:
        monkeypatch.setattr(threading.Thread, "start", refuse)
    return bool(request.param)


class Endless:
    """A blob that never ends, and tells what was read of it."""

    size = 1 << 60

    def __init__(self) -> None:
        self.reads = 0
        self.read = threading.Event()

    def read_at(self, _offset: int, _size: int, /) -> bytes:
        self.reads += 1
        self.read.set()
        return b"x"


class Unreadable:
    size = 10

    def read_at(self, _offset: int, _size: int, /) -> bytes:
        raise OSError("the disk is gone")


def _sha256(raw: bytes) -> Digest:
    return Digest("sha256", hashlib.sha256(raw).hexdigest())


def _layer() -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        for number in range(40):
            entry = tarfile.TarInfo(f"file-{number}")
            body = random.Random(number).randbytes(70_000 + number)  # it must not compress: small blobs get no thread
            entry.size = len(body)
            tar.addfile(entry, io.BytesIO(body))
    return made.getvalue()


@pytest.mark.usefixtures("threads")
class TestAhead:
    def test_the_same_chunks_in_order(self) -> None:
        chunks = [bytes([number]) * 10 for number in range(100)]
        assert list(ahead(iter(chunks))) == chunks

    def test_an_error_comes_where_it_would_have_been(self) -> None:
        def failing() -> Iterator[bytes]:
            yield b"one"
            yield b"two"
            raise LimitReached("total-bytes", 1)

        chunks = ahead(failing())
        assert (next(chunks), next(chunks)) == (b"one", b"two")
        with pytest.raises(LimitReached):
            next(chunks)

    def test_who_stops_early_stops_the_making(self) -> None:
        made = 0

        def endless() -> Iterator[bytes]:
            nonlocal made
            while True:
                made += 1
                yield b"chunk"

        chunks = ahead(endless())
        next(chunks)
        del chunks
        assert made < 20

    def test_one_thread_feeds_another(self) -> None:
        chunks = [bytes([number]) for number in range(100)]
        twice = ahead(ahead(iter(chunks)))
        assert next(twice) == b"\0"
        del twice
        assert list(ahead(ahead(iter(chunks)))) == chunks


@pytest.mark.usefixtures("threads")
class TestAside:
    @pytest.mark.parametrize("size", [0, 1, 2 * MIB, 5 * MIB + 1])
    def test_the_digest_of_all_bytes(self, size: int) -> None:
        raw = b"ab" * (size // 2) + b"c" * (size % 2)
        assert Aside(Bytes(raw), Limits(), concurrent=True).digest() == _sha256(raw)
        assert Aside(Bytes(raw), Limits(), concurrent=False).digest() == _sha256(raw)

    def test_an_error_is_raised_where_the_digest_is_asked_for(self) -> None:
        aside = Aside(Unreadable(), Limits(), concurrent=True)
        with pytest.raises(OSError, match="the disk is gone"):
            aside.digest()

    def test_the_time_is_up(self) -> None:
        aside = Aside(Endless(), Limits(deadline=monotonic()), concurrent=True)
        with pytest.raises(LimitReached) as reached:
            aside.digest()
        assert reached.value.name == "time"

    def test_abandoned_it_reads_no_more(self, threads: bool) -> None:
        blob = Endless()
        aside = Aside(blob, Limits(), concurrent=True)
        assert not threads or blob.read.wait(10)
        aside.abandon()
        reads = blob.reads
        aside.digest()
        assert blob.reads == reads


@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize("compression", ["none", "gzip", "zstd"])
@pytest.mark.parametrize("large", [True, False])
class TestScan:
    def _blob(self, compression: str, *, large: bool) -> tuple[bytes, bytes]:
        raw = _layer() if large else bytes(1024)
        if compression == "gzip":
            return raw, gzip.compress(raw, 1)
        return raw, zstandard.compress(raw, 1) if compression == "zstd" else raw

    def test_digests(self, compression: str, large: bool) -> None:
        raw, stored = self._blob(compression, large=large)
        scan = scan_layer(Bytes(stored), Meter(), digests=True)
        assert (scan.digest, scan.diff_id, scan.complete) == (_sha256(stored), _sha256(raw), True)
        plain = scan_layer(Bytes(stored), Meter())
        assert (plain.digest, plain.diff_id) == (None, None)
        assert plain.entry_count == scan.entry_count == (40 if large else 0)

    def test_a_limit_leaves_no_digest(self, compression: str, large: bool) -> None:
        _, stored = self._blob(compression, large=large)
        meter = Meter(Limits(layer_entries=3) if large else Limits(deadline=monotonic()))
        scan = scan_layer(Bytes(stored), meter, digests=True)
        assert (scan.digest, scan.diff_id, scan.complete) == (None, None, False)
