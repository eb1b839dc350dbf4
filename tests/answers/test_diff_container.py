"""`diff` of an image and the exported filesystem of its container: docker's own answers, and hostile names."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from imgtar import open_session
from tests.builders import directory, docker_save, file, gzip, tar

IMAGE = (directory("etc"), file("etc/a", b"a"), directory("opt"), file("opt/gone/x", b"x"), file("opt/gone/y", b"y"))


def run(*arguments: object) -> tuple[int, str]:
    line = [sys.executable, "-m", "imgtar", "diff", *map(str, arguments)]
    done = subprocess.run(line, capture_output=True, check=False, timeout=60)
    assert b"Traceback" not in done.stderr
    return done.returncode, done.stdout.decode()


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "image.tar"
    path.write_bytes(docker_save([tar(*IMAGE)]))
    return path


def export(folder: Path, *members: bytes) -> Path:
    path = folder / "export.tar"
    path.write_bytes(tar(file(".dockerenv"), *members))
    return path


def test_the_container_changed_what_docker_commit_stored(fixtures: Path) -> None:
    code, text = run(
        fixtures / "d20-two-images-shared.tar",
        fixtures / "d20-export.tar",
        "--image",
        "r/mysqlish:bk",
        "--format=docker",
    )
    committed = open_session(fixtures / "d20-commit.tar")
    changes = [(row.kind[0].upper().replace("M", "C"), row.path) for row in committed.changes(0, 10)]
    assert code == 1
    assert text.splitlines() == sorted((f"{kind} {path}" for kind, path in changes), key=lambda line: line[2:])


def test_parents_are_changes_and_what_is_below_a_deleted_directory_is_not_listed(image: Path, tmp_path: Path) -> None:
    other = export(tmp_path, directory("etc"), file("etc/a", b"b"), directory("opt"), file("opt/new/z", b"z"))
    assert run(image, other, "--format", "docker")[1].splitlines() == [
        "C /etc",
        "C /etc/a",
        "C /opt",
        "D /opt/gone",
        "A /opt/new",
        "A /opt/new/z",
    ]


def test_a_name_cannot_add_a_line(image: Path, tmp_path: Path) -> None:
    other = export(tmp_path, *IMAGE, file("etc/x\nD /etc/passwd", b""), file(b"etc/\x1b[31m\xff", b""))
    for form in ("docker", "markdown", "table"):
        text = run(image, other, "--format", form, "--no-trunc")[1]
        assert "\nD /etc/passwd" not in text
        assert "\x1b" not in text
        assert r"\x0a" in text
        assert r"\xff" in text


def test_markdown_stays_markup_free(image: Path, tmp_path: Path) -> None:
    name = "etc/`|<img src=x>@team ![x](x)"
    text = run(image, export(tmp_path, *IMAGE, file(name, b"")), "--format", "markdown")[1]
    assert text.startswith("**verdict: different**\n")
    [line] = [line for line in text.splitlines() if "img src" in line]
    assert line.count("``") == 2
    assert "\\|" in line


def test_markdown_has_its_limit(image: Path, tmp_path: Path) -> None:
    many = (file(f"etc/{'n' * 150}{number}", b"x" * number) for number in range(3000))
    text = run(image, export(tmp_path, *IMAGE, *many), "--format", "markdown", "--top", "0")[1]
    assert len(text.encode()) <= 65_536
    assert "more" in text


@pytest.mark.parametrize("options", [(), ("--content",), ("--strict",)])
def test_packings_of_one_filesystem_are_equal(options: tuple[str, ...], image: Path, tmp_path: Path) -> None:
    plain = tmp_path / "root.tar"
    plain.write_bytes(tar(*IMAGE))
    packed = tmp_path / "root.tar.gz"
    packed.write_bytes(gzip(tar(*IMAGE)))
    for other in (plain, packed):
        code, text = run(image, other, *options)
        assert (code, text.splitlines()[-1]) == (0, "verdict: equal")


def test_an_extracted_image_has_the_content_of_the_image(fixtures: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    line = [sys.executable, "-m", "imgtar", "extract", fixtures / "mysql.tar", "--output", out, "--quiet"]
    subprocess.run(list(map(str, line)), check=True, capture_output=True)
    code, text = run(fixtures / "mysql.tar", out, "--content", "--exclude", "/dev", "--exclude", "*fifo*", "--top", "0")
    rows = [line for line in text.splitlines() if line.lstrip()[:1] in "+~>-" and "char" not in line]
    assert code in (0, 1)
    assert not any(" content " in row for row in rows)


def test_strict_leaves_out_nothing(fixtures: Path) -> None:
    _, text = run(
        fixtures / "d20-two-images-shared.tar",
        fixtures / "d20-export.tar",
        "--image",
        "r/mysqlish:bk",
        "--strict",
        "--top=0",
    )
    assert "/.dockerenv" in text
    assert "left out" not in text


def test_a_pipe_in_a_directory_does_not_block(image: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    os.mkfifo(root / "etc/a")
    assert run(image, root, "--content")[0] == 1


def test_a_root_filesystem_is_not_the_image_before(image: Path, tmp_path: Path) -> None:
    assert run(export(tmp_path, *IMAGE), image)[0] == 3


def test_a_cut_export_is_incomplete(image: Path, tmp_path: Path) -> None:
    other = export(tmp_path, *IMAGE, file("etc/z", bytes(5000)))
    other.write_bytes(other.read_bytes()[:-3000])
    assert run(image, other)[0] == 4
