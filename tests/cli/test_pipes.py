"""Pipes that a shell makes paths of, `<(zcat a.tar.gz)`: each command reads them once, as standard input."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.builders import docker_save, gzip
from tests.cli.command import IMGTAR, imgtar, one_line
from tests.several_images import small_layer

LAYERS = [small_layer(number) for number in range(3)]


@pytest.fixture
def archives(tmp_path: Path) -> list[Path]:
    """Two archives that differ in a layer, each compressed."""
    paths = [tmp_path / "a.tar.gz", tmp_path / "b.tar.gz"]
    for path, count in zip(paths, (2, 3), strict=True):
        path.write_bytes(gzip(docker_save(LAYERS[:count], names=["a:1"])))
    return paths


def in_bash(command: str, *operands: str) -> subprocess.CompletedProcess[bytes]:
    line = " ".join([shlex.join([*IMGTAR, command]), *operands])
    return subprocess.run(["bash", "-c", line], capture_output=True, check=False, timeout=60)


def test_two_pipes_are_compared_as_two_files_are(archives: list[Path]) -> None:
    a, b = map(str, archives)
    files = json.loads(imgtar("diff", a, b, "--format", "json").stdout)
    for first, second in ((f"<(zcat {a})", f"<(zcat {b})"), (f"<(cat {a})", b), (a, f"<(cat {b})")):
        piped = in_bash("diff", first, second, "--format", "json")
        assert piped.returncode == 1, piped.stderr
        found = json.loads(piped.stdout)
        assert (found["files"], found["layers"]) == (files["files"], files["layers"])
    unified = in_bash("diff", f"<(zcat {a})", f"<(zcat {b})", "--unified", "/f2", "--quiet")
    assert b"+++ " in unified.stdout


@pytest.mark.parametrize(
    ("command", "more"),
    [
        ("inspect", ()),
        ("verify", ()),
        ("ls", ()),
        ("cat", ("/f1",)),
        ("packages", ()),
        ("shared", ()),
    ],
)
def test_a_pipe_is_read_as_standard_input_is(command: str, more: tuple[str, ...], archives: list[Path]) -> None:
    piped = in_bash(command, f"<(cat {archives[1]})", *more)
    stdin = imgtar(command, "-", *more, stdin=archives[1].read_bytes())
    assert piped.returncode == stdin.returncode == 0, piped.stderr
    assert piped.stdout.splitlines()[1:] == stdin.stdout.splitlines()[1:]
    assert b"imgtar cat" not in piped.stdout  # nobody can read it again


def test_several_pipes_are_several_archives(archives: list[Path]) -> None:
    a, b = archives
    run = in_bash("verify", f"<(cat {a})", f"<(cat {b})")
    assert run.returncode == 0
    assert run.stdout.count(b"every digest verified; a:1") == 2


@pytest.mark.parametrize("command", ["diff", "verify", "shared"])
def test_a_pipe_that_is_named_twice_is_wrong_usage(command: str) -> None:
    run = imgtar(command, "/dev/fd/63", "/dev/fd/63")
    assert run.returncode == 2
    assert "one pipe is named twice" in one_line(run)


def test_a_named_pipe_and_a_descriptor_that_is_not_open_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    run = imgtar("inspect", tmp_path / "pipe")
    assert run.returncode == 3
    assert "a named pipe, not a file" in one_line(run)
    assert imgtar("inspect", "/dev/fd/987654").returncode == 3


def test_a_fleet_reads_no_descriptor(tmp_path: Path) -> None:
    (tmp_path / "list").write_text("/dev/fd/5\n")
    for operand in ("/dev/fd/0", f"@{tmp_path / 'list'}"):
        run = imgtar("fleet", operand, "--out", str(tmp_path / "out"), stdin=b"")
        assert run.returncode == 2
        assert "fleet reads files" in run.stderr.decode()
