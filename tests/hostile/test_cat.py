"""`cat` over every case: every file that there is, and the exit code of `inspect`; no damage is silent."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hostile.case import MIB, Case, check_run
from tests.hostile.conftest import Worker
from tests.hostile.test_cases import QUICK

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("case", QUICK)
def test_cat(case: Case, worker: Worker, tmp_path: Path) -> None:
    path = tmp_path / "case.img"
    path.write_bytes(case.build())
    arguments = [argument for argument in case.arguments if argument != "--verify"]
    argvs = [
        ["inspect", *arguments, "--format", "json", "--image", "@0", str(path)],
        ["cat", *arguments, "--image", "@0", "--head", "1000", "-q", str(path), "**"],
    ]
    inspected, run = worker.run(argvs, [path], tmp_path, cpu=case.cpu, files=16)
    run.out = b""  # any bytes
    check_run(run, "cat")
    assert run.peak < max(case.peak, 200 * MIB)
    files = 0
    if inspected.exit != 3:
        files = sum(image["totals"]["files"] for image in inspected.document["images"])
    if inspected.exit == 0:
        assert run.exit == (0 if files else 1)
    else:
        assert run.exit in (3, 4, 5)
        assert run.exit == inspected.exit
