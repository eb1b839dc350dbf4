"""The one-file build runs without index and installation, and unpacks itself only where nobody else writes."""

from __future__ import annotations

import ast
import json
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installation.building import environment
from tests.paths import FIXTURES, ROOT

pytestmark = pytest.mark.slow
MYSQL = str(FIXTURES / "mysql.tar")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The cache folder of a user who has not run the file yet."""
    (tmp_path / "cache").mkdir(mode=0o700)
    return tmp_path / "cache"


def run(onefile: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    # -I and -S: nothing of this environment is importable.
    command = [sys.executable, "-I", "-S", str(onefile), *arguments]
    return subprocess.run(command, env=environment(**variables), capture_output=True)


def unpacked(home: Path) -> Path:
    (folder,) = (home / "imgtar-onefile").iterdir()
    return folder


def test_it_prints_what_an_installation_prints(onefile: Path, home: Path) -> None:
    installed = subprocess.run([sys.executable, "-m", "imgtar", MYSQL, "--format", "json"], cwd=ROOT, stdout=-1)
    for archive in (
        MYSQL,
        str(FIXTURES / "d20-classic-mysqlish.tar.zst"),
        str(FIXTURES / "d20-classic-mysqlish.tar.gz"),
    ):
        made = run(onefile, archive, "--format", "json", XDG_CACHE_HOME=str(home))
        assert made.returncode == 0, made.stderr
        if archive == MYSQL:
            assert made.stdout == installed.stdout
    assert b"compiled walker" in run(onefile, "--version", XDG_CACHE_HOME=str(home)).stdout
    assert run(onefile, "inspect", "missing.tar", XDG_CACHE_HOME=str(home)).returncode == 3


def test_the_folder_is_private_and_named_after_the_content(onefile: Path, home: Path) -> None:
    previous = os.umask(0)
    try:
        run(onefile, "--version", XDG_CACHE_HOME=str(home))
    finally:
        os.umask(previous)
    folder = unpacked(home)
    assert len(folder.name) == 64
    for path in (folder, folder.parent):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert not list(folder.rglob("*.[0-9]*[0-9]"))  # no file that is half written


def test_a_second_run_writes_nothing_and_what_is_missing_comes_back(onefile: Path, home: Path) -> None:
    run(onefile, "--version", XDG_CACHE_HOME=str(home))
    folder = unpacked(home)
    first = {path: path.stat().st_ino for path in folder.rglob("*.so")}
    entry = folder / "site/imgtar/cli/main.py"
    entry.write_bytes(b"")
    (folder / "site/imgtar/version.py").unlink()
    assert run(onefile, "--version", XDG_CACHE_HOME=str(home)).returncode == 0
    assert entry.read_bytes() == (ROOT / "imgtar/cli/main.py").read_bytes()
    assert {path: path.stat().st_ino for path in folder.rglob("*.so")} == first


def test_its_worker_processes_run_what_it_holds(onefile: Path, home: Path, tmp_path: Path) -> None:
    archives = [MYSQL, str(FIXTURES / "d20-scratch.tar")]
    made = run(onefile, "fleet", *archives, "--out", str(tmp_path / "rows"), "--workers", "2", XDG_CACHE_HOME=str(home))
    assert made.returncode == 0, made.stderr
    rows = [json.loads(line) for path in (tmp_path / "rows").glob("part-*") for line in path.read_text().splitlines()]
    assert sorted(row["path"] for row in rows) == sorted(archives)
    assert all(row["inspect"]["images"] for row in rows)


@pytest.fixture
def places(tmp_path: Path) -> Iterator[Path]:
    """An empty folder for temporary files; at the end of a test it is empty again."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    yield folder
    assert not list(folder.iterdir())


def test_what_cannot_be_made_is_one_line(wheels: Path, tmp_path: Path) -> None:
    for arguments, said in (
        ([tmp_path / "missing"], f"{tmp_path / 'missing'} is no folder; "),
        ([tmp_path], f"no wheel of imgtar in {tmp_path}\n"),
        ([wheels, "--output", tmp_path / "missing/it.pyz"], "it.pyz: No such file or directory\n"),
    ):
        made = subprocess.run([sys.executable, ROOT / "scripts/onefile", *arguments], capture_output=True, text=True)
        assert made.returncode == 1
        assert made.stderr.startswith("scripts/onefile: ")
        assert said in made.stderr
        assert made.stderr.count("\n") == 1


def test_a_folder_that_others_can_write_is_not_used(onefile: Path, home: Path, places: Path) -> None:
    run(onefile, "--version", XDG_CACHE_HOME=str(home))
    folder = unpacked(home)
    planted = folder / "site/imgtar/__main__.py"
    planted.write_bytes(b"raise SystemExit('planted')".ljust(planted.stat().st_size))
    os.utime(planted, (0, 0))  # the compiled module of the second before is not taken for that of this file
    assert b"planted" in run(onefile, "--version", XDG_CACHE_HOME=str(home)).stderr  # its own folder is trusted
    for path, mode in ((folder, 0o770), (folder, 0o707), (folder.parent, 0o720), (home, 0o777)):
        allowed = stat.S_IMODE(path.stat().st_mode)
        path.chmod(mode)
        made = run(onefile, "--version", XDG_CACHE_HOME=str(home), TMPDIR=str(places))
        path.chmod(allowed)
        assert (made.returncode, made.stderr) == (0, b""), path


def test_a_link_in_place_of_the_folder_is_not_followed(onefile: Path, home: Path, places: Path) -> None:
    run(onefile, "--version", XDG_CACHE_HOME=str(home))
    folder = unpacked(home)
    elsewhere = home / "elsewhere"
    folder.rename(elsewhere)
    folder.symlink_to(elsewhere)
    (elsewhere / "site/imgtar/__main__.py").write_bytes(b"")
    assert run(onefile, "--version", XDG_CACHE_HOME=str(home), TMPDIR=str(places)).returncode == 0
    assert (elsewhere / "site/imgtar/__main__.py").read_bytes() == b""


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to give the folder to another user")
def test_a_folder_of_another_user_is_not_used(onefile: Path, home: Path, places: Path) -> None:
    run(onefile, "--version", XDG_CACHE_HOME=str(home))
    folder = unpacked(home)
    (folder / "site/imgtar/__main__.py").write_bytes(b"")
    os.chown(folder, 65534, 65534)
    assert run(onefile, "--version", XDG_CACHE_HOME=str(home), TMPDIR=str(places)).returncode == 0
    assert (folder / "site/imgtar/__main__.py").read_bytes() == b""


def test_without_a_home_a_temporary_folder_serves_and_goes(onefile: Path, places: Path) -> None:
    for variables in ({"HOME": "/nonexistent"}, {"XDG_CACHE_HOME": "relative"}):
        made = run(onefile, MYSQL, TMPDIR=str(places), **{"XDG_CACHE_HOME": "", **variables})
        assert made.returncode == 0, made.stderr
        assert b"10 layers" in made.stdout


# Runs a Python program and sends it SIGTERM as the n-th call of one of its functions returns, once it handles SIGTERM.
SIGNALLED = """
import io, os, runpy, signal, sys
function, left = eval(sys.argv[1]), int(sys.argv[2])
def profile(frame, event, argument):
    global left
    if event == "c_return" and argument is function and signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGTERM)
sys.argv[:] = sys.argv[3:]
sys.setprofile(profile)
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.mark.parametrize("has_cache", [True, False])
@pytest.mark.parametrize(
    ("function", "number"),
    [("os.mkdir", 1), ("os.mkdir", 3), ("os.mkdir", 5), ("io.open", 2), ("io.open", 9), ("os.replace", 2)],
)
def test_a_signal_at_any_step_leaves_nothing_unfinished(
    onefile: Path, home: Path, places: Path, function: str, number: int, has_cache: bool
) -> None:
    where = {"XDG_CACHE_HOME": str(home)} if has_cache else {"XDG_CACHE_HOME": "", "HOME": "/nonexistent"}
    command = [sys.executable, "-I", "-S", "-c", SIGNALLED, function, str(number), str(onefile), MYSQL]
    variables = environment(TMPDIR=str(places), **where)
    made = subprocess.run(command, env=variables, capture_output=True)
    assert (made.returncode, made.stderr) == (143, b"")
    assert not list(places.iterdir())
    assert not list(home.rglob("*.[0-9]*[0-9]"))  # no file that is half written


def test_an_interrupted_run_leaves_no_temporary_folder(onefile: Path, places: Path) -> None:
    command = [sys.executable, "-I", "-S", str(onefile), "-", "--timeout", "60"]
    variables = environment(HOME="/nonexistent", XDG_CACHE_HOME="", TMPDIR=str(places))
    with subprocess.Popen(command, env=variables, stdin=-1, stdout=-1, stderr=-1) as process:
        assert process.stdin is not None
        process.stdin.write(bytes(1_000_000))  # more than a pipe holds: it is unpacked, and imgtar reads
        process.stdin.flush()
        assert list(places.iterdir())
        process.terminate()
        _, errors = process.communicate()
    assert (process.returncode, errors) == (143, b"")


def test_a_full_disk_is_one_line(onefile: Path, home: Path, places: Path) -> None:
    run_limited = ["bash", "-c", 'ulimit -f 100; exec "$@"', "-", sys.executable, "-I", "-S", str(onefile), "--version"]
    for variables in ({"XDG_CACHE_HOME": str(home)}, {"XDG_CACHE_HOME": "", "HOME": "/nonexistent"}):
        made = subprocess.run(run_limited, env=environment(TMPDIR=str(places), **variables), capture_output=True)
        assert made.returncode == 6
        assert made.stderr.startswith(b"imgtar: error: cannot unpack into ")
        assert made.stderr.endswith(b": File too large\n")
    assert run(onefile, "--version", XDG_CACHE_HOME=str(home)).returncode == 0


def test_an_older_python_gets_one_line(onefile: Path) -> None:
    older = "import runpy, sys; sys.version_info = (3, 9, 1); runpy.run_path(sys.argv[1], run_name='__main__')"
    made = subprocess.run([sys.executable, "-c", older, str(onefile)], capture_output=True, text=True)
    assert made.returncode == 2
    assert made.stderr == "imgtar: error: imgtar needs Python 3.11 or newer; this is Python 3.9\n"
    start = ast.parse((ROOT / "scripts/onefile_main.py").read_text())
    newer = (ast.JoinedStr, ast.NamedExpr, ast.AnnAssign, ast.Match, ast.AsyncFunctionDef)
    assert not [node for node in ast.walk(start) if isinstance(node, newer)]  # Python 2.7 can read it


def only_for_another_python(wheels: Path, folder: Path) -> None:
    """Copies the wheels; the compiled modules of msgspec become those of another Python."""
    folder.mkdir()
    for wheel in wheels.iterdir():
        with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(folder / wheel.name, "w") as new:
            for info in old.infolist():
                name = info.filename
                if wheel.name.startswith("msgspec-") and name.endswith(".so"):
                    name = f"{name.partition('.')[0]}.cpython-399-riscv64-linux-gnu.so"
                new.writestr(name, old.read(info))


def build(wheels: Path, output: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "scripts/onefile"), str(wheels), "--output", str(output)]
    return subprocess.run(command, capture_output=True, text=True)


def test_a_python_without_wheels_inside_gets_one_line(wheels: Path, home: Path, tmp_path: Path) -> None:
    only_for_another_python(wheels, tmp_path / "foreign")
    assert build(tmp_path / "foreign", tmp_path / "foreign.pyz").returncode == 0
    made = run(tmp_path / "foreign.pyz", "--version", XDG_CACHE_HOME=str(home))
    assert made.returncode == 2
    assert made.stderr.startswith(
        b"imgtar: error: this file holds msgspec/_core for cpython-399-riscv64-linux-gnu, but"
    )
    assert not list(home.iterdir())
    # With those of this Python beside them, it runs, and the others stay packed.
    for wheel in wheels.glob("msgspec-*"):
        shutil.copy(wheel, tmp_path / "foreign" / f"{wheel.stem}-2.whl")
    build(tmp_path / "foreign", tmp_path / "both.pyz")
    assert run(tmp_path / "both.pyz", "--version", XDG_CACHE_HOME=str(home)).returncode == 0
    assert not list(unpacked(home).rglob("*riscv64*"))


def test_the_same_wheels_make_the_same_bytes(onefile: Path, wheels: Path, tmp_path: Path) -> None:
    shutil.copytree(wheels, tmp_path / "again", copy_function=shutil.copy)  # other times
    build(tmp_path / "again", tmp_path / "again.pyz")
    assert (tmp_path / "again.pyz").read_bytes() == onefile.read_bytes()
    assert os.access(tmp_path / "again.pyz", os.X_OK)


def test_wheels_that_disagree_make_no_file(wheels: Path, tmp_path: Path) -> None:
    assert build(tmp_path, tmp_path / "none.pyz").stderr == f"scripts/onefile: no wheel of imgtar in {tmp_path}\n"
    shutil.copytree(wheels, tmp_path / "mixed")
    with zipfile.ZipFile(tmp_path / "mixed/zz-1-py3-none-any.whl", "w") as other:
        other.writestr("click/__init__.py", b"another version")
    made = build(tmp_path / "mixed", tmp_path / "none.pyz")
    assert made.returncode == 1
    assert "zz-1-py3-none-any.whl differ in click/__init__.py" in made.stderr
    assert not list(tmp_path.glob("none.pyz*"))


def test_it_holds_the_pages(onefile: Path) -> None:
    with zipfile.ZipFile(onefile) as archive:
        assert archive.read("share/doc/imgtar/docs/install.md") == (ROOT / "docs/install.md").read_bytes()
