"""The text of extract: counts, deleted files by size, what is not written, and where links lead."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import device, docker_save, file, layer, symlink, whiteout
from tests.cli.command import imgtar
from tests.extraction.extracting import stored
from tests.paths import FIXTURES


def text(archive: bytes | Path, folder: Path, *options: str, width: str = "80") -> list[str]:
    path = stored(archive, folder)
    ran = imgtar("extract", path, "--output", "out", *options, cwd=folder, env={"COLUMNS": width})
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.decode().splitlines()


def test_what_was_written_is_counted(tmp_path: Path) -> None:
    image = docker_save([layer(file("d/f", b"x" * 1000), symlink("abs", "/d"), symlink("climbs", "../x"))])
    assert text(image, tmp_path) == [
        "out: 1 file, 1 directory, 2 symbolic links, 1 kB",
        "  2 symbolic links lead out of the directory; --links inside keeps them in",
    ]


def test_what_is_not_written_is_listed_with_its_reason(tmp_path: Path) -> None:
    image = docker_save([layer(file("f", b""), *(device(f"dev/{number}", 1, 3) for number in range(12)))])
    lines = text(image, tmp_path, "--top", "1")
    assert lines == [
        "out: 1 file, 1 directory, 0 B",
        "12 not written:",
        "  TYPE  WHY                  PATH",
        "  char  --special writes it  /dev/0",
        "  … 11 more (--top 0 shows all)",
    ]


def test_deleted_files_are_listed_by_size_with_the_layer_that_deletes_them(tmp_path: Path) -> None:
    lines = text(FIXTURES / "mysql.tar", tmp_path, "--deleted", "--top", "0")
    assert lines[0] == "out: 38 files of 3 layers that the final filesystem lacks, 29.8 kB"
    assert "    115 B  4 RUN       layer-03/root/.ssh/id_rsa" in lines


@pytest.mark.parametrize("name", ["a\x1b[31mb", "a\nb", "\u202egnp"])
def test_names_are_escaped(name: str, tmp_path: Path) -> None:
    image = docker_save([layer(device(name, 1, 3), file(f"gone{name}", b"x")), layer(whiteout(f"gone{name}"))])
    for number, options in enumerate(((), ("--deleted",), ("--list",))):
        room = tmp_path / str(number)
        room.mkdir()
        shown = "\n".join(text(image, room, *options))
        assert not set(shown) & set("\x1b\u202e")
        assert len(shown.splitlines()) <= 5
