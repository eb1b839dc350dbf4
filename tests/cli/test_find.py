"""`find` on the command line: what is wrong usage, what a list may hold, and its exit codes."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from imgtar.cli.main import run
from tests.builders import docker_save, file, hardlink, layer, opaque, symlink, whiteout

LAYERS = [layer(file("a.pem", b"key"), file("b", b"b"), symlink("l", "m"), symlink("m", "l")), layer(whiteout("a.pem"))]
KEY = "sha256:2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683"


@pytest.fixture
def image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "app.tar").write_bytes(docker_save(LAYERS))
    monkeypatch.chdir(tmp_path)
    return "app.tar"


def outcome(capture: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[str], str]:
    """The exit code, the paths that were found, and what standard error says."""
    code = run(["find", *arguments, "--format", "jsonl"])
    out, err = capture.readouterr()
    return code, [row["path"] for row in map(json.loads, out.splitlines()) if row["record"] == "match"], err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["/a\0b"],
        [r"/a\x00b"],
        ["sha256:12"],
        ["[x"],
        [""],
        ["b", "--deleted", "--present"],
        ["b", "--layer", "0", "--upto", "0"],
        ["b", "--type", "f,x"],
        ["b", "--type", ""],
        ["b", "--size", "large"],
        ["b", "--size", "+-1"],
        ["b", "--mode", "888"],
        ["b", "--mode", "+444"],
        ["b", "--owner", "root"],
        ["--grep", ""],
        ["--grep", "x\0y"],
        ["@missing"],
    ],
)
def test_wrong_usage_is_exit_2_and_one_line(
    arguments: list[str], image: str, capfd: pytest.CaptureFixture[str]
) -> None:
    code, found, err = outcome(capfd, image, *arguments)
    assert (code, found) == (2, [])
    assert err.count("\n") == 1
    assert "\0" not in err


@pytest.mark.parametrize(
    ("arguments", "paths"),
    [
        (["--size", "-2", "--type", "f"], ["/b"]),
        (["--size", "+1", "--type", "f,d"], ["/a.pem"]),
        (["--mode", "-0644", "--owner", "0:0", "--type", "f"], ["/a.pem", "/b"]),
        (["--mode", "/4000"], []),
        (["--owner", "1"], []),
        (["--grep", "key", "--type", "f"], ["/a.pem"]),
        (["--grep", "-y"], []),
    ],
)
def test_options_alone_are_a_search(
    arguments: list[str], paths: list[str], image: str, capfd: pytest.CaptureFixture[str]
) -> None:
    code, found, _ = outcome(capfd, image, *arguments)
    assert (code, found) == (0 if paths else 1, paths)


def test_a_list_has_a_pattern_on_each_line(image: str, capfd: pytest.CaptureFixture[str]) -> None:
    Path("list").write_bytes(b"# what must not be here\n\n" + KEY.encode() + b"\r\n/b\n")
    assert outcome(capfd, image, "@list") == (0, ["/a.pem", "/b"], "")
    Path("@list").write_bytes(b"")
    assert outcome(capfd, image, "@@list")[0] == 2  # no pattern in it
    Path("list").write_bytes(b"/b\n/\0\n")
    assert outcome(capfd, image, "@list")[0] == 2


def test_nothing_found_is_exit_1_and_a_line(image: str, capfd: pytest.CaptureFixture[str]) -> None:
    code, found, err = outcome(capfd, image, "*.key", "/x")
    assert (code, found) == (1, [])
    assert err == "imgtar: app.tar: nothing found: 2 layers, and none has *.key, /x\n"
    assert outcome(capfd, image, "*.pem", "--present")[0] == 1
    assert outcome(capfd, image, "*.pem", "--present")[2].endswith("no path is what the options ask for\n")
    assert outcome(capfd, image, "*.key", "*.pem")[0] == 0
    assert outcome(capfd, image, "*.key", "--quiet")[2] == ""


def test_a_loop_is_listed_and_exit_1(image: str, capfd: pytest.CaptureFixture[str]) -> None:
    code, found, err = outcome(capfd, image, "/l/x")
    assert (code, found) == (1, ["/l/x"])
    assert "symbolic links on the way lead to one another" in err


def test_too_many_matches_are_exit_5(image: str, capfd: pytest.CaptureFixture[str]) -> None:
    code, found, err = outcome(capfd, image, "/**", "--limit", "find-matches=2")
    assert (code, found) == (5, ["/a.pem", "/b"])
    assert "limit.find-matches" in err


def test_a_layer_that_the_image_lacks_is_exit_3(image: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert outcome(capfd, image, "b", "--layer", "2")[0] == 3
    assert outcome(capfd, image, "b", "--upto", "1")[:2] == (0, ["/b"])


def test_several_images_are_exit_2(fixtures: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, _, err = outcome(capfd, str(fixtures / "p5-multi.tar"), "/**")
    assert code == 2
    assert "--image @N" in err
    assert outcome(capfd, str(fixtures / "p5-multi.tar"), "/**", "--image", "@1")[0] == 0


@pytest.mark.parametrize("form", ["json", "csv"])
def test_other_formats_have_the_same_events(form: str, image: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["find", image, "*.pem", KEY, "--format", form]) == 0
    out = capfd.readouterr().out
    if form == "csv":
        heading, *rows = out.splitlines()
        assert heading.startswith("path,state,via,layer,instruction,kind,")
        assert [row.split(",")[:6] for row in rows] == [
            ["/a.pem", "deleted", "", "0", "ADD", "added"],
            ["/a.pem", "deleted", "", "1", "RUN", "deleted"],
        ]
        return
    document = json.loads(out)
    [match] = document["matches"]
    assert (match["path"], match["state"], match["size"], match["layer"]) == ("/a.pem", "deleted", 3, 0)
    assert [event["sha256"] for event in match["events"]] == [KEY[7:]] * 2
    assert document["unmatched"] == []


GONE = [
    layer(
        file("d/x", b"below"),
        file("o/y", b"opaque"),
        file("r/z", b"replaced"),
        file("h", b"linked"),
        hardlink("i", "h"),
    ),
    layer(file("new\nline", b"odd name")),
    layer(whiteout("d"), opaque("o"), file("r", b"now a file"), whiteout("i"), whiteout("new\nline")),
]


@pytest.mark.parametrize(
    ("path", "content"),
    [("/d/x", "below"), ("/o/y", "opaque"), ("/r/z", "replaced"), ("/i", "linked"), (r"/new\x0aline", "odd name")],
)
def test_the_command_that_is_named_prints_the_file_that_is_gone(
    path: str, content: str, image: str, capfd: pytest.CaptureFixture[str]
) -> None:
    Path(image).write_bytes(docker_save(GONE))
    assert run(["find", image, path]) == 0
    last = capfd.readouterr().out.splitlines()[-1]
    assert last.endswith(" prints the first that is gone")
    program, *arguments = shlex.split(last.removesuffix(" prints the first that is gone"))
    assert program == "imgtar"
    assert run(arguments) == 0
    assert capfd.readouterr().out == content


def test_the_command_chooses_the_image(fixtures: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    archive = str(fixtures / "d20-two-images-shared.tar")
    for number in ("@0", "@1"):
        assert run(["find", archive, "--image", number, "--deleted", "--no-trunc", "--type", "f"]) in (0, 1)
        for line in capfd.readouterr().out.splitlines():
            if line.startswith("imgtar cat"):
                assert run(shlex.split(line.removesuffix(" prints the first that is gone"))[1:]) == 0
                assert capfd.readouterr().out
