"""What is on the screens: recorded ones at two sizes, tiny ones, hostile names, damage."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from textual.pilot import Pilot

from imgtar.explore.app import Explorer
from imgtar.explore.pane import Pane
from tests.builders import docker_save, file, tar
from tests.explore.hostile_image import HOSTILE, hostile
from tests.explore.screen import SIZES, explore, press, recorded, settled, text
from tests.paths import FIXTURES

SCREENS = {
    "layers": (),
    "waste": ("w",),
    "help": ("question_mark",),
    "files": ("down", "down", "tab", "right"),
}


@pytest.mark.parametrize("size", SIZES)
def test_recorded_screens(size: tuple[int, int], request: pytest.FixtureRequest) -> None:
    path = Path(os.path.relpath(FIXTURES / "mysql.tar"))
    recorded(path, SCREENS, size, update=request.config.getoption("--update-golden"))


@pytest.mark.parametrize("size", SIZES)
def test_hostile_names_are_recorded(
    size: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.chdir(tmp_path)
    path = hostile(Path("[red]app.tar"))
    screens = {"hostile": ("down", "tab", "right", "down")}
    recorded(path, screens, size, update=request.config.getoption("--update-golden"))


@pytest.mark.parametrize("size", [(20, 5), (1, 1), (5, 2), (59, 11)])
def test_tiny_terminals(size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], app: Explorer) -> None:
        await press(pilot, "tab", "right", "down", "enter", "escape", "tab", "w", "escape", "question_mark", "escape")
        await pilot.resize_terminal(90, 30)
        await press(pilot, "tab")
        assert "final filesystem" in text(app)

    explore(FIXTURES / "mysql.tar", steps, size)


def test_the_detail_fills_the_columns_that_it_has(tmp_path: Path) -> None:
    path = tmp_path / "app.tar"
    path.write_bytes(docker_save([tar(file("a-directory/with-a-file", b"x"))]))

    async def steps(pilot: Pilot[None], app: Explorer) -> None:
        for size in ((40, 10), (80, 24), (50, 16), (40, 10), (100, 30)):
            await pilot.resize_terminal(*size)
            for key in ("tab", "down", "tab", "tab", "right"):
                await press(pilot, key)
                if app.query_one("#detail", Pane).has_focus:
                    assert "a-directory" in text(app), size
        await pilot.resize_terminal(40, 10)  # with the detail in sight
        await press(pilot, "tab", "tab")
        for size in ((40, 10), (90, 20), (30, 10)):
            await pilot.resize_terminal(*size)
            await settled(pilot)
            assert "a-directory" in text(app), size

    explore(path, steps)


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    path = hostile(tmp_path / "[red]app.tar")

    async def steps(pilot: Pilot[None], app: Explorer) -> None:
        await press(pilot, "down", "tab", "slash", *"d/", "enter", "down")
        assert "red] broken" in text(app)
        for _ in range(len(HOSTILE) + 3):
            await press(pilot, "down")
            assert "\x1b" not in text(app)
            await press(pilot, "enter")
            assert "\x1b" not in text(app)
            await press(pilot, "escape")
        await press(pilot, "end", "enter", "y", "w", "escape")
        assert "\x1b" not in text(app)

    explore(path, steps)


def test_damage_is_said(tmp_path: Path) -> None:
    path = tmp_path / "cut.tar"
    path.write_bytes(docker_save([tar(file("a", b"1" * 2000))[:700], tar(file("b", b"2"))]))

    async def steps(pilot: Pilot[None], app: Explorer) -> None:
        assert "INCOMPLETE" in text(app)
        await press(pilot, "down", "tab", "w", "escape")

    explore(path, steps)
