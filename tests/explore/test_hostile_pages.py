"""Hostile names on every page, tiny terminals, and a terminal without colours."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.pilot import Pilot

from imgtar.explore.app import Explorer
from tests.answers.inventories import dpkg
from tests.builders import docker_save, file, tar, whiteout
from tests.explore.hostile_image import HOSTILE
from tests.explore.screen import explore, press, text
from tests.hostile.case import CONTROLS

BODY = b"x\x1b]0;owned\x07\r[/red]\n" * 400  # more than what duplicates leave out
NAMES = [name for name in HOSTILE if b"\n" not in name]
LAYERS = [
    tar(
        dpkg(*(name.decode("utf-8", "replace") + "=1" for name in NAMES)),
        *(file(b"d/" + name, BODY) for name in HOSTILE),
        *(file(b"gone/" + name, BODY) for name in HOSTILE),
    ),
    tar(whiteout("gone")),
]
PAGES = {
    "waste": ("w",),
    "duplicates": ("d",),
    "packages": ("p",),
    "packages-by-layer": ("p", "tab"),
    "unowned": ("p", "tab", "tab"),
    "package-types": ("p", "shift+tab"),
    "compare": ("equals_sign", *"[red]other.tar", "enter"),
    "help": ("question_mark",),
}


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history = [{"created_by": "RUN [/red] \x1b]0;owned\x07", "created": "\x1b[2Jclear"}, {"created_by": "RUN \u202ex"}]
    Path(tmp_path / "[red]app.tar").write_bytes(docker_save(LAYERS, names=["[/red]:broken"], history=history))
    other = tar(*(file(b"n/" + name, BODY) for name in HOSTILE))
    Path(tmp_path / "[red]other.tar").write_bytes(docker_save([other], names=["[/red]:other"]))
    monkeypatch.chdir(tmp_path)


def check(app: Explorer) -> None:
    shown = text(app)
    assert not CONTROLS.search(shown), shown
    assert len(shown.splitlines()) <= app.size.height


def test_hostile_names_stay_text() -> None:
    async def steps(pilot: Pilot[None], app: Explorer) -> None:
        for name, keys in PAGES.items():
            await press(pilot, *keys)
            check(app)
            assert "[/red]" in text(app) or name in ("packages-by-layer", "package-types", "help")
            for _ in range(len(HOSTILE)):
                await press(pilot, "down")
                check(app)
            await press(pilot, "slash", *"[/red", "enter")
            check(app)
            await press(pilot, "y", "enter")
            check(app)
            await press(pilot, "escape", "escape")
            check(app)

    explore(Path("[red]app.tar"), steps, (100, 40))


def test_pages_in_a_tiny_terminal() -> None:
    async def steps(pilot: Pilot[None], app: Explorer) -> None:
        for keys in PAGES.values():
            await press(pilot, *keys)
            for size in ((20, 5), (1, 1), (5, 2)):
                await pilot.resize_terminal(*size)
                await press(pilot, "down", "end", "slash", "x", "enter", "n", "tab", "shift+tab")
            await pilot.resize_terminal(90, 30)
            await press(pilot, "home")
            check(app)
            assert "imgtar" in text(app).splitlines()[-1]
            await press(pilot, "escape")

    explore(Path("[red]app.tar"), steps, (90, 30))


def test_without_colours_the_cursor_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    async def steps(pilot: Pilot[None], app: Explorer) -> None:
        assert app.no_color
        await press(pilot, "w")
        pane = app.screen.query_one("Pane")
        styles = [segment.style for strip in pane.render_lines(pane.size.region) for segment in strip if segment.style]
        assert any(style.reverse for style in styles)

    explore(Path("[red]app.tar"), steps)


def test_no_widget_takes_a_string_of_the_image() -> None:
    """Only cells reach widgets: nothing in the explorer imports a widget that reads markup, but the line of input."""
    sources = "".join(path.read_text() for path in (Path(__file__).parents[2] / "imgtar/explore").glob("*.py"))
    assert re.findall(r"from textual.widgets import (.*)", sources) == ["Input"]
    assert not re.search(r"\b(?:Static|Label|Tree|DataTable|notify|markup)\b", sources)
