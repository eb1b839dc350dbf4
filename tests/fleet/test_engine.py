"""A worker that dies costs its own task, whoever it took with it; the others are answered."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from imgtar.fleet.engine import Crew, Died, Engine, Given, Processes
from tests.fleet.deadly import work
from tests.paths import ROOT

pytestmark = pytest.mark.slow


class Counted(ThreadPoolExecutor):
    """Notes which tasks were given to it together."""

    def __init__(self) -> None:
        super().__init__(1)
        self.batches: list[list[str]] = []

    def submit(self, function: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
        self.batches.append(arguments[1])
        return super().submit(function, *arguments, **named)


def answers(engine: Engine, *tasks: str, most: int = 1) -> dict[str, str | Died]:
    """The answer to each task; each has one. A worker gets up to `most` at once."""
    with closing(Crew(engine)) as crew:
        found = list(crew.carry_out(work, tasks, most=most))
    assert sorted(task for task, _ in found) == sorted(tasks)
    return dict(found)


@pytest.mark.parametrize(("workers", "most"), [(1, 1), (3, 1), (1, 3), (2, 7)])
@pytest.mark.parametrize("deadly", ["killed", "exits", "hangs"])
def test_who_dies_is_the_only_one_without_an_answer(deadly: str, workers: int, most: int) -> None:
    found = answers(Processes(workers), "a", "b", deadly, "c", "d", "e", "f", most=most)
    death = found.pop(deadly)
    assert isinstance(death, Died)
    assert found == {name: name for name in "abcdef"}


def test_several_deaths_cost_as_many_tasks() -> None:
    found = answers(Processes(2), "a", "killed", "exits", "b")
    assert {name for name, answer in found.items() if isinstance(answer, Died)} == {"killed", "exits"}


def test_a_death_says_how_long_the_worker_lived() -> None:
    death = answers(Processes(1), "hangs")["hangs"]
    assert isinstance(death, Died)
    assert death.seconds >= 0.2


def test_an_interrupt_of_the_terminal_is_for_the_parent_alone() -> None:
    assert answers(Processes(1), "interrupted") == {"interrupted": "interrupted"}


def test_the_memory_of_a_process_is_limited() -> None:
    assert answers(Processes(1, memory=1 << 30), "greedy") == {"greedy": "out of memory"}
    assert answers(Processes(1), "greedy") == {"greedy": "greedy"}


def test_an_executor_of_the_caller_is_neither_made_nor_ended() -> None:
    with ThreadPoolExecutor(2) as executor:
        assert answers(Given(executor, 2), "a", "b") == {"a": "a", "b": "b"}
        assert executor.submit(work, "c").result() == "c"


@pytest.mark.parametrize("most", [1, 2])
def test_what_an_executor_raises_is_a_death_with_a_name(most: int) -> None:
    with ThreadPoolExecutor(2) as executor:
        found = answers(Given(executor, 2), "a", "raises", most=most)
    death = found.pop("raises")
    assert isinstance(death, Died)
    assert death.reason == "ZeroDivisionError"
    assert found == {"a": "a"}


def test_an_executor_that_broke_answers_nothing_more() -> None:
    """The caller's pool cannot be made again here: every task has its answer, and that is none."""
    with ProcessPoolExecutor(1, get_context("forkserver")) as executor:
        found = answers(Given(executor, 1), "killed", "a", "b")
    assert all(isinstance(answer, Died) for answer in found.values())


def test_tasks_are_taken_as_they_can_begin() -> None:
    taken: list[int] = []

    def tasks() -> object:
        for number in range(1000):
            taken.append(number)
            yield "a"

    with ThreadPoolExecutor(1) as executor:
        found = Crew(Given(executor, 2)).carry_out(work, tasks())  # type: ignore[arg-type]
        next(found)
        assert len(taken) <= 5
        found.close()


def test_a_worker_gets_a_few_tasks_at_once_and_large_ones_alone() -> None:
    with Counted() as executor, closing(Crew(Given(executor, 1))) as crew:
        sizes = {"a": 0, "b": 0, "c": 0, "d": 1 << 40, "e": 1 << 40, "f": 0}
        assert dict(crew.carry_out(work, sizes, most=3, size=sizes.__getitem__)) == {name: name for name in sizes}
    assert executor.batches == [["a", "b", "c"], ["d"], ["e"], ["f"]]


def test_workers_end_with_their_parent(tmp_path: Path) -> None:
    """kill -9 of the parent leaves no process behind."""
    script = (
        "import sys\nfrom imgtar.fleet.engine import Crew, Processes\nfrom tests.fleet.deadly import lives\n"
        "if __name__ == '__main__':\n    list(Crew(Processes(1)).carry_out(lives, [sys.argv[1]]))\n"
    )
    (tmp_path / "run.py").write_text(script)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, tmp_path / "run.py", tmp_path / "worker"], env=environment) as parent:
        while not (tmp_path / "worker.whole").exists():
            assert parent.poll() is None
            time.sleep(0.01)
        parent.kill()
    worker = int((tmp_path / "worker.whole").read_text())
    for _ in range(1000):
        try:
            os.kill(worker, 0)
        except ProcessLookupError:
            return
        if Path(f"/proc/{worker}/stat").read_text().split()[2] == "Z":
            return
        time.sleep(0.01)
    pytest.fail(f"process {worker} is still there")
