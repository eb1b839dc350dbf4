"""The results do not depend on who did the work, in which order, or in how many runs."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from concurrent.futures import Executor, Future
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from imgtar.errors import InputError, OutputError, UsageError
from imgtar.fleet.engine import Given, Processes
from imgtar.fleet.run import FleetRun, run_fleet
from imgtar.fleet.settings import FindingChoice, FleetSettings, Shard
from imgtar.fleet.worker import write_row
from imgtar.limits import Limits
from tests.archive.servers import Served, honest, serving
from tests.builders import good
from tests.fleet.running import files, fleet, images, rows


class Lazy(Executor):
    """Does a task when it is submitted, and notes which archives have their rows written."""

    def __init__(self) -> None:
        self.paths: list[bytes] = []

    def submit(self, function: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if arguments[0] is write_row:
            self.paths += [task.archive.path for task in arguments[1]]
        future.set_result(function(*arguments, **named))
        return future


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with sound archives, a damaged one, one of another kind of file, and a folder below."""
    folder = tmp_path_factory.mktemp("fleet") / "archives"
    images(folder, 12)
    images(folder / "below", 3)
    (folder / "cut.tar").write_bytes(good()[:-4000])
    (folder / "README").write_text("no archive")
    return folder


@pytest.fixture(scope="module")
def expected(archives: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What one worker of this process writes about the folder."""
    out = tmp_path_factory.mktemp("expected") / "out"
    fleet(archives, out=out, engine=Given(Lazy(), 1))
    assert len(rows(out)) == 16
    return files(out)


@pytest.mark.parametrize("workers", [1, 3])
def test_processes_write_the_same_bytes(
    workers: int, archives: Path, expected: dict[str, bytes], tmp_path: Path
) -> None:
    result = fleet(archives, out=tmp_path / "out", engine=Processes(workers))
    assert files(tmp_path / "out") == expected
    assert result.exit_codes == {0: 15, 4: 1}


def test_any_executor_writes_the_same_bytes(archives: Path, expected: dict[str, bytes], tmp_path: Path) -> None:
    fleet(archives, out=tmp_path / "out")
    assert files(tmp_path / "out") == expected


def test_neither_order_nor_repetition_of_the_inputs_matters(
    archives: Path, expected: dict[str, bytes], tmp_path: Path
) -> None:
    named = [*sorted(archives.rglob("*.tar"), reverse=True), archives]
    fleet(*named, *named, out=tmp_path / "out")
    assert files(tmp_path / "out") == expected


@pytest.mark.parametrize("count", [2, 5, 16])
def test_shards_write_the_same_parts(count: int, archives: Path, expected: dict[str, bytes], tmp_path: Path) -> None:
    """Each shard writes its own parts into one folder, and a last run without shards joins the failures."""
    out = tmp_path / "out"
    for number in range(count, 0, -1):
        fleet(archives, out=out, shard=Shard(number, count))
    parts = {name: content for name, content in expected.items() if name.startswith("part-")}
    assert {name: content for name, content in files(out).items() if name.startswith("part-")} == parts
    failed = sorted(line for path in out.glob("failures-*-of-*.jsonl") for line in path.read_bytes().splitlines())
    assert failed == expected["failures.jsonl"].splitlines()
    lazy = Lazy()
    fleet(archives, out=out, resume=True, engine=Given(lazy, 1))
    assert lazy.paths == []
    assert files(out) == expected


def test_shards_of_a_file_share_out_the_archives(archives: Path, tmp_path: Path) -> None:
    fleet(archives, out=tmp_path / "all.jsonl")
    for number in (1, 2, 3):
        fleet(archives, out=tmp_path / f"{number}.jsonl", shard=Shard(number, 3))
    lines = [line for number in (1, 2, 3) for line in (tmp_path / f"{number}.jsonl").read_bytes().splitlines()]
    assert sorted(lines) == sorted((tmp_path / "all.jsonl").read_bytes().splitlines())


@pytest.mark.parametrize("resume", [False, True])
@pytest.mark.parametrize(
    ("second", "words"),
    [(Shard(2, 2), "is now 2/2"), (Shard(1, 3), "is now 1/3"), (Shard(), "is now not given")],
)
def test_a_file_takes_the_rows_of_one_shard(
    second: Shard, words: str, resume: bool, archives: Path, tmp_path: Path
) -> None:
    out = tmp_path / "all.jsonl"
    fleet(archives, out=out, shard=Shard(1, 2))
    before = out.read_bytes()
    with pytest.raises(UsageError, match=f"--shard was 1/2, {words}; give each shard a file of its own"):
        fleet(archives, out=out, shard=second, resume=resume)
    fleet(archives, out=out, shard=Shard(1, 2), resume=True)
    assert out.read_bytes() == before


def test_rows_are_sorted_by_the_bytes_of_the_path(archives: Path, tmp_path: Path) -> None:
    fleet(archives, out=tmp_path / "all.jsonl")
    paths = [row["path"] for row in rows(tmp_path / "all.jsonl")]
    assert paths == sorted(paths, key=os.fsencode)


def test_more_shards_than_parts_are_refused(archives: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="17 shards, but 16 parts"):
        fleet(archives, out=tmp_path / "out", shard=Shard(1, 17))


def test_a_resumed_run_reads_what_changed_and_drops_what_is_gone(tmp_path: Path) -> None:
    paths = images(tmp_path / "archives", 4)
    fleet(tmp_path / "archives", out=tmp_path / "out")
    paths[0].write_bytes(good())
    paths[1].unlink()
    lazy = Lazy()
    fleet(tmp_path / "archives", out=tmp_path / "out", resume=True, engine=Given(lazy, 1))
    assert lazy.paths == [os.fsencode(paths[0])]
    fleet(tmp_path / "archives", out=tmp_path / "fresh")
    assert files(tmp_path / "out") == files(tmp_path / "fresh")


def test_the_parameters_of_a_url_are_written_nowhere(tmp_path: Path) -> None:
    """A URL is read again by `--resume`: nothing says whether its object changed."""

    def missing(_served: Served, handler: BaseHTTPRequestHandler, _start: int, _stop: int) -> None:
        handler.send_error(404)

    out = tmp_path / "out"
    with serving(good()) as served:
        given = [f"{served.url}?sig=SECRET-{number}" for number in range(2)]
        fleet(*given, out=out)
        shown = [row["path"] for row in rows(out)]
        first = files(out)
        requests = len(served.requests)
        fleet(*given, out=out, resume=True)
        assert shown == [f"{served.url}?…"] * 2
        assert files(out) == first
        assert len(served.requests) == 2 * requests
        served.answer = missing
        fleet(*given, out=out, resume=True)
        assert (out / "failures.jsonl").read_text().count("?…") == 2
        served.answer = honest
        fleet(*given, out=out, resume=True)
        assert files(out) == first
    assert not any(b"SECRET" in path.read_bytes() for path in out.rglob("*") if path.is_file())


def test_a_second_run_without_resume_is_refused(tmp_path: Path) -> None:
    images(tmp_path / "archives", 1)
    fleet(tmp_path / "archives", out=tmp_path / "out")
    before = files(tmp_path / "out")
    with pytest.raises(OutputError, match="an earlier run wrote there"):
        fleet(tmp_path / "archives", out=tmp_path / "out")
    assert files(tmp_path / "out") == before


def test_a_resumed_run_with_other_options_is_refused(tmp_path: Path) -> None:
    images(tmp_path / "archives", 1)
    fleet(tmp_path / "archives", out=tmp_path / "out")
    few = FleetSettings(limits=Limits(layers=9), findings=FindingChoice(ignore=("a", "b")))
    for other, parts, words in (
        (FleetSettings(full=True), 16, "--full was not given, is now given;"),
        (FleetSettings(actions=("verify",)), 16, "--do was inspect, is now verify;"),
        (FleetSettings(image="app:1"), 16, "--image was not given, is now app:1;"),
        (few, 16, "--limit layers was 1000, is now 9; --ignore was not given, is now a,b;"),
        (FleetSettings(), 4, "--parts was 16, is now 4;"),
    ):
        with pytest.raises(UsageError) as error:
            fleet(tmp_path / "archives", out=tmp_path / "out", settings=other, parts=parts, resume=True)
        assert f"an earlier run wrote there with other options: {words} give the options" in str(error.value)
    record = tmp_path / "out" / ".fleet" / "run.json"
    before = record.read_bytes()
    record.write_bytes(b'{"fingerprint": "that of another version"}')
    with pytest.raises(UsageError, match="an earlier run wrote there by another version of imgtar"):
        fleet(tmp_path / "archives", out=tmp_path / "out", resume=True)
    record.write_bytes(before)
    fleet(tmp_path / "archives", out=tmp_path / "out", settings=FleetSettings(timeout=60.0, jobs=2), resume=True)


def test_the_first_failure_ends_a_run_that_is_to_fail_fast(tmp_path: Path) -> None:
    paths = images(tmp_path / "archives", 30)
    paths[2].write_bytes(good()[:-4000])
    lazy = Lazy()
    result = fleet(tmp_path / "archives", out=tmp_path / "out", fail_fast=True, engine=Given(lazy, 1))
    assert not result.finished
    assert result.exit_codes[4] == 1
    assert len(lazy.paths) < 30
    assert files(tmp_path / "out") == {}
    assert fleet(tmp_path / "archives", out=tmp_path / "out", resume=True).exit_codes == {0: 29, 4: 1}


@pytest.mark.parametrize("workers", [1, 3])
def test_every_row_that_a_stopped_run_keeps_is_counted_and_told(workers: int, tmp_path: Path) -> None:
    for path in images(tmp_path / "archives", 12)[4:]:
        path.write_bytes(good()[:-4000])
    run = FleetRun(inputs=(str(tmp_path / "archives"),), out=str(tmp_path / "out"), fail_fast=True)
    heard: list[bytes] = []
    result = run_fleet(run, Processes(workers), tell=lambda path, _outcome: heard.append(path))
    kept = [json.loads(row.read_bytes()) for row in (tmp_path / "out" / ".fleet" / "rows").glob("*/*")]
    assert Counter(row["exit_code"] for row in kept) == result.exit_codes
    assert sorted(heard) == sorted(os.fsencode(row["path"]) for row in kept if row["exit_code"])
    assert len(heard) <= workers


def test_no_archive_at_all_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="there is no archive"):
        fleet(tmp_path / "empty", out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_results_inside_the_folder_that_is_read_are_no_input(tmp_path: Path) -> None:
    """Not even the archives that somebody put among them."""
    paths = images(tmp_path, 2)
    out = tmp_path / "out"
    fleet(tmp_path, out=out)
    before = files(out)
    shutil.copy(paths[0], out / "part-0099.tar")
    fleet(tmp_path, out=out, resume=True)
    assert {name: content for name, content in files(out).items() if name.endswith(".jsonl")} == before


def test_the_coordinator_keeps_no_row(tmp_path: Path) -> None:
    """What it hears of an archive is a code and a sentence, whatever the size of the row."""
    heard: list[Any] = []

    class Counting(Lazy):
        def submit(self, function: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
            future = super().submit(function, *arguments, **named)
            if arguments[0] is write_row:
                heard.extend(future.result())
            return future

    run = FleetRun(inputs=(str(images(tmp_path / "archives", 1)[0]),), out=str(tmp_path / "out"))
    assert run_fleet(run, Given(Counting(), 1)).finished
    assert [type(outcome).__struct_fields__ for outcome in heard] == [("exit_code", "failure", "remedy")]


def test_the_progress_hears_of_every_archive_and_of_its_bytes(tmp_path: Path) -> None:
    paths = images(tmp_path / "archives", 5)
    told: list[tuple[str, int | None]] = []

    class Recorder:
        def start(self, total: int | None) -> None:
            told.append(("start", total))

        def advance(self, size: int) -> None:
            told.append(("advance", size))

        def expect(self, archives: int) -> None:
            told.append(("expect", archives))

        def complete(self) -> None:
            told.append(("complete", None))

    run = FleetRun(inputs=(str(tmp_path / "archives"),), out=str(tmp_path / "out"))
    run_fleet(run, Given(Lazy(), 1), progress=Recorder())
    sizes = sorted(path.stat().st_size for path in paths)
    assert told[:2] == [("expect", 5), ("start", sum(sizes))]
    assert sorted(size or 0 for name, size in told if name == "advance") == sizes
    assert told.count(("complete", None)) == 5
