"""The memory of the coordinator grows neither with the archives nor with their rows."""

from __future__ import annotations

import gc
import tracemalloc
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import pytest

from imgtar.contract.envelope import ErrorBody
from imgtar.fleet import lists, plan
from imgtar.fleet.engine import Given
from imgtar.fleet.layer_claim import LayerClaim
from imgtar.fleet.layer_tasks import claimed_layers
from imgtar.fleet.run import FleetRun, run_fleet
from imgtar.fleet.worker import Outcome, unread_row, write_row

COUNT = 200
PATH = "archives/" + 200 * "a" + "-{:06}.tar"  # so long that it shows where a path is kept of each
CONSTANT = 32 << 10  # bytes: a quarter of the paths that come more
FAILED = Outcome(exit_code=3, failure=ErrorBody(code="input.unreadable", message="there is no such file"))


class Scribe(Executor):
    """Reads no archive: writes a short row for each, and claims that all have one layer of three."""

    def submit(self, function: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
        work, tasks = arguments
        future: Future[Any] = Future()
        future.set_result([self._answer(work, task) for task in tasks])
        return future

    def _answer(self, work: Any, task: Any) -> Any:
        if work is claimed_layers:
            return [LayerClaim(f"sha256:{len(task.archive.path) % 3}", 1 << 20)]
        if work is write_row:
            unread_row(task, FAILED)
            return FAILED
        return None


def peak(folder: Path, count: int, *, resume: bool) -> int:
    """The most bytes that Python had at once in a run over so many archives; with `resume` in the run that goes on."""
    folder.mkdir()
    with (folder / "list").open("w") as file:
        file.writelines(f"{PATH.format(number)}\n" for number in range(count))
    given = (f"@{folder / 'list'}",)
    run = FleetRun(inputs=given, out=str(folder / "out"), summary=True, parts=2, resume=resume)
    if resume:
        assert run_fleet(run, Given(Scribe(), 2)).archives == count
    gc.collect()
    tracemalloc.start()
    try:
        result = run_fleet(run, Given(Scribe(), 2))
        assert result.exit_codes == {3: count}
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("resume", [False, True])
def test_the_coordinator_keeps_no_archive(resume: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "_PAGE", 50)
    monkeypatch.setattr(lists, "_PIECE", 1 << 12)
    peak(tmp_path / "warm", 10, resume=resume)  # what is loaded once
    first, *more = (peak(tmp_path / str(count), count, resume=resume) for count in (COUNT, 2 * COUNT, 4 * COUNT))
    assert COUNT * len(PATH) * 3 > 3 * CONSTANT
    assert max(more) < first + CONSTANT
