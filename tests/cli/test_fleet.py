"""The command line of `fleet`: what it says, how it ends, and what it refuses before it writes anything."""

from __future__ import annotations

import fcntl
import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.builders import good
from tests.cli.command import IMGTAR, environment, imgtar, one_line
from tests.fleet.running import files, images, rows


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
    (tmp_path / "list").write_text(f"{tmp_path / 'none.tar'}\n")
    given = ("fleet", archives, f"@{tmp_path / 'list'}", "--out", tmp_path / "out")
    run = imgtar(*given, "--workers", "2")
    *lines, last = run.stderr.decode().splitlines()
    assert run.returncode == 3
    failures = tmp_path / "out" / "failures.jsonl"
    written = f"wrote {tmp_path / 'out'}: 4 archives: 2 ok, 1 damaged, 1 not read"
    assert last == f"{written}; 2 failed (see {failures})"
    assert len(lines) == 2
    assert all(line.startswith("imgtar: ") for line in lines)
    told = [json.loads(line) for line in failures.read_bytes().splitlines()]
    assert [failure["exit_code"] for failure in told] == [4, 3]
    (archives / "cut-too.tar").write_bytes(good()[:-3000])
    more = imgtar(*given, "--resume")
    lines = more.stderr.decode().splitlines()
    assert (more.returncode, len(lines)) == (3, 3)  # the missing one is tried again
    assert lines[-1].endswith(f"2 damaged, 1 not read; 3 failed, 1 of them in an earlier run (see {failures})")
    assert len(failures.read_bytes().splitlines()) == 3
    again = imgtar(*given, "--resume", "--keep-going", "-q")
    assert (again.returncode, again.stdout, again.stderr) == (0, b"", b"")


def test_a_resumed_run_says_how_many_rows_it_drops(archives: Path, tmp_path: Path) -> None:
    def last_lines(*given: Path) -> list[str]:
        return imgtar("fleet", *given, "--out", tmp_path / "out", "--resume").stderr.decode().splitlines()[-2:]

    imgtar("fleet", archives, "--out", tmp_path / "out", "--fail-fast", "-q")
    assert "dropped" not in " ".join(last_lines(archives))
    dropped = "imgtar: dropped 2 rows of archives that are not named any more"
    assert last_lines(archives / "app-000.tar") == [dropped, f"wrote {tmp_path / 'out'}: 1 archive: 1 ok"]
    assert last_lines(archives / "app-000.tar") == [f"wrote {tmp_path / 'out'}: 1 archive: 1 ok"]


def test_a_share_without_archives_is_said_in_words(tmp_path: Path) -> None:
    [path] = images(tmp_path / "archives", 1)
    shards = [imgtar("fleet", path, "--out", tmp_path / "out", "--shard", f"{number}/2") for number in (1, 2)]
    lines = sorted(run.stderr.decode().rstrip() for run in shards)
    assert lines == [f"wrote {tmp_path / 'out'}: {words}" for words in ("0 archives", "1 archive: 1 ok")]


def test_what_is_not_there_changes_no_results(archives: Path, tmp_path: Path) -> None:
    """A folder that is not mounted tonight costs no row of last night."""
    imgtar("fleet", archives, "--out", tmp_path / "out", "-q")
    before = files(tmp_path / "out")
    run = imgtar("fleet", archives, tmp_path / "unmounted", "--out", tmp_path / "out", "--resume")
    assert run.returncode == 3
    assert one_line(run).startswith(f"imgtar: {tmp_path / 'unmounted'}: no such file; ")
    assert files(tmp_path / "out") == before


def test_a_file_in_two_spellings_has_one_row_and_a_note(archives: Path, tmp_path: Path) -> None:
    given = ("app-000.tar", "./app-000.tar", archives / "app-000.tar", "app-001.tar", "app-000.tar")
    run = imgtar("fleet", *given, "--out", tmp_path / "out", cwd=archives)
    note, last = run.stderr.decode().splitlines()
    assert note == "imgtar: ./app-000.tar: named before as app-000.tar, so one row has both (and 1 more)"
    assert last.endswith(": 2 archives: 2 ok")
    assert [row["path"] for row in rows(tmp_path / "out")] == ["app-000.tar", "app-001.tar"]


def test_a_line_of_a_list_is_taken_as_it_is(archives: Path, tmp_path: Path) -> None:
    (archives / "gone.tar").symlink_to("nowhere.tar")
    (tmp_path / "list").write_text('"app-000.tar"\napp-000.tar\ngone.tar\n# a remark\n')
    run = imgtar("fleet", f"@{tmp_path / 'list'}", "--out", tmp_path / "out", cwd=archives)
    lines = run.stderr.decode().splitlines()
    quoted = "no such file: the quotation marks are taken as a part of the name"
    assert f'imgtar: "app-000.tar": {quoted}; leave them out; a line of a list is a path as it is' in lines
    gone = "a symbolic link to nowhere.tar, which does not exist"
    assert f"imgtar: gone.tar: {gone}; correct the link, or give the file itself" in lines
    told = {row["path"]: row["failure"]["message"] for row in rows(tmp_path / "out") if row["failure"]}
    assert told == {'"app-000.tar"': quoted, "gone.tar": gone, "# a remark": "no such file"}


def test_a_list_of_windows_and_a_folder_in_a_list_have_their_remedies(archives: Path, tmp_path: Path) -> None:
    (tmp_path / "list").write_bytes(b"app-000.tar\r\n../archives\n")
    run = imgtar("fleet", f"@{tmp_path / 'list'}", "--out", tmp_path / "out", cwd=archives)
    windows = "no such file: the line ends with \\r, as on Windows; convert the list: dos2unix LIST, or tr -d '\\r'"
    folder = "a folder; a list names archives alone; give the folder itself as PATH, or name its archives"
    *lines, last = run.stderr.decode().splitlines()
    assert sorted(lines) == [f"imgtar: ../archives: {folder}", f"imgtar: app-000.tar\\x0d: {windows}"]
    assert "2 archives: 2 not read" in last


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the system does not tell the size of a process")
def test_a_memory_in_which_no_worker_fits_is_refused_and_the_one_that_is_told_works(tmp_path: Path) -> None:
    [path] = images(tmp_path / "archives", 1)
    given = ("fleet", path, "--out", tmp_path / "out", "--do", "inspect,verify,audit,packages", "--workers", "1")
    run = imgtar(*given, "--memory", "20MB")
    told = re.fullmatch(
        r"imgtar: --memory 20 MB: a worker needs [\d.]+ MB to read the smallest archive; give --memory (\d+MB) or more",
        one_line(run),
    )
    assert run.returncode == 2
    assert not (tmp_path / "out").exists()
    assert told is not None
    assert imgtar(*given, "--memory", told[1]).returncode == 0


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (("--shard", "9"), "--shard 9: not i/n, with i from 1 to n; give --shard 1/8"),
        (("nowhere.tar",), "nowhere.tar: no such file; check the path, and what should be mounted"),
        (("@nowhere",), "@nowhere: No such file or directory; give a list of paths"),
        (("-",), "- is one archive; fleet reads files; give @- for a list on standard input"),
        (("-o", "x.jsonl"), "No such option '-o'; did you mean --out?"),
        (("--summary", "a.md", "--summary", "./a.md"), "two reports for the same file; give each a file of its own"),
    ],
)
def test_an_error_names_what_it_is_about(options: tuple[str, ...], line: str, archives: Path, tmp_path: Path) -> None:
    run = imgtar("fleet", "app-000.tar", *options, "--out", tmp_path / "out", cwd=archives)
    assert one_line(run) == f"imgtar: {line}"


@pytest.mark.parametrize(
    ("out", "words"),
    [
        ("-", "rows go to a folder or a file, not to standard output; give --out FILE.jsonl"),
        ("", "rows go to a folder or a file, not to standard output; give --out FILE.jsonl"),
        ("y.json", "the name of a file of rows ends in .jsonl; give --out y.jsonl"),
        ("x.JSONL", "the name of a file of rows ends in .jsonl; give --out x.jsonl"),
    ],
)
def test_a_place_that_nobody_means_as_a_folder_is_refused(out: str, words: str, archives: Path) -> None:
    run = imgtar("fleet", "app-000.tar", "--out", out, cwd=archives)
    assert one_line(run) == f"imgtar: --out {out or '(empty)'}: {words}"
    assert run.returncode == 2
    assert {path.suffix for path in archives.iterdir()} == {".tar"}


EVIL = "import os; open(os.environ['EXECUTED'], 'a').write(__file__ + '\\n'); raise SystemExit('executed')\n"


@pytest.mark.parametrize("engine", ["processes", "dask"])
def test_nothing_of_the_current_directory_is_imported(engine: str, archives: Path, tmp_path: Path) -> None:
    """It may be a checkout that nobody has read."""
    if engine == "dask":
        pytest.importorskip("distributed")
    folder = tmp_path / "checkout"
    for name in ("imgtar", "multiprocessing"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(EVIL)
    (folder / "struct.py").write_text(EVIL)
    script = tmp_path / "bin" / "imgtar"
    script.parent.mkdir()
    script.write_text("from imgtar.__main__ import main\nif __name__ == '__main__':\n    main()\n")
    line = [sys.executable, script, "fleet", archives, "--out", tmp_path / "out", "--workers", "2", "--engine", engine]
    env = environment({"EXECUTED": str(tmp_path / "executed")})
    run = subprocess.run(line, cwd=folder, env=env, capture_output=True, check=False)
    assert run.returncode == 4, run.stderr
    assert b"2 ok, 1 damaged" in run.stderr
    assert not (tmp_path / "executed").exists()


def test_an_interrupt_says_how_to_go_on(tmp_path: Path) -> None:
    images(tmp_path / "archives", 400)  # more than are read before the signal comes, however busy the machine is
    line = [*IMGTAR, "fleet", str(tmp_path / "archives"), "--out", str(tmp_path / "out"), "--workers", "2"]
    with subprocess.Popen(line, env=environment(), stderr=subprocess.PIPE) as run:
        while not list(tmp_path.glob("out/.fleet/rows/*/*")):
            assert run.poll() is None
            time.sleep(0.01)
        run.send_signal(signal.SIGINT)
        assert run.stderr is not None
        assert run.stderr.read().strip() == b"imgtar: interrupted; the same command with --resume goes on"
    assert run.returncode == 130


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
