"""Every distinct layer is scanned once, by what its bytes are, and never by what an archive calls it."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from imgtar.fleet.engine import Processes
from imgtar.fleet.settings import FleetSettings, Shard
from tests.builders import Layout, file, gzip, layer, oci_layout
from tests.fleet.running import files, fleet, rows

SIZE = 160_000  # bytes of a layer that is worth a task of its own


def noise(seed: int) -> bytes:
    """Bytes that no compression makes small, others for each seed."""
    return b"".join(((seed * 7919 + number) ** 3 % (1 << 61)).to_bytes(8, "big") for number in range(SIZE // 8))


BASE = layer(file("usr/lib/base", noise(1)))


def app(number: int) -> Layout:
    """An image on the base with two layers of its own."""
    own = [layer(file(f"opt/app-{number}-{part}", noise(100 * number + part))) for part in (2, 3)]
    return oci_layout([BASE, *own], compression="gzip")


@pytest.fixture
def archives(tmp_path: Path) -> Path:
    """Six archives of three images."""
    folder = tmp_path / "archives"
    folder.mkdir()
    for number in range(6):
        (folder / f"{number}.tar").write_bytes(app(number % 3).tar())
    return folder


@pytest.fixture
def scanned(monkeypatch: pytest.MonkeyPatch) -> Counter[int]:
    """How often a layer was really scanned, by the size of its blob."""
    import imgtar.cache.cached_scans as module

    scans: Counter[int] = Counter()
    real = module.scan_layer

    def counted(blob: Any, *arguments: Any, **named: Any) -> Any:
        scans[blob.size] += 1
        return real(blob, *arguments, **named)

    monkeypatch.setattr(module, "scan_layer", counted)
    return scans


def test_each_distinct_layer_is_scanned_once(archives: Path, scanned: Counter[int], tmp_path: Path) -> None:
    fleet(archives, out=tmp_path / "out", settings=FleetSettings(actions=("inspect", "verify")))
    assert len(scanned) == 7
    assert set(scanned.values()) == {1}


def test_layers_of_a_known_cache_are_not_scanned_again(archives: Path, scanned: Counter[int], tmp_path: Path) -> None:
    settings = FleetSettings(cache=str(tmp_path / "cache"))
    fleet(archives, out=tmp_path / "cold", settings=settings)
    scanned.clear()
    fleet(archives, out=tmp_path / "warm", settings=settings)
    for number in (1, 2):
        fleet(archives, out=tmp_path / "shards", settings=settings, shard=Shard(number, 2))
    assert not scanned
    assert files(tmp_path / "warm") == files(tmp_path / "cold")
    fleet(archives, out=tmp_path / "shards", settings=settings, resume=True)
    assert files(tmp_path / "shards") == files(tmp_path / "cold")


@pytest.mark.parametrize("actions", [("inspect",), ("inspect", "verify", "packages")])
def test_what_the_cache_knows_changes_no_byte(actions: Any, archives: Path, tmp_path: Path) -> None:
    """No cache at all: each archive is read alone, by the single commands' own way."""
    settings = FleetSettings(actions=actions, cache=str(tmp_path / "cache"))
    for path in sorted(archives.iterdir()):
        fleet(path, out=tmp_path / "alone" / f"{path.name}.jsonl", settings=FleetSettings(actions=actions))
    alone = [line for path in sorted((tmp_path / "alone").glob("*.tar.jsonl")) for line in rows(path)]
    for out in ("cold", "warm"):
        fleet(archives, out=tmp_path / f"{out}.jsonl", settings=settings, engine=Processes(2))
        assert rows(tmp_path / f"{out}.jsonl") == alone


def test_the_scans_of_a_run_are_gone_with_its_end(archives: Path, tmp_path: Path) -> None:
    fleet(archives, out=tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out" / ".fleet").iterdir()) == ["lock", "rows", "run.json"]


def test_a_damaged_cache_costs_time_only(archives: Path, tmp_path: Path) -> None:
    settings = FleetSettings(cache=str(tmp_path / "cache"))
    fleet(archives, out=tmp_path / "cold", settings=settings)
    for path in (tmp_path / "cache").iterdir():
        path.write_bytes(b"no database" * 1000)
    fleet(archives, out=tmp_path / "again", settings=settings)
    assert files(tmp_path / "again") == files(tmp_path / "cold")


@pytest.mark.parametrize("first", ["a", "z"])
def test_an_archive_that_lies_about_a_layer_changes_no_other(first: str, tmp_path: Path) -> None:
    """A hostile archive stores other bytes under the name of the base, and is read before or behind the honest ones."""
    honest, liar = tmp_path / "archives", app(0)
    honest.mkdir()
    for number in range(3):
        (honest / f"m{number}.tar").write_bytes(app(number).tar())
    fleet(honest, out=tmp_path / "honest.jsonl")
    descriptor = json.loads(liar.blobs["blobs/sha256/" + liar.manifests[0]["digest"][7:]])["layers"][0]
    name = "blobs/sha256/" + descriptor["digest"][7:]
    false = gzip(layer(file("usr/lib/base", noise(9)), file("root/.ssh/authorized_keys", b"mine")))
    liar.blobs[name] = false + bytes(descriptor["size"] - len(false)) if len(false) < descriptor["size"] else false
    (honest / f"{first}.tar").write_bytes(liar.tar())
    fleet(honest, out=tmp_path / "all.jsonl", settings=FleetSettings(cache=str(tmp_path / "cache")))
    found = {Path(row["path"]).name: row for row in rows(tmp_path / "all.jsonl")}
    own = found.pop(f"{first}.tar")
    assert list(found.values()) == rows(tmp_path / "honest.jsonl")
    assert own["inspect"]["images"][0]["layers"][0]["entry_count"] == 2
