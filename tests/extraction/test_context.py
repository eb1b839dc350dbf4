"""The build context of `dockerfile`: what is written for hostile images, limits, pipes and damage, and what is not."""

from __future__ import annotations

import json
import random
import re
import tarfile
from pathlib import Path
from typing import Any

import pytest

from imgtar.cli.main import run
from tests.builders import directory, docker_save, file, gzip, layer
from tests.cli.command import imgtar, one_line
from tests.extraction.extracting import stored, tree_of
from tests.extraction.hostile_images import CASES, HostileImage
from tests.paths import FIXTURES

NAMES = re.compile(r"Dockerfile|layer-\d\d(?:\.tar)?")
IMAGE = docker_save([layer(directory("d"), file("d/a", b"a" * 600)), layer(file("d/b", b"b"))])


def context(archive: bytes | Path, folder: Path, *options: str) -> int:
    return written(archive, folder, "--freeze", *options)


def written(archive: bytes | Path, folder: Path, *options: str) -> int:
    asked = ["dockerfile", str(stored(archive, folder)), "--context", str(folder / "out"), "--quiet"]
    return run([*asked, "-o", f"json={folder / 'report.json'}", *options])


def report(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "report.json").read_bytes())
    return found


@pytest.mark.parametrize("freeze", [["--freeze"], []], ids=["frozen", "steps"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_hostile_image_stays_in_the_directory(case: HostileImage, freeze: list[str], tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "victim").write_text("mine")
    before = tree_of(outside)
    archive = case.build(str(outside).lstrip("/").encode())
    assert written(archive, tmp_path, *freeze, "--limit", "extract-bytes=64MiB") in (0, 4, 5)
    assert tree_of(outside) == before
    for path in (tmp_path / "out").rglob("*"):
        assert not path.is_symlink() or path.resolve().is_relative_to(tmp_path / "out")
    if (tmp_path / "out").exists():
        assert all(NAMES.fullmatch(path.name) for path in (tmp_path / "out").iterdir())
        for path in (tmp_path / "out").glob("*.tar"):
            with tarfile.open(path) as tar:
                for name in tar.getnames():
                    assert not name.startswith("/")
                    assert ".." not in name.split("/")


@pytest.mark.parametrize("limit", ["extract-bytes=600", "extract-entries=2"])
def test_a_limit_leaves_nothing(limit: str, tmp_path: Path) -> None:
    assert context(IMAGE, tmp_path, "--limit", limit) == 5
    assert not (tmp_path / "out").exists()
    assert report(tmp_path)["context"] is None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["image.tar", "report.json"]


def test_a_directory_that_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("mine")
    ran = imgtar("dockerfile", stored(IMAGE, tmp_path), "--context", tmp_path / "out", "--freeze")
    assert ran.returncode == 6
    assert "it is not empty" in one_line(ran)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine"]
    assert ran.stdout == b""


@pytest.mark.parametrize("archive", [IMAGE, gzip(IMAGE)], ids=["plain", "compressed"])
def test_a_pipe_gives_the_same_context(archive: bytes, tmp_path: Path) -> None:
    assert context(IMAGE, tmp_path) == 0
    ran = imgtar("dockerfile", "-", "--context", tmp_path / "piped", "--freeze", stdin=archive)
    assert ran.returncode == 0
    assert ran.stdout == (tmp_path / "piped" / "Dockerfile").read_bytes()
    assert b"to a temporary file without a name" in ran.stderr
    for path in (tmp_path / "out").iterdir():
        assert (tmp_path / "piped" / path.name).read_bytes() == path.read_bytes()


def test_the_report_says_what_was_written(tmp_path: Path) -> None:
    assert context(IMAGE, tmp_path) == 0
    found = report(tmp_path)
    assert found["origin"] == "layers"
    assert found["context"] == {
        "directory": str(tmp_path / "out"),
        "layers": [
            {"layer": 0, "name": "layer-00.tar", "files": 1, "bytes": 600},
            {"layer": 1, "name": "layer-01.tar", "files": 1, "bytes": 1},
        ],
        "skipped": [],
    }


def test_a_damaged_content_is_left_out(tmp_path: Path) -> None:
    whole = layer(file("a", b"a"), file("b", random.Random(1).randbytes(5000)))
    assert context(docker_save([gzip(whole)[:-2000]]), tmp_path) == 4
    assert [one["path"] for one in report(tmp_path)["context"]["skipped"]] == ["/b"]
    with tarfile.open(tmp_path / "out" / "layer-00.tar") as tar:
        assert tar.getnames() == ["a"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--freeze"], "--freeze needs --context DIR"),
        (["--context", "x", "--source", "provenance"], "has no files"),
        (["--base", "x"], "is not a number of layers, auto or none"),
    ],
)
def test_options_that_do_not_fit_are_refused(options: list[str], words: str, tmp_path: Path) -> None:
    ran = imgtar("dockerfile", stored(IMAGE, tmp_path), *options, cwd=tmp_path)
    assert ran.returncode == 2
    assert words in ran.stderr.decode()


def test_a_context_is_not_written_into_the_input() -> None:
    layout = FIXTURES / "d26c-buildx-oci-dir"
    ran = imgtar("dockerfile", layout, "--context", layout / "new", "--freeze")
    assert ran.returncode == 2
    assert not (layout / "new").exists()


def test_several_images_are_not_one_context(tmp_path: Path) -> None:
    ran = imgtar("dockerfile", FIXTURES / "p5-multi.tar", "--context", tmp_path / "out", "--freeze")
    assert ran.returncode == 2
    assert not (tmp_path / "out").exists()
