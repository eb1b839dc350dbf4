"""A hostile archive within a fleet costs itself: its own row says so, and the other rows are what they are alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from imgtar.fleet.engine import Processes
from imgtar.fleet.run import FleetRun, run_fleet
from imgtar.fleet.settings import FleetSettings
from tests.builders import good
from tests.hostile.case import MIB, Case
from tests.hostile.test_cases import QUICK

pytestmark = pytest.mark.slow

CASES: list[Case] = [case.values[0] for case in QUICK]  # type: ignore[misc]
PLAIN = [case for case in CASES if not case.arguments]
SOUND = "sound-before.tar", "sound-behind.tar"


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The row of each case that takes no option, by its name, from one run over all of them."""
    folder = tmp_path_factory.mktemp("hostile")
    for case in PLAIN:
        (folder / case.id).write_bytes(case.build())
    for name in SOUND:
        (folder / name).write_bytes(good())
    names = [SOUND[0], *(case.id for case in PLAIN), SOUND[1]]
    (folder / "list").write_text("\n".join(str(folder / name) for name in names))
    found = run_over([f"@{folder / 'list'}"], folder / "all.jsonl")
    assert len(found) == len(names)
    return found


def run_over(inputs: list[str], out: Path) -> dict[str, dict[str, Any]]:
    """The rows of a run over these inputs, by the name of the file."""
    settings = FleetSettings(memory=1024 * MIB)
    run = FleetRun(inputs=tuple(inputs), out=str(out), settings=settings)
    assert run_fleet(run, Processes(2, settings.memory)).finished
    return {Path(row["path"]).name: row for row in map(json.loads, out.read_bytes().splitlines())}


@pytest.mark.parametrize("case", PLAIN, ids=[case.id for case in PLAIN])
def test_a_hostile_archive_costs_itself(case: Case, rows: dict[str, dict[str, Any]]) -> None:
    row = rows[case.id]
    assert row["exit_code"] in case.exits, row["failure"]
    assert (row["failure"] is None) == (row["exit_code"] == 0)


def test_sound_archives_have_the_rows_that_they_have_alone(rows: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    alone = run_over([rows[name]["path"] for name in SOUND], tmp_path / "alone.jsonl")
    assert alone == {name: rows[name] for name in SOUND}
    assert {row["exit_code"] for row in alone.values()} == {0}
