"""`ls PATH`: what it takes, and what it says of a path that is not there (exit 1)."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from imgtar.cli.main import run
from tests.builders import directory, docker_save, file, layer, opaque, symlink, whiteout

# Four layers; /gone is stored in 0, changed in 1, deleted in 2; /back comes again in 3.
LAYERS = [
    layer(file("gone", b"1"), file("back", b"1"), directory("d/"), file("d/x", b"1"), file(b"new\nline", b"n")),
    layer(file("gone", b"22"), file(b"bad-\xff", b"b")),
    layer(whiteout("gone"), whiteout("back"), opaque("d")),
    layer(file("back", b"3"), file(r"new\x0aline", b"literal")),
]


@pytest.fixture
def image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "image.tar").write_bytes(docker_save(LAYERS))
    monkeypatch.chdir(tmp_path)
    return "image.tar"


def listed(capture: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[str], str]:
    code = run(["ls", *arguments])
    out, err = capture.readouterr()
    return code, out.splitlines(), err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["/gone"], "/gone: not in the final filesystem; layer 0 has it, layer 1 has it, layer 2 deletes it"),
        (["d/x"], "d/x: not in the final filesystem; layer 0 has it, layer 2 deletes it"),
        (["/nowhere"], "/nowhere: not in the final filesystem; no layer has it"),
        (["/gone", "--layer", "3"], "/gone: not in layer 3; layer 0 has it, layer 1 has it, layer 2 deletes it"),
        (["/back", "--layer", "1"], "/back: not in layer 1; layer 0 has it"),
        (["/gone/x", "--layer", "1"], "/gone/x: not in layer 1; no layer up to 1 has it"),
        (
            ["/gone", "--upto", "2"],
            "/gone: not in the filesystem after layer 2; layer 0 has it, layer 1 has it, layer 2 deletes it",
        ),
        (["/new", "--upto", "1"], "/new: not in the filesystem after layer 1; no layer up to 1 has it"),
        (["/nowhere", "--all-layers"], "/nowhere: not in the final filesystem; no layer has it"),
        (["/##[error]x"], r"/#\x23[error]x: not in the final filesystem; no layer has it"),
    ],
)
def test_a_path_that_is_not_there_says_where_it_was(
    image: str, capfd: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    assert listed(capfd, image, *arguments) == (1, [], f"imgtar: image.tar: {says}\n")
    assert listed(capfd, image, *arguments, "--quiet") == (1, [], "")


def test_of_many_layers_the_last_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "image.tar").write_bytes(docker_save([layer(file("f", b"1")), layer(whiteout("f"))] * 5))
    monkeypatch.chdir(tmp_path)
    _, _, err = listed(capfd, "image.tar", "f")
    assert "; 4 earlier layers change it, layer 4 has it, layer 5 deletes it, " in err
    assert err.endswith("layer 8 has it, layer 9 deletes it\n")


def test_a_path_that_is_there_is_listed_without_a_word(image: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert listed(capfd, image, "back") == (0, ["/back"], "")
    assert listed(capfd, image, "/gone", "--layer", "2") == (0, ["- /gone"], "")
    assert listed(capfd, image, "/d") == (0, ["/d/"], "")


def test_ls_takes_back_what_it_prints(image: str, capfd: pytest.CaptureFixture[str]) -> None:
    _, paths, _ = listed(capfd, image)
    assert r"/new\x0aline" in paths
    assert r"/new\\x0aline" in paths
    assert r"/bad-\xff" in paths
    for path in paths:
        code, found, _ = listed(capfd, image, path)
        assert code == 0
        assert path in found


@pytest.mark.parametrize("upto", range(4))
def test_the_filesystem_after_a_layer_is_that_of_an_image_that_ends_there(
    image: str, capfd: pytest.CaptureFixture[str], upto: int
) -> None:
    Path("shorter.tar").write_bytes(docker_save(LAYERS[: upto + 1]))
    assert listed(capfd, image, "--upto", str(upto), "--long") == listed(capfd, "shorter.tar", "--long")


def test_a_layer_above_is_not_read(capfd: pytest.CaptureFixture[str], image: str) -> None:
    Path("cut.tar").write_bytes(docker_save([*LAYERS[:2], LAYERS[2][:600] + b"\xff" * 512]))
    assert listed(capfd, "cut.tar", "--upto", "1") == (0, *listed(capfd, image, "--upto", "1")[1:])
    assert listed(capfd, "cut.tar")[0] == 4


@pytest.mark.parametrize("option", ["--layer", "--upto"])
def test_a_layer_that_the_image_lacks(image: str, capfd: pytest.CaptureFixture[str], option: str) -> None:
    wrong = "imgtar: image.tar: the image has no layer 4; it has layers 0 to 3\n"
    assert listed(capfd, image, option, "4") == (3, [], wrong)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (["--layer", "0"], ["--upto", "0"]),
        (["--layer", "0"], ["--all-layers"]),
        (["--all-layers"], ["--upto", "1"]),
    ],
)
def test_only_one_option_chooses_the_files(
    image: str, capfd: pytest.CaptureFixture[str], first: list[str], second: list[str]
) -> None:
    code, out, err = listed(capfd, image, *first, *second)
    assert (code, out) == (2, [])
    assert f"{first[0]} and {second[0]} cannot be used together; give one" in err
    assert listed(capfd, image, *second, *first)[0] == 2


def test_lines_of_layers_begin_with_the_layer_and_the_sign(image: str, capfd: pytest.CaptureFixture[str]) -> None:
    _, lines, _ = listed(capfd, image, "--all-layers")
    assert [line for line in lines if "gone" in line or "/d" in line] == [
        "  0 + /d/",
        "  0 + /d/x",
        "  0 + /gone",
        "  1 ~ /gone",
        "  2 - /d/x",
        "  2 - /gone",
    ]
    for line in listed(capfd, image, "--all-layers", "--long")[1]:
        assert re.search(r"  [0-3]  /", line)


def test_directories_end_in_a_slash_in_text_alone(image: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert "/d/" in listed(capfd, image)[1]
    assert listed(capfd, image, "--long")[1][2].endswith("  /d/")
    assert '"/d"' in "".join(listed(capfd, image, "--format", "json")[1])


def test_help_and_the_table_of_inspect_say_what_the_signs_mean(image: str, capfd: pytest.CaptureFixture[str]) -> None:
    _, lines, _ = listed(capfd, "--help")
    assert "+ the layer adds the path, ~ modifies it, - deletes it, . stores it again" in " ".join(
        line.strip() for line in lines
    )
    assert run(["inspect", image]) == 0
    assert "  + added, ~ modified, − deleted paths; · none, or a step that makes no layer\n" in capfd.readouterr().out


MERGED = [
    layer(directory("usr/"), directory("usr/lib/"), file("usr/lib/x", b"123"), symlink("lib", "usr/lib")),
    layer(file("usr/lib/gone.pem", b"12345"), symlink("up", "../../usr"), symlink("loop", "loop")),
    layer(whiteout("usr/lib/gone.pem"), file("opt/key.pem", b"k"), file("opt/[x]", b"b")),
]


@pytest.fixture
def merged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "image.tar").write_bytes(docker_save(MERGED))
    monkeypatch.chdir(tmp_path)
    return "image.tar"


@pytest.mark.parametrize(
    ("arguments", "lines", "says"),
    [
        (["/lib/x"], ["/usr/lib/x"], "/lib/x is /usr/lib/x"),
        (["up/lib/x"], ["/usr/lib/x"], "up/lib/x is /usr/lib/x"),
        (["/lib"], ["/lib"], ""),
        (["/lib/"], ["/usr/lib/", "/usr/lib/x"], "/lib/ is /usr/lib"),
        (["/usr/lib/"], ["/usr/lib/", "/usr/lib/x"], ""),
        (["/lib/gone.pem", "--layer", "2"], ["- /usr/lib/gone.pem"], "/lib/gone.pem is /usr/lib/gone.pem"),
        (["/lib/gone.pem", "--upto", "1"], ["/usr/lib/gone.pem"], "/lib/gone.pem is /usr/lib/gone.pem"),
        (["/../usr/../usr/lib/x"], ["/usr/lib/x"], ""),
        (["*.pem"], ["/opt/key.pem"], ""),
        (["*.pem", "--all-layers"], ["  1 + /usr/lib/gone.pem", "  2 + /opt/key.pem", "  2 - /usr/lib/gone.pem"], ""),
        (["/usr/*/"], ["/usr/lib/", "/usr/lib/x"], ""),
        (["/opt/*/"], None, "/opt/*/: not in the final filesystem; no layer has it"),
        (["/opt/[x]"], ["/opt/[x]"], ""),
        (["/usr/lib/*.pem"], None, "not in the final filesystem; layer 1 has it, layer 2 deletes it"),
        (["/lib/gone.pem"], None, "/lib/gone.pem is /usr/lib/gone.pem: not in the final filesystem; layer 1 has it, "),
        (["/loop/x"], None, "/loop/x: its links lead round in circles"),
        (["/loop"], ["/loop"], ""),
    ],
)
def test_paths_lead_through_links_and_patterns_match(
    merged: str, capfd: pytest.CaptureFixture[str], arguments: list[str], lines: list[str] | None, says: str
) -> None:
    code, found, err = listed(capfd, merged, *arguments)
    assert (code, found) == (1, []) if lines is None else (0, lines)
    assert says in err
    assert bool(says) == bool(err)


@pytest.mark.parametrize("path", ["a\\x00", "[", "x[[:digit:]]"])
def test_what_is_no_path_and_no_pattern(merged: str, capfd: pytest.CaptureFixture[str], path: str) -> None:
    assert listed(capfd, merged, path)[:2] == (2, [])


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        ([], ["    5 B  /", "    3 B  /usr/", "    2 B  /opt/"]),
        (["--depth", "0"], ["    5 B  /"]),
        (["/usr"], ["    3 B  /usr/", "    3 B  /usr/lib/"]),
        (["/lib/"], ["    3 B  /usr/lib/"]),
        (["--upto", "1", "--long", "--depth", "2"], [f"{8:>15}  {2:>9}  {p}" for p in ("/", "/usr/", "/usr/lib/")]),
        (["--layer", "1"], ["    5 B  /", "    5 B  /usr/"]),
        (["--all-layers", "--depth", "0"], ["  1      5 B  /", "  0      3 B  /", "  2      2 B  /"]),
        (["*.pem"], ["    1 B  /opt/key.pem"]),
    ],
)
def test_sums_by_directory(
    merged: str, capfd: pytest.CaptureFixture[str], arguments: list[str], lines: list[str]
) -> None:
    code, found, _ = listed(capfd, merged, "--du", *arguments)
    assert (code, found) == (0, lines)


def test_the_json_of_sums_has_their_total(merged: str, capfd: pytest.CaptureFixture[str]) -> None:
    _, lines, _ = listed(capfd, merged, "--du", "--format", "json", "--depth", "2", "/*r")
    document = json.loads(lines[0])
    assert (document["bytes"], document["files"], document["depth"], document["layer"]) == (3, 1, 2, None)
    row = {"type": "dir", "bytes": 3, "files": 1}
    assert document["directories"] == [{"path": "/usr", **row}, {"path": "/usr/lib", **row}]
    _, lines, _ = listed(capfd, merged, "--du", "--format", "json", "--all-layers", "--depth", "0")
    assert json.loads(lines[0])["bytes"] == 10


def test_the_csv_of_sums(merged: str, capfd: pytest.CaptureFixture[str]) -> None:
    _, lines, _ = listed(capfd, merged, "--du", "--format", "csv", "--layer", "2", "/opt")
    assert lines == ["layer,kind,path,bytes,files,note", "2,dir,/opt,2,2,"]


def test_depth_is_of_sums(merged: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert listed(capfd, merged, "--depth", "2") == (2, [], "imgtar: --depth needs --du\n")
