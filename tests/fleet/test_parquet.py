"""A Parquet file stands beside each part, with the same rows."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from imgtar.fleet.settings import FleetSettings
from tests.builders import good
from tests.cli.command import imgtar, one_line
from tests.fleet.running import fleet, images, rows


def test_the_columns_hold_the_lines(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="the extra parquet is not installed")
    images(tmp_path / "archives", 3)
    (tmp_path / "archives" / "cut.tar").write_bytes(good()[:-4000])
    settings = FleetSettings(actions=("inspect", "packages"))
    for out in ("one", "two"):
        fleet(tmp_path / "archives", out=tmp_path / out, settings=settings, parquet=True)
    parts = sorted((tmp_path / "one").glob("*.parquet"))
    assert [part.stem for part in parts] == [part.stem for part in sorted((tmp_path / "one").glob("part-*.jsonl"))]
    found = [row for part in parts for row in parquet.read_table(part).to_pylist()]
    assert len(found) == 4
    for row, line in zip(found, rows(tmp_path / "one"), strict=True):
        assert {name: row[name] for name in ("path", "size", "mtime_ns", "exit_code")} == {
            name: line[name] for name in ("path", "size", "mtime_ns", "exit_code")
        }
        assert json.loads(row["inspect"]) == line["inspect"]
        assert json.loads(row["packages"]) == line["packages"]
        assert (row["failure_code"] is None) == (line["failure"] is None)
        assert row["audit"] is None
    assert [part.read_bytes() for part in parts] == [
        part.read_bytes() for part in sorted((tmp_path / "two").glob("*.parquet"))
    ]


@pytest.mark.skipif(find_spec("pyarrow") is not None, reason="the extra parquet is installed")
def test_without_the_extra_the_command_says_what_to_install(tmp_path: Path) -> None:
    images(tmp_path / "archives", 1)
    run = imgtar("fleet", tmp_path / "archives", "--out", tmp_path / "out", "--format", "parquet")
    assert run.returncode == 2
    assert "imgtar[parquet]" in one_line(run)
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(find_spec("distributed") is not None, reason="the extra fleet is installed")
def test_without_dask_the_command_says_what_to_install(tmp_path: Path) -> None:
    images(tmp_path / "archives", 1)
    run = imgtar("fleet", tmp_path / "archives", "--out", tmp_path / "out", "--engine", "dask")
    assert run.returncode == 2
    assert "imgtar[fleet]" in one_line(run)
