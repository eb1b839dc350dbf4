"""The rows of the run time: odd inputs, pipes, locales, terminal sizes, places that cannot be written (X01 to X45)."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from imgtar.cli.registry import report_types
from tests.builders import docker_save, file, good, oci_layout, tar, write_directory
from tests.cli import command as command_line
from tests.paths import ROOT
from tests.runs import REPORTS, line_of

pytestmark = pytest.mark.slow

FORMATS = sorted(report_types()["inspect"].renderers)
ODD = [file("caf\u00e9-\u65e5\u672c"), file(b"latin-\xe9"), file("esc\x1b[2J"), file("new\nline"), file("<script>x")]


def imgtar(
    *arguments: str | Path, stdin: bytes | None = None, cwd: Path = ROOT, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "imgtar", *map(str, arguments)],
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment},
        timeout=120,
    )


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "good.tar"
    path.write_bytes(good())
    return path


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    path = tmp_path / "odd.tar"
    path.write_bytes(docker_save([tar(*ODD)]))
    return path


def refused(ran: subprocess.CompletedProcess[bytes], says: str) -> None:
    assert ran.returncode == 3, ran
    assert ran.stdout == b""
    [line] = ran.stderr.decode().splitlines()
    assert line.startswith("imgtar: ")
    assert says in line


def test_x01_no_such_file(tmp_path: Path) -> None:
    refused(imgtar("inspect", tmp_path / "nofile.tar"), "no such file")


def test_x02_directories(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    refused(imgtar("inspect", tmp_path / "empty"), "empty")
    write_directory(oci_layout([tar(file("a"))]).members(), tmp_path / "layout")
    assert imgtar("inspect", tmp_path / "layout").returncode == 0


def test_x03_unreadable_file(image: Path) -> None:
    image.chmod(0)
    if os.geteuid() == 0:
        pytest.skip("root reads everything")
    refused(imgtar("inspect", image), "ermission")


def test_x04_what_is_no_file_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    refused(imgtar("inspect", tmp_path / "fifo"), "")
    refused(imgtar("inspect", "/dev/zero"), "")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        refused(imgtar("inspect", tmp_path / "s"), "")


def test_x06_file_that_shrinks_is_no_bug(image: Path) -> None:
    os.truncate(image, image.stat().st_size // 2)
    ran = imgtar("inspect", image)
    assert ran.returncode in (3, 4)
    assert b"Traceback" not in ran.stderr


@pytest.mark.parametrize("form", FORMATS)
def test_x08_same_bytes_whatever_the_surroundings(form: str, odd: Path) -> None:
    outputs = {
        imgtar(
            "inspect", "--format", form, odd, PYTHONHASHSEED=seed, TZ=zone, LANG=lang, COLUMNS="80", PYTHONUTF8="1"
        ).stdout
        for seed, zone, lang in (
            ("0", "UTC", "C.UTF-8"),
            ("1", "Asia/Tokyo", "C.UTF-8"),
            ("99", "America/Lima", "C.UTF-8"),
        )
    }
    assert len(outputs) == 1


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    "locale", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}, {"LC_ALL": "POSIX"}], ids=str
)
def test_x27_no_locale_breaks_it(form: str, locale: dict[str, str], odd: Path) -> None:
    ran = imgtar("inspect", "--format", form, odd, **locale)
    assert (ran.returncode, ran.stderr) == (0, b"")


@pytest.mark.parametrize("command", REPORTS)
@pytest.mark.parametrize("columns", ["1", "0", "100000", "-5", "x"])
def test_x28_no_width_breaks_it(command: str, columns: str, odd: Path) -> None:
    ran = command_line.imgtar(*line_of(command, str(odd)), env={"COLUMNS": columns, "TERM": "dumb", "NO_COLOR": "1"})
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_x29_needs_no_home_no_temporary_folder_and_no_current_folder(image: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    program = (
        "import os, sys; os.rmdir(os.getcwd()); from imgtar.cli.main import run; "
        f"sys.exit(run(['inspect', '--format', 'json', {str(image)!r}]))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=gone,
        capture_output=True,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "TMPDIR": "/proc"},
        timeout=120,
    )
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_x45_parallel_runs_do_not_meet(image: Path) -> None:
    outputs: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: outputs.append(imgtar("inspect", "--format", "json", image).stdout))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(outputs)) == 1
    assert len(outputs) == 8


@pytest.mark.parametrize("name", ["mysql.tar", "d20-classic-mysqlish.tar.gz", "s5-oci", "-"])
def test_time_that_is_up_at_once_is_a_limit(name: str) -> None:
    fixtures = ROOT / "tests/fixtures"
    stdin = (fixtures / "mysql.tar").read_bytes() if name == "-" else None
    ran = imgtar("inspect", "--timeout", "0.000001", name if name == "-" else fixtures / name, stdin=stdin)
    assert ran.returncode == 5
    assert b"limit.time" in ran.stderr
    assert ran.stdout
