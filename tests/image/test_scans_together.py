"""Layers scanned at once: the same report as one after another, whatever stops a layer, and no thread left behind."""

from __future__ import annotations

import hashlib
import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

import imgtar
from imgtar.analysis.search.query import Patterns, Query
from imgtar.answers.options import FILES
from imgtar.archive.input.blobs import Blob, InlineBlob
from imgtar.image import layer_scans, scans_together
from imgtar.layer.scan import LayerScan
from imgtar.limits import DEFAULT, MIB, Limits, Meter
from imgtar.runtime import default_jobs
from tests.builders import Layout, file, gzip, oci_layout, tar, whiteout, zstd
from tests.paths import FIXTURES

pytestmark = pytest.mark.threads

JOBS = (1, 3, 4)
ARCHIVES = sorted(
    path
    for path in FIXTURES.iterdir()
    if (".tar" in path.name and "export" not in path.name) or (path / "index.json").exists()
)


def noise(size: int, seed: int = 0) -> bytes:
    return random.Random(size + seed).randbytes(size)


def layers() -> list[bytes]:
    """Layers of several sizes, with files that come again: equal, changed and removed."""
    return [
        tar(*(file(f"d/f{number}", noise(3000, number % 2)) for number in range(first, 60)), whiteout(f"d/g{first}"))
        for first in (0, 50, 20, 40, 10)
    ]


@pytest.fixture(autouse=True)
def together(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many scans each work in threads gave; it is done for small blobs too, and leaves no thread."""
    gave: list[int] = []

    def noted(blobs: object, meter: Meter, jobs: int, **how: object) -> list[LayerScan]:
        scans = scans_together.scan_together(blobs, meter, jobs, **how)  # type: ignore[arg-type]
        gave.append(len(scans))
        return scans

    monkeypatch.setattr(layer_scans, "scan_together", noted)
    monkeypatch.setattr(layer_scans, "WORTH_A_THREAD", 1)
    before = threading.active_count()
    yield gave
    assert threading.active_count() == before


def document(path: Path, jobs: int, limits: Limits = DEFAULT, *, verify: bool = False) -> bytes:
    """Everything that is said of an archive: the report, its changes, and the effect of its findings."""
    options = imgtar.InspectOptions(jobs=jobs, limits=limits, verify=verify)
    session = imgtar.inspect(path, options).session
    changes = [
        [row for layer in range(len(image.layers)) for row in session.changes(number, layer)]
        for number, image in enumerate(session.images)
    ]
    return msgspec.json.encode([session.document, changes])


def written(layout: Layout, folder: Path) -> Path:
    path = folder / "image.tar"
    path.write_bytes(layout.tar())
    return path


@pytest.mark.parametrize("verify", [False, True])
@pytest.mark.parametrize("path", ARCHIVES, ids=lambda path: path.name)
def test_the_fixtures(path: Path, verify: bool) -> None:
    alone, *others = (document(path, jobs, verify=verify) for jobs in JOBS)
    assert others == [alone, alone]


@pytest.mark.parametrize("verify", [False, True])
@pytest.mark.parametrize("compression", ["none", "gzip", "zstd", "xz", "bzip2"])
def test_every_compression(compression: str, verify: bool, tmp_path: Path, together: list[int]) -> None:
    path = written(oci_layout(layers(), compression=compression), tmp_path)
    alone, *others = (document(path, jobs, verify=verify) for jobs in JOBS)
    assert others == [alone, alone]
    # The largest layer, where it is compressed, is scanned last; of a plain one without digests most is skipped.
    assert together == ([4, 4] if compression != "none" else [5, 5] if verify else [])


@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_the_digest_of_every_body(compression: str, tmp_path: Path, together: list[int]) -> None:
    path = written(oci_layout(layers(), compression=compression), tmp_path)
    wanted = {hashlib.sha256(noise(3000, number)).digest(): f"body {number}" for number in (0, 1)}
    query = Query(patterns=Patterns(texts=tuple(wanted.values()), digests=wanted))
    found = []
    for jobs in JOBS:
        session = imgtar.open_session(path, imgtar.InspectOptions(jobs=jobs, search=query))
        session.read(FILES)
        assert session.found is not None
        found.append((session.found.digests, session.found.paths, session.found.unmatched))
    assert found[1:] == [found[0]] * 2
    assert set(found[0][0].values()) == set(wanted)
    assert together == [5, 5]  # also plain layers, and the largest one


def _cut(raw: bytes) -> bytes:
    return raw[: len(raw) // 2]


def _flipped(raw: bytes) -> bytes:
    middle = len(raw) // 2
    return raw[:middle] + bytes([raw[middle] ^ 0xFF]) + raw[middle + 1 :]


@pytest.mark.parametrize("damaged", range(5))
@pytest.mark.parametrize("damage", [_cut, _flipped, lambda raw: b"", lambda raw: raw + b"more"])
@pytest.mark.parametrize("compression", ["none", "gzip", "zstd"])
def test_damage_in_one_layer(compression: str, damage: Callable[[bytes], bytes], damaged: int, tmp_path: Path) -> None:
    layout = oci_layout(layers(), compression=compression)
    name = list(layout.blobs)[damaged]
    layout.blobs[name] = damage(layout.blobs[name])
    path = written(layout, tmp_path)
    alone, *others = (document(path, jobs, verify=compression == "none") for jobs in JOBS)
    assert others == [alone, alone]


LIMITS = {
    "layer-entries": [{"layer_entries": number} for number in (10, 30, 50)],
    "image-entries": [{"image_entries": number} for number in (1, 11, 45, 130, 150)],
    "metadata-bytes": [{"metadata_bytes": number} for number in (750, 900, 1100, 1300)],
    "layer-bytes": [{"layer_bytes": number} for number in (50_000, 150_000)],
    "total-bytes": [{"total_bytes": number} for number in (40_000, 200_000, 600_000)],
}


@pytest.mark.parametrize("compression", ["none", "gzip"])
@pytest.mark.parametrize("verify", [False, True])
@pytest.mark.parametrize("limit", LIMITS)
def test_a_limit(limit: str, verify: bool, compression: str, tmp_path: Path) -> None:
    path = written(oci_layout(layers(), compression=compression), tmp_path)
    reached = 0
    for stated in LIMITS[limit]:
        alone, *others = (document(path, jobs, Limits(**stated), verify=verify) for jobs in JOBS)
        assert others == [alone, alone], stated
        reached += f'"limit.{limit}"'.encode() in alone
    assert reached or (compression == "none" and limit in ("layer-bytes", "total-bytes"))  # of what is decompressed


OF_THE_RUN = (Limits(metadata_bytes=1100), Limits(total_bytes=100_000), Limits(image_entries=70))


def test_a_limit_of_one_layer_stops_no_other_and_one_of_the_run_stops_all(tmp_path: Path, together: list[int]) -> None:
    path = written(oci_layout(layers()), tmp_path)
    for limits in (Limits(layer_entries=30), *OF_THE_RUN):
        document(path, 3, limits)
    assert together == [4, 0, 0, 0]


def test_many_layers_are_a_bomb_together(tmp_path: Path, together: list[int]) -> None:
    zeros = [tar(file(f"zeros{number}", bytes(MIB))) for number in range(4)]
    path = written(oci_layout(zeros), tmp_path)
    for most, expected in ((3 * MIB, [0]), (1024 * MIB, [0, 3])):  # the second judges nothing of this size
        limits = Limits(ratio=20, ratio_bytes=most)
        alone, shared = (document(path, jobs, limits) for jobs in (1, 3))
        assert shared == alone
        assert (b'"limit.ratio"' in alone) == (most == 3 * MIB)
        assert together == expected


def test_no_thread_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(oci_layout(layers()), tmp_path)
    expected = document(path, 1)

    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert document(path, 4) == expected


def test_one_job_starts_no_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = 0

    def count(_thread: threading.Thread) -> None:
        nonlocal started
        started += 1
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", count)
    for compression in ("none", "gzip"):
        path = written(oci_layout([tar(file("a", noise(2 * MIB))), *layers()], compression=compression), tmp_path)
        document(path, 1, verify=True)
        assert started == 0
    document(path, 2)
    assert started


class Failing(InlineBlob):
    def read_at(self, offset: int, size: int, /) -> bytes:
        raise OSError("the disk is gone")


def test_an_error_stops_all_and_counts_nothing(together: list[int]) -> None:
    blobs = [(b"a", InlineBlob(gzip(layers()[0]))), (b"b", Failing(b"x")), (b"c", InlineBlob(zstd(layers()[1])))]
    meter = Meter()
    assert scans_together.scan_together(blobs, meter, 2, digests=False) == []
    assert (meter.decompressed, meter.headers, meter.entries, meter.metadata_bytes) == (0, 0, 0, 0)
    del blobs[1]
    first, second = scans_together.scan_together(blobs, meter, 2, digests=False)
    assert (first.entry_count, second.entry_count) == (61, 11)
    assert meter.entries == 72
    assert meter.decompressed == first.tar_size + second.tar_size


def test_the_interruption_of_this_thread_ends_the_others() -> None:
    began = threading.Event()

    def scan(blob: Blob, meter: Meter, **_: object) -> LayerScan:
        if threading.current_thread() is threading.main_thread():
            assert began.wait(10)
            raise KeyboardInterrupt
        began.set()
        while True:
            meter.decompress(1)

    with pytest.raises(KeyboardInterrupt):
        scans_together.scan_together([(b"a", InlineBlob(b"x"))] * 2, Meter(), 2, digests=False, scanner=scan)


def test_the_default_is_the_number_of_usable_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    for cores, expected in ((1, 1), (2, 2), (4, 4), (64, 4)):
        monkeypatch.setattr("os.sched_getaffinity", lambda _process, cores=cores: set(range(cores)), raising=False)
        assert default_jobs() == expected


def test_on_two_cores_one_compressed_layer_is_scanned_after_another(tmp_path: Path, together: list[int]) -> None:
    path = written(oci_layout(layers(), compression="gzip"), tmp_path)
    assert document(path, 2, verify=True) == document(path, 1, verify=True)
    assert together == []
