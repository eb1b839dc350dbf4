"""The command line of `shared`: several archives, folders of them, one that cannot be read, gates."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from imgtar.cli.operands import archives_of
from imgtar.errors import UsageError
from tests.builders import docker_save, file, tar
from tests.cli.command import imgtar, one_line
from tests.paths import FIXTURES
from tests.several_images import save, small_layer

LAYERS = [small_layer(number) for number in range(4)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of two archives, a layout and a note."""
    place = tmp_path / "archives"
    place.mkdir()
    (place / "b.tar").write_bytes(docker_save(LAYERS[:2], names=["b:1"]))
    (place / "a.tar").write_bytes(docker_save(LAYERS[:3], names=["a:1"]))
    (place / "NOTES.txt").write_text("nothing")
    (place / "layout").symlink_to(FIXTURES / "s5-oci")
    return place


def test_a_folder_stands_for_the_archives_in_it(folder: Path) -> None:
    names = [os.path.basename(path) for path in archives_of([str(folder)])]
    assert names == ["a.tar", "b.tar", "layout"]


@pytest.mark.parametrize("name", ["s5-oci", "p5-docker-dir", "d20-scratch.tar"])
def test_an_archive_stands_for_itself(name: str) -> None:
    assert archives_of([str(FIXTURES / name)]) == [str(FIXTURES / name)]


def test_an_unpacked_archive_of_the_first_format_stands_for_itself(tmp_path: Path) -> None:
    below = tmp_path / ("a" * 64)
    below.mkdir()
    (below / "json").write_text("{}")
    (below / "layer.tar").write_bytes(LAYERS[0])
    (tmp_path / "x.tar").write_bytes(LAYERS[0])
    assert archives_of([str(tmp_path)]) == [str(tmp_path)]


def test_standard_input_can_be_read_once() -> None:
    with pytest.raises(UsageError, match="named twice"):
        archives_of(["-", "docker-archive:-"])
    run = imgtar("shared", "-", "-")
    assert run.returncode == 2
    assert "named twice" in one_line(run)


def test_a_pipe_beside_a_file(folder: Path) -> None:
    run = imgtar("shared", "-", str(folder / "a.tar"), "--format", "json", stdin=(folder / "b.tar").read_bytes())
    assert run.returncode == 0
    assert [image["names"] for image in json.loads(run.stdout)["images"]] == [["b:1"], ["a:1"]]


def test_an_archive_that_cannot_be_read_does_not_stop_the_others(folder: Path) -> None:
    (folder / "c.tar").write_bytes(tar(file("x", b"no image")))
    run = imgtar("shared", str(folder), "missing.tar", "--format", "json")
    assert run.returncode == 3
    found = json.loads(run.stdout)
    assert [source["error"] and source["error"]["code"] for source in found["sources"]] == [
        None,
        None,
        "input.not-image",
        None,
        "input.missing",
    ]
    assert len(found["images"]) == 3
    assert not found["complete"]
    assert len(run.stderr.splitlines()) == 2


def test_without_any_archive_that_can_be_read_there_is_no_report(tmp_path: Path) -> None:
    run = imgtar("shared", "missing.tar", "other.tar", "--format", "json", cwd=tmp_path)
    assert run.returncode == 3
    assert json.loads(run.stdout)["error"]["code"] == "input.missing"
    assert [line.split(":")[1] for line in run.stderr.decode().splitlines()] == [" missing.tar", " other.tar"]


def test_a_damaged_archive_among_good_ones(folder: Path) -> None:
    whole = (folder / "a.tar").read_bytes()
    (folder / "c.tar").write_bytes(whole[: len(whole) // 2])
    run = imgtar("shared", str(folder), "--format", "json")
    assert run.returncode in (3, 4)
    found = json.loads(run.stdout)
    assert [source["complete"] for source in found["sources"]][:2] == [True, True]
    assert {"a:1", "b:1"} <= {name for image in found["images"] for name in image["names"]}


def test_the_last_line_of_the_text_is_the_verdict(folder: Path) -> None:
    fine = imgtar("shared", str(folder / "a.tar"), str(folder / "b.tar"), "--max-unique", "3")
    assert fine.returncode == 0
    assert fine.stdout.splitlines()[-1] == b"verdict: ok"
    broken = imgtar("shared", str(folder / "a.tar"), str(folder / "b.tar"), "--min-shared", "60%")
    assert broken.returncode == 1
    assert broken.stdout.decode().splitlines()[-1] == "verdict: failed min-shared a:1 50 % < 60 %"
    assert one_line(broken) == "imgtar: 2 archives: 1 of 2 gates failed; see the report"


@pytest.mark.parametrize(
    "options",
    [("--rm", "a:1", "--keep", "b:1"), ("--max-unique", "much"), ("--min-shared", "50"), ("--sort", "name")],
)
def test_wrong_options(folder: Path, options: tuple[str, ...]) -> None:
    assert imgtar("shared", str(folder), *options).returncode == 2


def test_a_reference_that_no_image_has(folder: Path) -> None:
    run = imgtar("shared", str(folder), "--rm", "nope")
    assert run.returncode == 3
    assert "no image matches nope; there are @0 a:1 (linux/amd64), @1 b:1 (linux/amd64)" in one_line(run)


def test_an_output_never_replaces_an_archive(folder: Path) -> None:
    run = imgtar("shared", str(folder), "-o", f"json={folder / 'b.tar'}")
    assert run.returncode == 2
    assert "would overwrite" in one_line(run)


def test_many_absurd_names(tmp_path: Path) -> None:
    names = {f"a{'/..' * 200}\x1b[31m\n{number}": LAYERS[: number % 4 + 1] for number in range(40)}
    (tmp_path / "x.tar").write_bytes(save(names))
    for form in ("table", "markdown", "csv", "json"):
        run = imgtar("shared", str(tmp_path / "x.tar"), "--format", form)
        assert run.returncode in (0, 4)
        assert b"\x1b" not in run.stdout
