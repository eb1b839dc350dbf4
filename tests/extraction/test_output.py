"""The output directory: what may be there before, and that nothing is there when the work fails."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.builders import directory, docker_save, file, hardlink, layer, oci_layout, symlink, write_directory
from tests.cli.command import environment, imgtar, one_line
from tests.cli.test_signals import SIGNALLED
from tests.extraction.extracting import extract, stored, tree_of

LAYER = layer(directory("d"), *(file(f"d/{n}", b"x") for n in range(20)), hardlink("h", "d/1"), symlink("s", "h"))
IMAGE = docker_save([LAYER])


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != "image.tar")


def test_an_empty_directory_is_taken(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert extract(IMAGE, tmp_path) == 0
    assert len(tree_of(tmp_path / "out")) == 23
    assert left(tmp_path) == ["out"]


@pytest.mark.parametrize("there", ["file", "link to nothing", "link to a directory", "full"])
def test_nothing_that_is_there_is_replaced(there: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    if there == "file":
        out.write_text("mine")
    elif there == "link to nothing":
        out.symlink_to("nothing")
    elif there == "link to a directory":
        (tmp_path / "other").mkdir()
        out.symlink_to("other")
    else:
        out.mkdir()
        (out / "mine").write_text("mine")
    before = tree_of(tmp_path)
    ran = imgtar("extract", stored(IMAGE, tmp_path), "--output", out)
    assert ran.returncode == 6
    assert one_line(ran).startswith(f"imgtar: {out}: cannot be written: ")
    (tmp_path / "image.tar").unlink()
    assert tree_of(tmp_path) == before


@pytest.mark.parametrize("name", ["missing/out", "/", "out/"])
def test_odd_names_of_the_directory(name: str, tmp_path: Path) -> None:
    ran = imgtar("extract", stored(IMAGE, tmp_path), "--output", name, cwd=tmp_path)
    assert ran.returncode == (0 if name == "out/" else 6)


def test_a_directory_inside_the_input_is_refused(tmp_path: Path) -> None:
    layout = write_directory(oci_layout([LAYER]).members(), tmp_path / "layout")
    ran = imgtar("extract", layout, "--output", layout / "out")
    assert ran.returncode == 2
    assert "inside the input" in one_line(ran)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--tar", "none/x.tar"), 6),
        (("--tar", "."), 6),
        (("--tar", "image.tar"), 2),
        (("--tar", "x.tar", "-o", "json=none/x"), 6),
        (("--output", "none/x"), 6),
    ],
)
def test_a_place_that_cannot_be_written_is_no_bug(options: tuple[str, ...], code: int, tmp_path: Path) -> None:
    (tmp_path / "image.tar").write_bytes(docker_save([LAYER]))
    ran = imgtar("extract", "image.tar", *options, cwd=tmp_path)
    assert ran.returncode == code
    assert "choose another" in one_line(ran)


def test_the_option_o_is_for_reports(tmp_path: Path) -> None:
    ran = imgtar("extract", stored(IMAGE, tmp_path), "-o", tmp_path / "out")
    assert ran.returncode == 2
    assert one_line(ran).endswith("-o writes a report, --output DIR the files")


@pytest.mark.parametrize("call", ["write", "mkdir", "symlink", "link", "rename"])
def test_a_full_disk_leaves_nothing(call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = stored(IMAGE, tmp_path)

    def full(*_: Any, **__: Any) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(
            f"imgtar.extraction.{'output_directory' if call == 'rename' else 'directory_writer'}.os.{call}", full
        )
        assert extract(path, tmp_path) == 6
    assert left(tmp_path) == []


def test_free_space_is_looked_at_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.fstatvfs

    def little(descriptor: int) -> os.statvfs_result:
        values = list(real(descriptor))
        values[4] = 1  # f_bavail
        return os.statvfs_result(values)

    monkeypatch.setattr("imgtar.extraction.output_directory.os.fstatvfs", little)
    assert extract(IMAGE, tmp_path) == 6
    assert left(tmp_path) == []


def test_names_that_fold_together_are_exit_6_and_the_rest_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file system without case, played by the calls that make files."""
    real_open, real_mkdir = os.open, os.mkdir

    def folded(name: Any) -> Any:
        return name.lower() if isinstance(name, bytes) and b"/" not in name else name

    def open_folded(name: Any, *arguments: Any, **options: Any) -> int:
        return real_open(folded(name), *arguments, **options)

    def mkdir_folded(name: Any, *arguments: Any, **options: Any) -> None:
        real_mkdir(folded(name), *arguments, **options)

    image = docker_save([layer(file("A", b"1"), file("a", b"2"), file("Dir/x", b"3"), file("dir/y", b"4"))])
    path = stored(image, tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr("imgtar.extraction.directory_writer.os.open", open_folded)
        patched.setattr("imgtar.extraction.directory_writer.os.mkdir", mkdir_folded)
        assert extract(path, tmp_path) == 6
    assert sorted(tree_of(tmp_path / "out")) == [b"a", b"dir", b"dir/x"]
    assert (tmp_path / "out/a").read_bytes() == b"1"


def test_a_directory_that_another_process_moves_gets_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = stored(IMAGE, tmp_path)
    (tmp_path / "victim").mkdir()
    real = os.symlink

    def moving(*arguments: Any, **options: Any) -> None:
        monkeypatch.setattr(os, "symlink", real)
        real(*arguments, **options)
        [temporary] = [name for name in os.listdir(tmp_path) if ".imgtar-" in name]
        os.rename(tmp_path / temporary, tmp_path / "taken")
        os.symlink(tmp_path / "victim", tmp_path / temporary)

    monkeypatch.setattr(os, "symlink", moving)
    assert extract(path, tmp_path) == 6
    assert not (tmp_path / "out").exists()
    assert list((tmp_path / "victim").iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["os.mkdir", "os.link", "os.symlink", "os.utime", "os.rename", "40", "60", "80"])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["INT", "TERM"])
def test_an_interrupted_run_leaves_nothing(number: signal.Signals, code: int, moment: str, tmp_path: Path) -> None:
    """The signal comes at an event, before the call that it announces."""
    line = [sys.executable, "-c", SIGNALLED, str(int(number)), moment]
    line += ["extract", str(stored(IMAGE, tmp_path)), "--output", str(tmp_path / "out"), "--quiet"]
    ran = subprocess.run(line, env=environment(), capture_output=True, check=False)
    assert (ran.returncode, ran.stderr) == (code, b"")
    assert left(tmp_path) == []
