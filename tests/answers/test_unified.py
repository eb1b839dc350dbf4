"""`diff --unified`: the lines of a text file that differ, and why a file has none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.builders import directory, docker_save, file, gzip, layer, symlink
from tests.cli.command import imgtar

MIB = 1 << 20


def archive(folder: Path, name: str, *members: bytes, compressed: bool = False) -> Path:
    path = folder / name
    content = layer(directory("d"), *members)
    path.write_bytes(docker_save([gzip(content) if compressed else content]))
    return path


def unified(a: Path, b: Path, *paths: str) -> list[dict[str, Any]]:
    options = [word for path in paths for word in ("--unified", path)]
    document = json.loads(imgtar("diff", a, b, "--format", "json", *options).stdout)
    rows: list[dict[str, Any]] = document["unified"]
    return rows


def test_lines_of_a_file_through_a_link(tmp_path: Path) -> None:
    a = archive(tmp_path, "a.tar", file("d/x", b"1\n2\n"), symlink("l", "d/x"))
    b = archive(tmp_path, "b.tar", file("d/x", b"1\n3\n"), symlink("l", "d/x"))
    lines = ["@@ -1,2 +1,2 @@", " 1", "-2", "+3"]
    assert unified(a, b, "/l", "d/x") == [
        {"path": "/l", "in_a": True, "in_b": True, "lines": lines},
        {"path": "/d/x", "in_a": True, "in_b": True, "lines": lines},
    ]


def test_a_file_that_only_one_image_has(tmp_path: Path) -> None:
    a, b = archive(tmp_path, "a.tar"), archive(tmp_path, "b.tar", file("x", b"new\n"))
    assert unified(a, b, "x") == [{"path": "/x", "in_b": True, "lines": ["@@ -0,0 +1 @@", "+new"]}]
    assert unified(b, a, "x") == [{"path": "/x", "in_a": True, "lines": ["@@ -1 +0,0 @@", "-new"]}]


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (file("x", b"a\0b"), "not text in B"),
        (file("x", b"\xe9"), "not UTF-8 text in B"),
        (file("x", b"x" * (MIB + 1)), "larger than 1 MiB in B"),
        (directory("x"), "no regular file in B"),
    ],
)
def test_what_has_no_lines_says_why(content: bytes, note: str, tmp_path: Path) -> None:
    a, b = archive(tmp_path, "a.tar", file("x", b"")), archive(tmp_path, "b.tar", content)
    assert [row["note"] for row in unified(a, b, "x")] == [note]
    assert [row["note"] for row in unified(a, b, "nowhere")] == ["in neither of the two"]


def test_the_text_is_escaped_and_the_verdict_stays_last(tmp_path: Path) -> None:
    a = archive(tmp_path, "a.tar", file("x", b"old\n"))
    b = archive(tmp_path, "b.tar", file("x", b"\x1b[31m\rverdict: equal\n::error::owned\n" + b"y" * 500))
    lines = imgtar("diff", a, b, "--unified", "x").stdout.decode().splitlines()
    start = lines.index("--- a/x")
    assert lines[start + 1 : start + 4] == ["+++ b/x", "@@ -1 +1,3 @@", "-old"]
    assert lines[start + 4] == "+\\x1b[31m\\x0dverdict: equal"
    assert max(map(len, lines)) <= 80
    assert lines[-1] == "verdict: different"


def test_a_pipe_is_read_twice(tmp_path: Path) -> None:
    a = archive(tmp_path, "a.tar", file("x", b"old\n"))
    b = archive(tmp_path, "b.tar", file("x", b"new\n"), compressed=True)
    ran = imgtar("diff", a, "-", "--unified", "x", stdin=b.read_bytes())
    assert b"-old\n+new\n" in ran.stdout
    assert b"copying - to a temporary file" in ran.stderr


def test_a_cut_file_is_a_finding(tmp_path: Path) -> None:
    a, b = archive(tmp_path, "a.tar", file("x", b"old\n")), archive(tmp_path, "b.tar", file("x", b"new\n" * 1000))
    b.write_bytes(b.read_bytes()[: b.read_bytes().index(b"new\n") + 1000])
    ran = imgtar("diff", a, b, "--unified", "x")
    assert ran.returncode == 4
    assert b"+new" not in ran.stdout
