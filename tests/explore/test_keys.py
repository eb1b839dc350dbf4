"""Every key does what the help says of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.pilot import Pilot

from imgtar.answers.view import View
from imgtar.explore.app import Explorer
from imgtar.explore.keys import KEYS, MOVES
from tests.builders import directory, docker_save, file, tar, whiteout
from tests.explore.screen import explore, press, text
from tests.paths import FIXTURES, ROOT

LAYERS = [
    tar(directory("etc/"), file("etc/a", b"first\n"), file("etc/old", b"gone\n"), file("big", b"\0" * 5000)),
    tar(file("etc/a", b"second\n"), whiteout("etc/old"), file("etc/new", b"new\n")),
]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("explore") / "app.tar"
    path.write_bytes(docker_save(LAYERS))
    return path


def pressed(archive: Path, *keys: str, size: tuple[int, int] = (100, 24)) -> str:
    """The screen after these keys."""
    shown: list[str] = []

    async def steps(pilot: Pilot[None], app: Explorer) -> None:
        await press(pilot, *keys)
        shown.append(text(app))

    explore(archive, steps, size)
    return shown[0]


TO_LAYER_1 = ("down", "down")


@pytest.mark.parametrize(
    ("keys", "there", "absent"),
    [
        ((), ["final filesystem: 4 paths", "▸ etc/", "imgtar inspect"], ["▾"]),
        (("tab",), ["imgtar ls", "imgtar find"], []),
        (("tab", "tab", "shift+tab"), ["imgtar find"], []),
        (("shift+tab", "tab"), ["imgtar inspect"], []),
        (TO_LAYER_1, ["Files of layer 1", "▸ etc/"], ["big"]),
        (("j", "j", "k"), ["Files of layer 0"], []),
        (("end",), ["Files of layer 1"], []),
        (("G", "g"), ["Files of the final filesystem"], []),
        (("pagedown",), ["Files of layer 1"], []),
        (("end", "pageup"), ["Files of the final filesystem"], []),
        (("end", "home"), ["Files of the final filesystem"], []),
        (("tab", "down", "space"), ["▾ etc/", "new"], []),
        (("tab", "down", "space", "space"), ["▸ etc/"], ["new"]),
        (("tab", "down", "right"), ["▾ etc/"], []),
        (("tab", "down", "l", "down", "h"), ["▾ etc/", "/etc directory"], []),
        (("tab", "down", "l", "down", "left", "left"), ["▸ etc/"], []),
        (("tab", "down", "enter", "ctrl+@"), ["▸ etc/"], ["▾"]),
        (("tab", "down", "enter", "down", "enter"), ["second", "imgtar cat"], ["Layers"]),
        (("tab", "enter"), ["000000 00 00", "............"], []),
        (("tab", "enter", "escape"), ["Layers"], ["000000"]),
        (("tab", "ctrl+f", *"ew", "enter"), ["▾ etc/", "new", "'*ew*'", "with ew: 1 path"], ["big"]),
        (("slash", *"*ig", "enter"), ["big", "with *ig"], ["etc"]),
        (("slash", "[", "enter"), ["not a valid pattern", "final filesystem: 4 paths"], []),
        (("slash", "x", "escape"), ["4 paths"], []),
        (("slash", "x", "enter", "escape"), ["4 paths"], ["with x"]),
        ((*TO_LAYER_1, "tab", "right"), ["+ new", "~ a", "- old"], []),
        ((*TO_LAYER_1, "tab", "right", "ctrl+a"), ["~ a", "- old", "without added"], ["+ new"]),
        ((*TO_LAYER_1, "tab", "right", "ctrl+r"), ["~ a", "+ new"], ["- old"]),
        ((*TO_LAYER_1, "tab", "right", "m"), ["+ new", "- old"], ["~ a"]),
        ((*TO_LAYER_1, "tab", "right", "ctrl+u"), ["▾ etc/", "without unchanged: 3 paths"], []),
        (("down", "ctrl+l"), ["Files after layer 0: 4 paths"], []),
        (("down", "ctrl+l", "ctrl+l"), ["Files of layer 0"], []),
        (("down", "ctrl+a"), ["Files after layer 0"], []),
        (("ctrl+b",), ["drwxr-xr-x 0:0"], []),
        (("w",), ["Wasted bytes", "/etc/old", "imgtar inspect"], []),
        (("d",), ["Duplicates", "No two files of at least 4 kB", "imgtar duplicates"], ["Layers"]),
        (("equals_sign", *"none.tar", "enter"), ["none.tar: no such file", "Layers"], []),
        (("equals_sign", "-", "enter"), ["standard input is the terminal", "Layers"], []),
        (("equals_sign", "escape"), ["imgtar inspect"], ["Compared"]),
        (("p",), ["Packages", "no packages", "imgtar packages"], ["Layers"]),
        (("question_mark",), ["Ctrl-F, /", "imgtar explore --help"], []),
        (("question_mark", "q"), ["Layers"], []),
        (("y",), ["copied: imgtar inspect"], []),
        (("tab", "y"), ["copied: imgtar ls"], []),
        (("x",), ["select a file"], []),
        (("tab", "x", "escape"), ["imgtar find"], []),
        (("b",), ["Layers"], []),
    ],
)
def test_a_key(archive: Path, keys: tuple[str, ...], there: list[str], absent: list[str]) -> None:
    shown = " ".join(pressed(archive, *keys, size=(180, 24)).split())
    assert [words for words in there if words not in shown] == [], shown
    assert [words for words in absent if words in shown] == [], shown


def test_sorting_by_size_puts_the_largest_first(archive: Path) -> None:
    def order(shown: str) -> bool:
        return shown.index("big") < shown.index("▸ etc/")

    assert order(pressed(archive, "s"))
    by_name = pressed(archive, "tab", "down", "space", "s", "s")
    assert re.search(r"big.*▾ etc/", by_name, re.DOTALL)
    assert "--du" in pressed(archive, "tab", "ctrl+o")


def test_extracting_asks_for_a_directory(archive: Path) -> None:
    asked: list[tuple[str, str, View]] = []

    def extract(path: str, directory: str, view: View) -> str:
        asked.append((path, directory, view))
        return "1 path written"

    async def steps(pilot: Pilot[None], app: Explorer) -> None:
        await press(pilot, *TO_LAYER_1, "tab", "right", "end", "x", "o", "enter")
        assert "1 path written" in text(app)

    explore(archive, steps, extract=extract)
    assert asked == [("/etc/old", "o", View(layer=0))]


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
def test_the_program_ends(archive: Path, key: str) -> None:
    async def steps(pilot: Pilot[None], app: Explorer) -> None:
        await pilot.press(key)
        assert not app.is_running or app._exit

    explore(archive, steps)


def test_the_layers_of_the_base_are_one_row_until_a_key_lists_them() -> None:
    async def steps(pilot: Pilot[None], app: Explorer) -> None:
        folded = text(app)
        assert "base (3 layers)" in folded
        assert "GOSU" not in folded
        await press(pilot, "b")
        assert "base (3 layers)" not in text(app)
        assert "GOSU" in text(app)
        assert "mysql.tar --base 3" in text(app)
        await press(pilot, "b")
        assert text(app) == folded

    explore(FIXTURES / "mysql.tar", steps, base=3)


def test_every_key_is_tried_here() -> None:
    source = Path(__file__).read_text()
    for key in (*MOVES, *KEYS):
        assert any(f'"{name}"' in source for name in key.names.split(",")), key


def test_the_page_has_every_key() -> None:
    page = (ROOT / "docs/explore.md").read_text()
    for key in (*MOVES, *KEYS):
        assert f"| {key.shown} | {key.meaning} |" in page
