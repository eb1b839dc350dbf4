"""`ls PATH`: what it takes, and what it says of a path that is not there (exit 1)."""

from __future__ import annotations

from pathlib import Path

import pytest

from imgtar.cli.main import run
from tests.builders import directory, docker_save, file, layer, opaque, whiteout


@pytest.fixture
def image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Four layers; /gone is stored in 0, changed in 1, deleted in 2; /back comes again in 3."""
    layers = [
        layer(file("gone", b"1"), file("back", b"1"), directory("d/"), file("d/x", b"1"), file(b"new\nline", b"n")),
        layer(file("gone", b"22"), file(b"bad-\xff", b"b")),
        layer(whiteout("gone"), whiteout("back"), opaque("d")),
        layer(file("back", b"3"), file(r"new\x0aline", b"literal")),
    ]
    (tmp_path / "image.tar").write_bytes(docker_save(layers))
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
        (["/nowhere", "--all-layers"], "/nowhere: not in the final filesystem; no layer has it"),
        (["##[error]x"], r"#\x23[error]x: not in the final filesystem; no layer has it"),
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
    assert listed(capfd, image, "/d") == (0, ["/d"], "")


def test_ls_takes_back_what_it_prints(image: str, capfd: pytest.CaptureFixture[str]) -> None:
    _, paths, _ = listed(capfd, image)
    assert r"/new\x0aline" in paths
    assert r"/new\\x0aline" in paths
    assert r"/bad-\xff" in paths
    for path in paths:
        code, found, _ = listed(capfd, image, path)
        assert code == 0
        assert path in found
