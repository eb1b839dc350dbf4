"""What a worker keeps from one archive to the next saves work, and changes no row."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from imgtar.analysis import recent_stacks, stacks
from imgtar.cache import cached_scans
from imgtar.fleet import recent_scans
from imgtar.fleet.engine import Given
from imgtar.fleet.run import FleetRun, run_fleet
from imgtar.fleet.settings import FindingChoice, FleetSettings
from tests.builders import file, hardlink, layer, oci_archive, whiteout
from tests.fleet.running import fleet, rows

BASE = layer(file("etc/os-release", b"ID=debian\n"), file("bin/tool", bytes(range(256)) * 400))
ODD = layer(hardlink("bin/other", "bin/tool"), hardlink("bin/broken", "nowhere"), whiteout("etc/os-release"))


@pytest.fixture
def executor() -> Iterator[Executor]:
    """One worker, whose memory outlives a run."""
    with ThreadPoolExecutor(1) as one:
        yield one


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of the blobs that are hashed for the cache."""
    sizes: list[int] = []
    real = cached_scans._digest

    def counted(blob: Any, meter: Any) -> Any:
        sizes.append(blob.size)
        return real(blob, meter)

    monkeypatch.setattr(cached_scans, "_digest", counted)
    return sizes


@pytest.fixture
def stacked(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The images whose layers are stacked."""
    images: list[object] = []
    real = stacks.stack_layers

    def counted(image: Any, meter: Any) -> Any:
        images.append(image)
        return real(image, meter)

    monkeypatch.setattr(stacks, "stack_layers", counted)
    return images


def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the worker find that every file was written a while ago."""
    now = time.time_ns()
    monkeypatch.setattr(recent_scans.time, "time_ns", lambda: now + 60 * 10**9)


def run(executor: Executor, *paths: Path, out: Path, **settings: Any) -> list[dict[str, Any]]:
    """The rows of a run by that worker, with a cache beside the results."""
    given = FleetSettings(cache=str(out.parent / "cache"), **settings)
    names = tuple(map(str, paths))
    assert run_fleet(FleetRun(inputs=names, out=str(out), settings=given), Given(executor, 1)).finished
    return rows(out)


def linked(folder: Path, count: int) -> list[Path]:
    """An archive under so many names."""
    paths = [folder / f"{number}.tar" for number in range(count)]
    paths[0].write_bytes(oci_archive([BASE, ODD], compression="gzip"))
    for path in paths[1:]:
        os.link(paths[0], path)
    return paths


def test_hard_links_and_actions_hash_a_layer_once(
    tmp_path: Path, executor: Executor, hashed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    later(monkeypatch)
    found = run(executor, *linked(tmp_path, 5), out=tmp_path / "out.jsonl", actions=("inspect", "verify", "packages"))
    assert len(found) == 5
    assert len(hashed) == 2


def test_a_file_that_was_just_written_is_hashed_each_time(
    tmp_path: Path, executor: Executor, hashed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its next write might leave its times as they are. The clock of a test stands where the file was written."""
    paths = linked(tmp_path, 3)
    written = paths[0].stat().st_ctime_ns
    monkeypatch.setattr(recent_scans.time, "time_ns", lambda: written)
    run(executor, *paths, out=tmp_path / "out.jsonl")
    assert len(hashed) == 6


def test_a_change_within_a_run_is_told(
    tmp_path: Path, executor: Executor, hashed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other bytes under the same names, which the catalog does not tell from the old ones."""
    later(monkeypatch)
    [path] = linked(tmp_path, 1)
    before = run(executor, path, out=tmp_path / "before.jsonl", actions=("verify",))
    raw = path.read_bytes()
    at = raw.index(b"\x1f\x8b") + 20
    path.write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
    os.utime(path, ns=(0, before[0]["mtime_ns"]))
    hashed.clear()
    after = run(executor, path, out=tmp_path / "after.jsonl", actions=("verify",))
    assert before[0]["exit_code"] == 0
    assert after[0]["exit_code"] == 4
    assert hashed


def test_the_same_layers_are_stacked_once(tmp_path: Path, executor: Executor, stacked: list[object]) -> None:
    paths = [tmp_path / f"{number}.tar" for number in range(8)]
    for number, path in enumerate(paths):
        path.write_bytes(oci_archive([BASE, ODD], compression="gzip", name=f"app:{number}"))
    found = run(executor, *paths, out=tmp_path / "out.jsonl", full=True)
    assert len(stacked) == 2  # with the scans that were made, and with those that the cache gave
    for row, path in zip(found, paths, strict=True):
        fleet(path, out=tmp_path / "alone" / f"{path.name}.jsonl", settings=FleetSettings(full=True))
        [alone] = rows(tmp_path / "alone" / f"{path.name}.jsonl")
        assert row == alone
        assert f"app:{path.stem}" in row["inspect"]["images"][0]["names"][0]
        assert row["inspect"]["findings"]


def test_other_ignored_findings_are_another_stack(tmp_path: Path, executor: Executor) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(oci_archive([BASE, ODD], compression="gzip"))
    shown = [
        run(executor, path, out=tmp_path / f"{number}.jsonl", findings=FindingChoice(ignore=ignore))[0]["inspect"]
        for number, ignore in enumerate([(), ("layer.bad-link",), ()])
    ]
    assert shown[0] == shown[2]
    assert shown[1]["ignored"] > 0
    assert len(shown[1]["findings"]) < len(shown[0]["findings"])


@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_layers_in_another_order_are_another_image(compression: Any, tmp_path: Path, executor: Executor) -> None:
    orders = [[BASE, ODD], [ODD, BASE], [BASE], [BASE, ODD]]
    paths = [tmp_path / f"{number}.tar" for number in range(len(orders))]
    for layers, path in zip(orders, paths, strict=True):
        path.write_bytes(oci_archive(layers, compression=compression))
    found = [row["inspect"]["images"] for row in run(executor, *paths, out=tmp_path / "out.jsonl")]
    assert found[0] == found[3]
    assert [len(images[0]["layers"]) for images in found] == [2, 2, 1, 2]
    assert found[0][0]["totals"] != found[1][0]["totals"] != found[2][0]["totals"]


def test_what_is_kept_is_bounded(tmp_path: Path, executor: Executor, monkeypatch: pytest.MonkeyPatch) -> None:
    """With no room at all everything is made again, and the rows are the same."""
    paths = linked(tmp_path, 4)
    expected = run(executor, *paths, out=tmp_path / "one.jsonl")
    later(monkeypatch)
    monkeypatch.setattr(recent_scans, "_MOST_DIGESTS", 0)
    monkeypatch.setattr(recent_scans, "_MOST_ENTRIES", 0)
    monkeypatch.setattr(recent_stacks, "_MOST_ROWS", 0)
    assert run(executor, *paths, out=tmp_path / "two.jsonl") == expected
