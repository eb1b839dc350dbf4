"""What a text says where a layer stops in the middle: nothing about what was not read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import docker_save, file, image_config, tar
from tests.cli.command import imgtar

# What each command says first about the part that was read, and what it must not claim of all.
SAID = {
    "inspect": ("  at least 23 kB in 2 layers", "23 kB in 2 layers = "),
    "duplicates": ("Of what was read: 10 kB in 1 group", "\n10 kB in 1 group"),
    "packages": ("of what was read: 0 packages own 0 B", "\n0 packages own"),
}


@pytest.fixture
def cut(tmp_path: Path) -> Path:
    """An archive that is whole, with a layer whose tar stops in the fourth of ten files."""
    layer = tar(*(file(f"f{number}", b"x" * 5000) for number in range(10)))
    path = tmp_path / "cut.tar"
    path.write_bytes(docker_save([tar(file("a", b"1" * 3000)), layer[:18_000]]))
    return path


@pytest.mark.parametrize("command", SAID)
def test_a_number_is_one_of_what_was_read(cut: Path, command: str) -> None:
    run = imgtar(command, cut)
    said, claimed = SAID[command]
    text = run.stdout.decode()
    assert run.returncode == 4
    assert said in text
    assert claimed not in text.replace(said, "")


def test_inspect_knows_neither_the_waste_nor_the_final_filesystem(cut: Path) -> None:
    text = imgtar("inspect", cut).stdout.decode()
    assert "  Waste  not known: 1 of 2 layers was not read completely\n" in text
    assert "final filesystem, as far as it was read, 23 kB" in text


def test_markdown_does_not_know_them_either(cut: Path) -> None:
    text = imgtar("inspect", cut, "-f", "markdown").stdout.decode()
    assert "| **Size** | at least **23 kB** in 2 layers" in text
    assert "| **Final filesystem** | as far as it was read, 23 kB: " in text
    assert "| **Wasted** | not known: 1 of 2 layers was not read completely |" in text


@pytest.mark.parametrize(
    ("columns", "note"),
    [
        ("80", "SIZE is file contents, as in docker history; the layers as stored take 1.77 MB"),
        ("200", "SIZE is file contents, as in docker history; BLOB is the layer as stored, 1.77 MB in all"),
    ],
)
def test_the_sizes_are_explained(fixtures: Path, columns: str, note: str) -> None:
    text = imgtar("inspect", fixtures / "mysql.tar", env={"COLUMNS": columns}).stdout.decode()
    assert f"  {note}\n" in text


def test_no_sum_is_told_where_a_layer_is_absent(tmp_path: Path) -> None:
    layers = [tar(file("a", b"1")), tar(file("b", b"2"))]
    path = tmp_path / "absent.tar"
    names = ["0/layer.tar", "1/layer.tar"]
    path.write_bytes(docker_save(layers[:1], layer_names=names, config=image_config(layers)))
    text = imgtar("inspect", path).stdout.decode()
    assert "  SIZE is file contents, as in docker history\n" in text
