"""Where a layer was not read to its end, the pages say of each figure that it is one of what was read."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from imgtar.cli.main import run
from tests.builders import docker_members, docker_save, file, members_tar, tar, whiteout
from tests.report.html.browser import Browser, is_here

LAYERS = [
    tar(*(file(f"lib/f{number}", b"z" * 20_000) for number in range(3))),
    tar(
        whiteout("lib/f0"),
        file("opt/a", b"a" * 9300),
        file("opt/c", b"c" * 200_000),
        *(file(f"d{n}") for n in range(9)),
    ),
    tar(file("srv/x", b"x" * 700)),
]
BODY_OF_C = LAYERS[1].index(b"c" * 200_000)
WAYS = ["cut", "over a limit", "absent"]  # how layer 1 is not read


def written(way: str, folder: Path) -> list[str]:
    """The archive, and what the command line needs beside it."""
    layers, path = list(LAYERS), folder / "app.tar"
    if way == "cut":
        layers[1] = layers[1][: BODY_OF_C + 1000]
    members = docker_members(layers)
    path.write_bytes(members_tar([member for member in members if way != "absent" or member[1] != layers[1]]))
    limit = ["--limit", "layer-entries=9"] if way == "over a limit" else []
    return [str(path), *limit]


def page(command: str, way: str, folder: Path, capture: pytest.CaptureFixture[str]) -> str:
    """The part of the page that people read, without tags, on one line."""
    assert run([command, *written(way, folder), "--format", "html"]) in (4, 5)
    body = capture.readouterr().out.partition("<main")[2].partition("<script")[0]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", body)))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("command", ["inspect", "report"])
def test_sizes_and_waste_are_at_least_so_much(
    command: str, way: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    text = page(command, way, tmp_path, capfd)
    assert "1 of 3 layers was not read completely" in text
    assert re.search(r"[Aa]t least [\d.]+ kB in (its|3) layers", text), text
    assert "every stored byte is in" not in text
    if way == "absent":  # its whiteout is not known
        assert re.search(r"[Nn]ot known: 1 of 3 layers", text)
    else:
        assert re.search(r"At least 20 kB of [\d.]+ kB stored .*: 1 of 3 layers was not read", text)


@pytest.mark.parametrize("command", ["inspect", "report"])
def test_the_layer_has_at_least_its_bytes(command: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    text = page(command, "cut", tmp_path, capfd)
    assert "≥ 209 kB" in text
    assert re.findall(r"(?<!≥ )209 kB", text) == []
    assert " 60 kB" in text
    assert "≥ 60 kB" not in text


@pytest.mark.parametrize("command", ["inspect", "report"])
def test_nothing_is_at_least_where_all_was_read(
    command: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "app.tar").write_bytes(docker_save(LAYERS))
    run([command, str(tmp_path / "app.tar"), "--format", "html"])
    body = capfd.readouterr().out.partition("<main")[2].partition("<script")[0]
    assert not re.search(r"at least|≥|as far as", body, re.IGNORECASE)


def test_packages_are_those_that_were_found_so_far(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert "As far as it was read, no packages found." in page("report", "cut", tmp_path, capfd)


@pytest.mark.slow
@pytest.mark.skipif(not is_here(), reason="chromium and chromedriver are not installed")
def test_the_map_and_the_table_say_it_too(window: Browser, tmp_path: Path) -> None:
    run(["inspect", *written("absent", tmp_path), "-o", f"html={tmp_path / 'page.html'}"])
    window.open(tmp_path / "page.html", "#mode=changes&layer=1")
    scope = "return document.querySelector('.explorer .scope').firstChild.textContent"
    assert window.run(scope) == "changes of layer 1, as far as read: none"
    hint = window.run("return document.querySelector('.explorer .hint').textContent")
    assert hint.endswith("Only what was read: 1 of 3 layers was not read completely.")
    window.open(tmp_path / "page.html", "#mode=changes&layer=2")
    assert window.run(scope) == "changes of layer 2: +2"
