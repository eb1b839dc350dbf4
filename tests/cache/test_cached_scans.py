"""Scans with a cache: what is said never depends on it, whatever its state, the limits and the names of blobs."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from imgtar import Limits
from imgtar.cache import cached_scans
from imgtar.cache.cached_scans import CachedScans
from imgtar.cache.scan_cache import ScanCache
from imgtar.findings import Finding
from imgtar.layer.scan import LayerScan, scan_layer
from imgtar.limits import Meter
from tests.builders import (
    Layout,
    bzip2,
    directory,
    docker_save,
    file,
    good_layers,
    gzip,
    hardlink,
    oci_archive,
    oci_layout,
    tar,
    whiteout,
    write_directory,
    xz,
    zstd,
)
from tests.cache import documents
from tests.cache.documents import document
from tests.filesystem.stack import Bytes
from tests.layer.test_pickled_scan import SHAPES, told
from tests.paths import FIXTURES, ROOT

STATUS = b"Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: all\nInstalled-Size: 7\n\n"
LAYERS = [
    tar(directory("var/"), file("var/lib/dpkg/status", STATUS), *(file(f"d/f{n}", bytes([n]) * n) for n in range(200))),
    tar(file("d/f7", b"again"), hardlink("d/again", "d/f7"), whiteout("d/f8"), file("/abs", b"x")),
]


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[ScanCache]:
    opened = ScanCache.open(str(tmp_path / "cache"))
    yield opened
    opened.close()


@pytest.fixture
def scanned(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The first bytes of the blobs that are scanned although there is a cache."""
    found: list[bytes] = []

    def counted(blob: Any, meter: Meter, **how: Any) -> LayerScan:
        found.append(blob.read_at(0, 4))
        return scan_layer(blob, meter, **how)

    monkeypatch.setattr(cached_scans, "scan_layer", counted)
    return found


def archive(tmp_path: Path, layers: list[bytes], name: str = "image.tar", **options: Any) -> Path:
    path = tmp_path / name
    path.write_bytes(oci_archive(layers, **options))
    return path


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_a_layer_is_read_once(compression: str, cache: ScanCache, scanned: list[bytes], tmp_path: Path) -> None:
    path = archive(tmp_path, LAYERS, compression=compression)
    alone = document(path)
    assert document(path, cache) == alone
    assert len(scanned) == 2
    assert document(path, cache) == alone
    assert document(path, ScanCache.open(str(tmp_path / "cache"))) == alone
    assert len(scanned) == 2
    assert b'"packages"' in alone


def test_a_plain_layer_is_not_kept_for_its_headers(cache: ScanCache, scanned: list[bytes], tmp_path: Path) -> None:
    path = archive(tmp_path, LAYERS, compression="none")
    assert document(path, cache) == document(path)
    assert len(scanned) == 2
    assert cache.info() is None


def test_another_archive_with_the_layer_takes_it(cache: ScanCache, scanned: list[bytes], tmp_path: Path) -> None:
    first = archive(tmp_path, LAYERS, "first.tar", compression="gzip")
    document(first, cache)
    other = write_directory(oci_layout([*LAYERS, tar(file("new"))], compression="gzip").members(), tmp_path / "other")
    assert document(other, cache) == document(other)
    assert len(scanned) == 3


def test_digests_are_there_only_where_they_are_asked_for(
    cache: ScanCache, scanned: list[bytes], tmp_path: Path
) -> None:
    path = archive(tmp_path, LAYERS, compression="zstd")
    for verify, read in ((False, 2), (True, 4), (False, 4), (True, 4)):
        assert document(path, cache, verify=verify) == document(path, verify=verify)
        assert len(scanned) == read


@pytest.mark.parametrize("jobs", [1, 2, 4])
def test_layers_scanned_at_once(jobs: int, cache: ScanCache, scanned: list[bytes], tmp_path: Path) -> None:
    noise = [
        tar(*(file(f"{n}/{m}", hashlib.sha512(b"%d %d" % (n, m)).digest() * 600) for m in range(60))) for n in range(4)
    ]
    path = archive(tmp_path, [*noise, *LAYERS], compression="zstd")
    for verify in (False, True):
        alone = document(path, verify=verify)
        assert [document(path, cache, verify=verify, jobs=jobs) for _ in range(2)] == [alone, alone]
    assert len(scanned) == 12  # once for each layer, and once more with its diffID
    for limits in (Limits(total_bytes=5_000_000), Limits(metadata_bytes=2000), Limits(image_entries=200)):
        alone = document(path, limits=limits)
        assert b'"limit.' in alone
        assert document(path, cache, limits=limits, jobs=jobs) == alone


def lying(layer: bytes, claimed: bytes) -> Layout:
    """A layout that calls its only layer by the digest of another blob."""
    layout = oci_layout([layer], compression="none")
    real, name = (hashlib.sha256(raw).hexdigest() for raw in (layer, claimed))
    layout.blobs[f"blobs/sha256/{name}"] = layout.blobs.pop(f"blobs/sha256/{real}")
    manifest = layout.blobs.pop(f"blobs/sha256/{layout.manifests[0]['digest'][7:]}").replace(
        real.encode(), name.encode()
    )
    digest = hashlib.sha256(manifest).hexdigest()
    layout.blobs[f"blobs/sha256/{digest}"] = manifest
    layout.manifests[0] |= {"digest": f"sha256:{digest}", "size": len(manifest)}
    return layout


def test_a_lying_name_changes_no_other_answer(cache: ScanCache, tmp_path: Path) -> None:
    """A hostile archive stores another layer under the digest of a layer that everyone has."""
    shared, hostile = gzip(LAYERS[0]), gzip(tar(file("etc/innocent", b"nothing to see")))
    liar = tmp_path / "liar.tar"
    liar.write_bytes(lying(hostile, shared).tar())
    honest = tmp_path / "honest.tar"
    honest.write_bytes(oci_archive([shared], compression="none"))
    alone, of_liar = document(honest), document(liar)
    assert b"etc/innocent" in of_liar
    assert hashlib.sha256(shared).hexdigest().encode() in of_liar  # it is called so
    assert document(liar, cache) == of_liar
    assert document(honest, cache) == alone
    assert document(liar, cache) == of_liar
    assert document(honest, cache, verify=True) == document(honest, verify=True)


class Changing(Bytes):
    """A blob that somebody writes to while it is read: the second reading finds other bytes."""

    def __init__(self, first: bytes, then: bytes) -> None:
        super().__init__(first)
        self._then = then

    def read_at(self, offset: int, size: int, /) -> bytes:
        read = super().read_at(offset, size)
        if offset + size == self.size:  # only who reads all of it asks for just these
            self.raw = self._then
        return read


def test_a_blob_that_changes_is_kept_as_what_was_scanned(cache: ScanCache) -> None:
    first, then = gzip(LAYERS[0]), gzip(LAYERS[1])
    then += bytes(len(first) - len(then)) if len(then) < len(first) else b""
    scans = CachedScans(cache)
    changed = scans(Changing(first, then), Meter())
    assert b"abs" in changed.entries
    assert b"d/f9" in scans(Bytes(first), Meter()).entries
    assert b"abs" in scans(Bytes(then), Meter()).entries


def counts(meter: Meter) -> tuple[int, ...]:
    return meter.decompressed, meter.headers, meter.entries, meter.metadata_bytes


@pytest.mark.parametrize("raw", SHAPES.values(), ids=SHAPES)
def test_a_kept_scan_costs_what_a_scan_does(raw: bytes, cache: ScanCache) -> None:
    alone, meter = scan_layer(Bytes(raw), Meter()), Meter()
    scan_layer(Bytes(raw), meter)
    for _ in range(2):
        with_cache = Meter()
        scan = CachedScans(cache)(Bytes(raw), with_cache)
        assert told(scan, raw) == told(alone, raw)
        assert counts(with_cache) == counts(meter)


LIMITS = (
    *({name: value} for name in ("layer_entries", "image_entries", "archive_entries") for value in (1, 5, 150, 210)),
    *({name: value} for name in ("layer_bytes", "total_bytes", "metadata_bytes") for value in (1, 1500, 3000, 140_000)),
    *({"ratio": ratio, "ratio_bytes": size} for ratio in (1, 5, 20) for size in (1000, 50_000)),
)


@pytest.mark.parametrize("limits", LIMITS, ids=str)
@pytest.mark.parametrize("jobs", [1, 4])
def test_a_limit_is_met_where_it_is_without_a_cache(
    limits: dict[str, int], jobs: int, cache: ScanCache, tmp_path: Path
) -> None:
    path = archive(tmp_path, [*LAYERS, *reversed(LAYERS)], compression="gzip")
    document(path, cache)
    document(path, cache, verify=True)
    given = Limits(**limits)
    for verify in (False, True):
        alone = document(path, limits=given, verify=verify, jobs=jobs)
        assert document(path, cache, limits=given, verify=verify, jobs=jobs) == alone
        assert document(path, cache, limits=given, verify=verify, jobs=jobs) == alone
    assert document(path, cache) == document(path)


DAMAGED = {
    "cut": gzip(LAYERS[0])[:-20],
    "trailing data": gzip(LAYERS[0]) + b"more",
    "not a tar": gzip(b"nothing" * 100),
    "a wrong checksum": gzip(LAYERS[0], crc=1),
    "xz": xz(LAYERS[0]),
    "bzip2": bzip2(LAYERS[0]),
    "two members": gzip(LAYERS[0][:2048]) + gzip(LAYERS[0][2048:]),
    "nothing": b"",
    "a bad header": zstd(LAYERS[0][:5120] + bytes(500) + b"x" * 12 + LAYERS[0][5632:]),
}


@pytest.mark.parametrize("raw", DAMAGED.values(), ids=DAMAGED)
def test_damaged_layers(raw: bytes, cache: ScanCache, tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(docker_save([raw, LAYERS[1]]))
    for verify in (False, True, False):
        assert document(path, cache, verify=verify) == document(path, verify=verify)


def test_only_whole_scans_are_kept(cache: ScanCache) -> None:
    for raw in (DAMAGED["cut"], DAMAGED["not a tar"], DAMAGED["a bad header"]):
        CachedScans(cache)(Bytes(raw), Meter())
        info = cache.info()
        assert info is not None
        assert info.rows == 0


class Ignoring:
    """A rule that leaves out what is below a directory."""

    def taking(self, finding: Finding, /) -> int | None:
        return 1 if (finding.where.path or b"").startswith(b"a/") else None


def test_rules_of_the_user_see_all_findings(cache: ScanCache, tmp_path: Path) -> None:
    """A scan keeps 100 findings of a code: which they are depends on the rules, so such a scan is made anew."""
    many = tar(*(file(f"{folder}/x\x1b{number}") for folder in "ab" for number in range(150)))
    few = tar(*(file(f"{folder}/y\x1b{number}") for folder in "ab" for number in range(40)))
    path = archive(tmp_path, [many, few], compression="gzip")
    plain, ignoring = document(path), document(path, ignores=Ignoring())
    assert plain != ignoring
    for _ in range(2):
        assert document(path, cache) == plain
        assert document(path, cache, ignores=Ignoring()) == ignoring
    other = ScanCache.open(str(tmp_path / "other"))
    for _ in range(2):
        assert document(path, other, ignores=Ignoring()) == ignoring
        assert document(path, other) == plain
    other.close()


def test_settings_and_code_have_their_own_rows(
    cache: ScanCache, scanned: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    scans, blob = CachedScans(cache), Bytes(gzip(LAYERS[0]))
    scans(blob, Meter())
    scans(blob, Meter(), markers=False)
    scans(blob, Meter(Limits(layer_entries=1_000_000)))
    assert len(scanned) == 3
    scans(blob, Meter(), markers=False)
    scans(blob, Meter())
    assert len(scanned) == 3
    monkeypatch.setattr("imgtar.cache.scan_cache.code_version", lambda: b"another version")
    scans(blob, Meter())
    assert len(scanned) == 4


def test_a_cache_that_cannot_be_used_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    cache = ScanCache.open(str(tmp_path / "file"))
    path = archive(tmp_path, LAYERS, compression="gzip")
    assert document(path, cache) == document(path)


ARCHIVES = sorted(path.name for path in FIXTURES.iterdir() if ".tar" in path.name or (path / "index.json").exists())


@pytest.mark.parametrize("name", [*ARCHIVES, "p5-docker-dir"])
def test_real_archives(name: str, cache: ScanCache) -> None:
    path = FIXTURES / name
    alone = document(path)
    assert document(path, cache) == alone
    assert document(path, cache) == alone


def other_process(folder: str, *paths: Path, compiled: str) -> bytes:
    environment = os.environ | {"IMGTAR_COMPILED": compiled, "PYTHONPATH": str(ROOT)}
    argv = [sys.executable, documents.__file__, folder, *map(str, paths)]
    return subprocess.run(argv, env=environment, check=True, stdout=subprocess.PIPE).stdout


def test_both_walkers_share_a_cache(tmp_path: Path) -> None:
    """What one installation has kept another one reads, with the compiled walker or without."""
    hardly = archive(tmp_path, [*LAYERS, *good_layers()], compression="gzip")
    paths = (hardly, FIXTURES / "d26c-buildx-oci-zstd.tar", FIXTURES / "p5-oci-archive.tar")
    alone = b"".join(document(path) + b"\n" for path in paths)
    for first, second in (("no", "yes"), ("yes", "no")):
        folder = str(tmp_path / first)
        assert other_process(folder, *paths, compiled=first) == alone
        assert other_process(folder, *paths, compiled=second) == alone
