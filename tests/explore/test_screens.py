"""What is on the screens: recorded ones at two sizes, tiny ones, hostile names, damage."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from textual.pilot import Pilot

from imgtar.explore.app import Explorer
from tests.builders import docker_save, file, tar
from tests.explore.hostile_image import HOSTILE, hostile
from tests.explore.screen import explore, press, recorded, text
from tests.paths import FIXTURES

SCREENS = {
    "layers": (),
    "files": ("down", "down", "tab", "right"),
    "waste": ("w",),
    "help": ("question_mark",),
}


@pytest.mark.parametrize("size", [(80, 24), (200, 50)], ids=["80x24", "200x50"])
@pytest.mark.parametrize("name", SCREENS)
def test_a_recorded_screen(name: str, size: tuple[int, int], request: pytest.FixtureRequest) -> None:
    path = Path(os.path.relpath(FIXTURES / "mysql.tar"))
    recorded(path, name, SCREENS[name], size, update=request.config.getoption("--update-golden"))


@pytest.mark.parametrize("size", [(20, 5), (1, 1), (5, 2), (59, 11)])
def test_tiny_terminals(size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], app: Explorer) -> None:
        await press(pilot, "tab", "right", "down", "enter", "escape", "tab", "w", "escape", "question_mark", "escape")
        await pilot.resize_terminal(90, 30)
        await press(pilot, "tab")
        assert "final filesystem" in text(app)

    explore(FIXTURES / "mysql.tar", steps, size)


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
