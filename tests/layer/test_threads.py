"""What the threads beside the walk make: the same bytes, the same errors, and nothing left behind."""

from __future__ import annotations

import gzip
import hashlib
import io
import random
import sys
import tarfile
import threading
from collections.abc import Iterator
from time import monotonic

import pytest
import zstandard

from imgtar.formats.digest import Digest
from imgtar.layer.read_ahead import read_ahead
from imgtar.layer.scan import scan_layer
from imgtar.limits import LimitReached, Limits, Meter, ThreadSum
from tests.filesystem.stack import Bytes

pytestmark = pytest.mark.threads


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
class TestReadAhead:
    def test_the_same_chunks_in_order(self) -> None:
        chunks = [bytes([number]) * 10 for number in range(100)]
        assert list(read_ahead(iter(chunks))) == chunks

    def test_an_error_comes_where_it_would_have_been(self) -> None:
        def failing() -> Iterator[bytes]:
            yield b"one"
            yield b"two"
            raise LimitReached("total-bytes", 1)

        chunks = read_ahead(failing())
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

        chunks = read_ahead(endless())
        next(chunks)
        del chunks
        assert made < 20

    def test_one_thread_feeds_another(self) -> None:
        chunks = [bytes([number]) for number in range(100)]
        twice = read_ahead(read_ahead(iter(chunks)))
        assert next(twice) == b"\0"
        del twice
        assert list(read_ahead(read_ahead(iter(chunks)))) == chunks


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


class TestSums:
    """Threads add to one sum."""

    def _added(self, threads: int, additions: int) -> int:
        total = ThreadSum()
        begin = threading.Barrier(threads)

        def add() -> None:
            begin.wait()
            for _ in range(additions):
                total.add(1)

        working = [threading.Thread(target=add) for _ in range(threads)]
        for thread in working:
            thread.start()
        for thread in working:
            thread.join()
        return total.total

    def test_no_addition_is_lost(self) -> None:
        interval = sys.getswitchinterval()
        sys.setswitchinterval(1e-6)
        try:
            assert self._added(4, 20_000) == 80_000
        finally:
            sys.setswitchinterval(interval)

    def test_the_sum_of_a_thread_that_has_ended_stays(self) -> None:
        meter = Meter()
        for size in (1, 10, 100):
            thread = threading.Thread(target=meter.read, args=(size,))
            thread.start()
            thread.join()
        meter.read(1000)
        assert meter.bytes_read == 1111
