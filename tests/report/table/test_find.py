"""The text of `find`: a line for each event, states in words, hostile and long names within the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from imgtar.cli.main import run
from imgtar.text import width
from tests.builders import directory, docker_save, file, hardlink, layer, symlink, whiteout
from tests.report.rendering import HOSTILE_NAMES, named_image

LAYERS = [
    layer(
        directory("d/"),
        file("d/f", b"f"),
        symlink("s", "d"),
        file("keep", b"12"),
        file("over", b"a"),
        file("over", b""),
    ),
    layer(file("keep", b"123", mode=0o600, uid=7, mtime=0), file("key", b"secret"), hardlink("hard", "key")),
    layer(whiteout("key"), whiteout("d/f"), whiteout("s"), file("d", b"now")),
    layer(file("keep", b"123", mode=0o600, uid=7, mtime=0)),
]


@pytest.fixture
def image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "app.tar").write_bytes(docker_save(LAYERS))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return "app.tar"


def printed(capture: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> list[str]:
    assert run(["find", *arguments]) == code
    return capture.readouterr().out.splitlines()


def test_a_file_that_is_gone_has_its_events_and_the_command_that_reads_it(
    image: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert printed(capfd, image, "/key") == [
        "/key                gone, 6 B still readable in layer 1",
        "  1 RUN  added          6 B  -rw-r--r--  0:0  2023-11-14 22:13",
        "  2 RUN  deleted",
        "",
        "1 path in 2 layers",
        "imgtar cat app.tar /key --layer 1 prints the first that is gone",
    ]


def test_an_event_says_why_and_what_is_new(image: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert printed(capfd, image, "/keep")[:4] == [
        "/keep               3 B, from layer 3",
        "  0 ADD  added          2 B  -rw-r--r--  0:0  2023-11-14 22:13",
        "  1 RUN  modified       3 B  content, mode -rw-------, owner 7:0, mtime 1970-01…",
        "  3 RUN  modified       3 B  stored again, nothing differs",
    ]
    assert printed(capfd, image, "/keep", "--no-trunc")[2].endswith("owner 7:0, mtime 1970-01-01 00:00")


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        ("/d", "/d                  3 B, from layer 2"),
        ("/s", "/s                  gone, symbolic link in layer 0"),
        ("/hard", "/hard               6 B, from layer 1"),
        ("/", "/                   directory"),
    ],
)
def test_a_state_is_said_in_words(pattern: str, line: str, image: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert printed(capfd, image, pattern)[0] == line


def test_a_directory_a_link_and_a_pattern_for_nothing_are_told(image: str, capfd: pytest.CaptureFixture[str]) -> None:
    lines = printed(capfd, image, "/d", "--upto", "1", "/s/f", "/x")
    assert "    1 path below (give '/d/**')" in lines
    assert "    via /s → d" in lines
    assert "nothing found for /x" in lines


def test_of_many_patterns_for_nothing_the_first_are_named(image: str, capfd: pytest.CaptureFixture[str]) -> None:
    lines = printed(capfd, image, "/key", *(f"/x{number}" for number in range(13)))
    assert lines[5:8] == ["nothing found for /x0", "nothing found for /x1", "nothing found for /x2"]
    assert lines[14:16] == ["nothing found for /x9", "nothing found for 3 more patterns"]


def test_a_digest_and_a_text_stand_beside_the_version(image: str, capfd: pytest.CaptureFixture[str]) -> None:
    lines = printed(capfd, image, "--grep", "secret", "--digests")
    assert lines[1:3] == [
        "  1 RUN  added          6 B  hrw-r--r--  0:0  2023-11-14 22:13  has the text  →…",
        "         sha256:2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b",
    ]


@pytest.mark.parametrize("columns", [80, 200])
def test_hostile_names_stay_on_their_lines(
    columns: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "app.tar").write_bytes(named_image(HOSTILE_NAMES))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = printed(capfd, "app.tar", "/**", "--digests", "--all-events")
    assert [line for line in lines if width(line) > columns and "sha256:" not in line] == []
    assert all(line.isprintable() for line in lines)
    words = {line.split()[0] for line in lines if line.startswith("  ")}
    assert {word for word in words if not word.startswith("sha256:")} - {"prints"} == {"0", "1", "2"}
