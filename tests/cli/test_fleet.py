"""The command line of `fleet`: what it says, how it ends, and what it refuses before it writes anything."""

from __future__ import annotations

import fcntl
import json
from pathlib import Path

import pytest

from tests.builders import good
from tests.cli.command import imgtar, one_line
from tests.fleet.running import images


@pytest.fixture
def archives(tmp_path: Path) -> Path:
    """Two sound archives and a damaged one."""
    images(tmp_path / "archives", 2)
    (tmp_path / "archives" / "cut.tar").write_bytes(good()[:-4000])
    return tmp_path / "archives"


def test_two_runs_into_one_place_are_refused(tmp_path: Path) -> None:
    """The lock belongs to a process, so another one holds it here."""
    images(tmp_path / "archives", 1)
    (tmp_path / "out" / ".fleet").mkdir(parents=True)
    with open(tmp_path / "out" / ".fleet" / "lock", "ab") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX, 1, 5)
        run = imgtar("fleet", tmp_path / "archives", "--out", tmp_path / "out", "--workers", "1")
        assert "another run writes there" in one_line(run)
        assert run.returncode == 6
        other = imgtar("fleet", tmp_path / "archives", "--out", tmp_path / "out", "--shard", "1/4")  # parts 0, 4, 8…
        assert other.returncode == 0


def test_the_command_says_what_failed_and_exits_with_the_worst_code(archives: Path, tmp_path: Path) -> None:
    run = imgtar("fleet", archives, tmp_path / "none.tar", "--out", tmp_path / "out", "--workers", "2")
    *lines, last = run.stderr.decode().splitlines()
    assert run.returncode == 3
    assert last == f"wrote {tmp_path / 'out'}: 4 archives: 2 ok, 1 damaged, 1 not read"
    assert len(lines) == 2
    assert all(line.startswith("imgtar: ") for line in lines)
    told = [json.loads(line) for line in (tmp_path / "out" / "failures.jsonl").read_bytes().splitlines()]
    assert [failure["exit_code"] for failure in told] == [4, 3]
    again = imgtar(
        "fleet", archives, tmp_path / "none.tar", "--out", tmp_path / "out", "--resume", "--keep-going", "-q"
    )
    assert (again.returncode, again.stdout, again.stderr) == (0, b"", b"")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--do", "inspect,history"), 2),
        (("--shard", "0/4"), 2),
        (("--shard", "5/4"), 2),
        (("--memory", "much"), 2),
        (("--limit", "x=1"), 2),
        (("--ignore", "no.such"), 2),
        (("--do", "audit", "--config", "no-such.toml"), 2),
    ],
)
def test_wrong_options_exit_2_and_leave_nothing(options: tuple[str, ...], code: int, tmp_path: Path) -> None:
    [path] = images(tmp_path / "archives", 1)
    run = imgtar("fleet", path, "--out", tmp_path / "out", *options)
    assert run.returncode == code, run.stderr
    assert not (tmp_path / "out").exists()


def test_a_place_that_cannot_be_written_is_exit_6(tmp_path: Path) -> None:
    [path] = images(tmp_path / "archives", 1)
    (tmp_path / "file").write_bytes(b"")
    run = imgtar("fleet", path, "--out", tmp_path / "file" / "out")
    assert run.returncode == 6
    assert "cannot be written" in one_line(run)
