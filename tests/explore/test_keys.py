"""Every key does what the help says of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.events import Key
from textual.keys import _character_to_key
from textual.pilot import Pilot

from imgtar.answers.view import View
from imgtar.explore.app import Explorer
from imgtar.explore.keys import KEYS, MOVES
from imgtar.explore.model.browser import Browser
from imgtar.explore.pane import Pane
from tests.builders import directory, docker_save, file, tar, whiteout
from tests.explore.screen import Step, explore, opened, press, settled, text, walked
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


TO_LAYER_1 = ("home", "down", "down")
FINAL = "Files of the final filesystem"
WALKS: dict[str, list[Step]] = {
    "panes": [
        ((), ["final filesystem: 4 paths", "▸ etc/", "imgtar inspect"], ["▾"]),
        (("tab",), ["imgtar ls", "imgtar find"], []),
        (("tab",), ["imgtar find"], []),
        (("shift+tab",), ["imgtar find"], []),
        (("shift+tab",), ["imgtar inspect"], []),
        (("shift+tab", "tab"), ["imgtar inspect"], []),
    ],
    "rows": [
        (TO_LAYER_1, ["Files of layer 1", "▸ etc/"], ["big"]),
        (("k",), ["Files of layer 0"], []),
        (("j",), ["Files of layer 1"], []),
        (("up",), ["Files of layer 0"], []),
        (("end",), ["Files of layer 1"], []),
        (("g",), [FINAL], []),
        (("G",), ["Files of layer 1"], []),
        (("pageup",), [FINAL], []),
        (("pagedown",), ["Files of layer 1"], []),
        (("home",), [FINAL], []),
    ],
    "directories": [
        (("tab", "down", "space"), ["▾ etc/", "new"], []),
        (("space",), ["▸ etc/"], ["new"]),
        (("right",), ["▾ etc/"], []),
        (("left",), ["▸ etc/"], []),
        (("l", "down", "h"), ["▾ etc/", "/etc directory"], []),
        (("h",), ["▸ etc/"], []),
        (("enter",), ["▾ etc/"], []),
        (("ctrl+@",), ["▸ etc/"], ["▾"]),
        (("down", "enter", "down", "enter"), ["second", "imgtar cat"], ["Layers"]),
        (("escape", "home", "enter"), ["000000 00 00", "............"], []),
        (("escape",), ["Layers"], ["000000"]),
    ],
    "filter": [
        (("tab", "ctrl+f", *"ew", "enter"), ["▾ etc/", "new", "'*ew*'", "with ew: 1 path"], ["big"]),
        (("escape", "slash", *"*ig", "enter"), ["big", "with *ig"], ["etc"]),
        (("escape",), ["final filesystem: 4 paths", "etc"], ["with"]),
        (("slash", "[", "enter"), ["not a valid pattern", "final filesystem: 4 paths"], []),
        (("slash", "x", "escape"), ["4 paths"], ["with x"]),
        (("slash", "x", "enter"), ["with x: 0 paths"], []),
        (("escape",), ["4 paths"], ["with x"]),
    ],
    "changes": [
        ((*TO_LAYER_1, "tab", "right"), ["+ new", "~ a", "- old"], []),
        (("ctrl+a",), ["~ a", "- old", "without added"], ["+ new"]),
        (("ctrl+a",), ["+ new"], ["without"]),
        (("ctrl+r",), ["~ a", "+ new"], ["- old"]),
        (("ctrl+r", "m"), ["+ new", "- old"], ["~ a"]),
        (("m", "ctrl+u"), ["▾ etc/", "without unchanged: 3 paths"], []),
        (
            ("ctrl+a",),
            ["without added, unchanged: 2 paths", "(prints paths that are added, unchanged, too) imgtar"],
            [],
        ),
        (("escape",), ["imgtar ls"], ["without", "(prints"]),
    ],
    "stacked": [
        (("down", "ctrl+l"), ["Files after layer 0: 4 paths"], []),
        (("ctrl+l",), ["Files of layer 0"], []),
        (("ctrl+a",), ["Files after layer 0"], []),
        (("ctrl+b",), ["drwxr-xr-x 0:0"], []),
        (("ctrl+b",), ["etc"], ["0:0"]),
        (
            ("tab", "down", "right", "shift+tab", "end"),
            ["Files after layer 1: 4 paths", "7 B 1 ~ a", "4 B 1 + new"],
            [],
        ),
        (("home",), [FINAL, "7 B 1 a", "4 B 1 new"], []),
        (("b",), ["Layers"], []),
    ],
    "pages": [
        (("w",), ["Wasted bytes", "/etc/old", "imgtar inspect"], []),
        (("escape", "d"), ["Duplicates", "No two files of at least 4 kB", "imgtar duplicates"], ["Layers"]),
        (("escape", "p"), ["Packages", "no packages", "imgtar packages"], ["Layers"]),
        (("escape", "question_mark"), ["Ctrl-F, /", "imgtar explore --help"], []),
        (("q",), ["Layers"], []),
        (("equals_sign", "escape"), ["imgtar inspect"], ["Compared"]),
        (("equals_sign", *"none.tar", "enter"), ["none.tar: no such file", "Layers"], []),
        (("equals_sign", "-", "enter"), ["standard input is the terminal", "Layers"], []),
    ],
    "commands": [
        (("y",), ["copied: imgtar inspect"], []),
        (("x",), ["select a file"], []),
        (("tab", "y"), ["copied: imgtar ls"], []),
        (("x", "escape"), ["imgtar find"], []),
    ],
}


def test_a_long_error_takes_as_many_lines_as_it_needs(archive: Path) -> None:
    missing = "a-name-that-is-longer-than-the-terminal-is-wide-and-of-a-file-that-is-not-there-" * 2

    async def steps(pilot: Pilot[None], app: Explorer) -> None:
        panes = text(app).splitlines()
        await press(pilot, "equals_sign", *missing, "enter")
        lines = text(app).splitlines()
        foot = lines[lines.index(next(line for line in lines if line.startswith("a-name"))) :]
        assert len(foot) > 2
        assert "".join(foot).replace(" ", "").startswith(f"{missing}:nosuchfile;checkthepath".replace(" ", ""))
        assert len(lines) == len(panes) == 24
        await press(pilot, "down")
        assert text(app).splitlines()[-1].startswith("imgtar history")
        assert text(app).splitlines()[-2:-1] != foot[-2:-1]

    explore(archive, steps)


def test_the_command_names_what_is_folded(fixtures: Path) -> None:
    async def steps(pilot: Pilot[None], app: Explorer) -> None:
        await press(pilot, "end")
        assert "(prints the steps of the base image, too)   imgtar history" in text(app)
        await press(pilot, "b")
        assert "(prints" not in text(app)

    explore(fixtures / "mysql.tar", steps, (180, 24), base=2)


@pytest.mark.parametrize("name", WALKS)
def test_keys(archive: Path, name: str) -> None:
    walked(archive, WALKS[name], (180, 24))


def test_files_are_sorted_by_size_net_size_and_name(archive: Path) -> None:
    def names(app: Explorer) -> list[str]:
        rows = [line.rpartition("│")[2].split() for line in text(app).splitlines()[2:-1]]
        return [row[-1] for row in rows if row]

    async def steps(pilot: Pilot[None], app: Explorer) -> None:
        await press(pilot, *TO_LAYER_1, "tab", "right")
        assert names(app) == ["etc/", "a", "new", "old"]
        await press(pilot, "s")
        assert names(app) == ["etc/", "a", "old", "new"]
        assert "by size" in text(app)
        assert "--du" in text(app)
        await press(pilot, "s")
        assert names(app) == ["etc/", "new", "a", "old"]
        assert "by net size" in text(app)
        assert [net for net in ("+4 B", "+1 B", "-5 B", "+0 B") if net in text(app)] == ["+4 B", "+1 B", "-5 B", "+0 B"]
        await press(pilot, "ctrl+o")
        assert names(app) == ["etc/", "a", "new", "old"]
        assert "--du" not in text(app)

    explore(archive, steps, (180, 24))


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


def test_a_key_is_answered_in_one_frame(tmp_path: Path) -> None:
    path = tmp_path / "app.tar"
    path.write_bytes(docker_save([tar(*(file(f"d{d}/f{f}", b"x" * d) for d in range(9) for f in range(40)))] * 2))
    arranged: list[str] = []

    async def steps(pilot: Pilot[None], app: Explorer) -> None:
        files, detail = app.query_one("#files", Pane), app.query_one("#detail", Pane)
        await press(pilot, "tab")
        before = detail.lines
        files.select(1)
        assert detail.lines is not before, "the detail waits for a message"
        await press(pilot, "up")
        app.screen.screen_layout_refresh_signal.subscribe(app, lambda _: arranged.append("again"))
        for key in ("down", "up", "space", "pagedown", "end", "space", "space", "s", "home", "c", "shift+tab", "down"):
            await press(pilot, key)
            assert arranged == [], f"{key} arranges all panes again"

    explore(path, steps)


@pytest.mark.parametrize("typed", ["/new", "/etc/n"])
def test_what_is_typed_before_the_question_is_there_is_part_of_the_answer(archive: Path, typed: str) -> None:
    async def steps(pilot: Pilot[None], app: Explorer) -> None:
        for again in range(2):  # the second answer replaces the first
            for key in typed:
                app.post_message(Key(_character_to_key(key), key))
            app.post_message(Key("enter", None))
            await settled(pilot)
            assert f"with {typed[1:]}: " in text(app), (again, text(app))

    explore(archive, steps)


def test_no_collection_looks_at_the_lists_that_take_long(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left_out: list[str] = []
    monkeypatch.setattr("imgtar.explore.app.leave_out", lambda: left_out.append("again"))
    monkeypatch.setattr("imgtar.explore.app._FRAME", 0.0)  # every list takes longer than that

    async def steps(pilot: Pilot[None], app: Explorer) -> None:
        await press(pilot, "down")
        before = len(left_out)
        await press(pilot, "down")
        assert len(left_out) == before + 1

    explore(archive, steps)


def test_a_list_that_was_there_is_shown_at_once(tmp_path: Path) -> None:
    path = tmp_path / "app.tar"
    path.write_bytes(docker_save([tar(*(file(f"d/f{number}", b"x") for number in range(5000)))]))
    browser = Browser(opened(path))
    assert [_pauses(browser, row) for row in (0, 1, 0, 1)][2:] == [0, 0]


def _pauses(browser: Browser, row: int) -> int:
    browser.row = row
    return sum(1 for _ in browser.list_files())
