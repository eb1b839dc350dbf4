"""`packages` about each image of an archive: the archive is opened once, and what its images share is read once."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from imgtar.answers import opening
from imgtar.cli.main import run
from imgtar.errors import InputError
from imgtar.fleet.documents import answers
from imgtar.fleet.settings import FleetSettings
from imgtar.image import layer_scans
from imgtar.limits import Meter
from tests.answers.inventories import dpkg, listed
from tests.answers.test_many_images import alike, different, saved
from tests.builders import gzip, layer
from tests.growth import assert_linear
from tests.several_images import small_layer

LOW = layer(dpkg("a=1", "b=1"), listed("a", "usr/a"))
HIGH = layer(dpkg("a=2", "b=1"))


def by_command(path: Path, *options: str) -> list[dict[str, Any]]:
    """The documents of `packages` about the folder that holds the archive alone, whatever the exit code."""
    report = path.parent.parent / "report.json"
    run(["packages", str(path.parent), "-o", f"json={report}", "--quiet", *options])
    reports: list[dict[str, Any]] = json.loads(report.read_bytes())["reports"]
    return reports


def by_fleet(path: Path) -> list[dict[str, Any]]:
    """The documents of a row."""
    found = answers(str(path), "packages", FleetSettings(actions=("packages",)))
    return [json.loads(b"".join(answer.pieces)) for answer in found]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "archives").mkdir()
    return tmp_path / "archives"


@pytest.fixture
def meters(monkeypatch: pytest.MonkeyPatch) -> list[Meter]:
    """The meters of the sessions that were opened since."""
    made: list[Meter] = []

    def metered(*arguments: Any) -> Meter:
        made.append(Meter(*arguments))
        return made[-1]

    monkeypatch.setattr(opening, "Meter", metered)
    return made


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("asked", [by_command, by_fleet])
def test_what_is_read_grows_with_the_archive(
    asked: Callable[[Path], list[dict[str, Any]]], packed: bool, folder: Path, meters: list[Meter]
) -> None:
    """The base has 1,000 files, and each image a layer of its own with one."""
    counts = []
    for images in (5, 10, 20):
        plain = saved(folder, different(images))
        path = plain.rename(folder / "app.tar")
        if packed:
            path.write_bytes(gzip(path.read_bytes()))
        assert len(asked(path)) == images
        [meter] = meters
        meters.clear()
        counts.append((meter.entries, meter.headers, meter.bytes_read, path.stat().st_size))
    assert [entries for entries, *_ in counts] == [1_005, 1_010, 1_020]
    few, some, many = (headers for _, headers, *_ in counts)
    assert many - some == 2 * (some - few)
    assert all(read <= 1.1 * size for *_, read, size in counts)


@pytest.mark.parametrize("made", [alike, different])
def test_the_steps_grow_with_the_images(made: Callable[[int], list[list[bytes]]], folder: Path) -> None:
    def prepare(count: int) -> Callable[[], object]:
        path = saved(folder, made(count)).rename(folder / "app.tar")
        return lambda: by_command(path, "--own")

    prepare(2)()  # what is imported on first use
    assert_linear(prepare, 5)


@pytest.mark.parametrize("asked", [by_command, by_fleet])
def test_a_damaged_configuration_leaves_the_other_images(
    asked: Callable[[Path], list[dict[str, Any]]], folder: Path
) -> None:
    path = saved(folder, [[LOW, HIGH], [LOW], [HIGH]])
    path.write_bytes(path.read_bytes().replace(b'"author":"1"', b'"author":1 x'))
    found = asked(path)
    assert [document["complete"] for document in found] == [True, False, True]
    assert [len(document["packages"]) for document in found] == [3, 2, 2]


def test_a_layer_that_cannot_be_read_leaves_the_other_images(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    scan = layer_scans.scan_layer

    def failing(blob: Any, *arguments: Any, **options: Any) -> Any:
        if blob.size == len(HIGH):
            raise InputError("input.unreadable", "reading failed")
        return scan(blob, *arguments, **options)

    monkeypatch.setattr(layer_scans, "scan_layer", failing)
    assert len(LOW) != len(HIGH)
    found = by_command(saved(folder, [[LOW], [LOW, HIGH], [LOW]]))
    assert ["error" in document for document in found] == [False, True, False]
    assert [len(document["packages"]) for document in (found[0], found[2])] == [2, 2]
    assert "3.tar: reading failed" in capfd.readouterr().err


def test_a_limit_counts_for_all_images_together(folder: Path) -> None:
    path = saved(folder, [[small_layer(1), small_layer(2)]] * 3)
    found = by_command(path, "--limit", "archive-entries=2")
    reached = [[(one["code"], one["where"]["layer"]) for one in document["findings"]] for document in found]
    assert reached == [[], [("limit.archive-entries", 1)], [("limit.archive-entries", 0)]]
