"""Explorers for tests: an image in a terminal that does not exist, and what it shows as text."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from io import StringIO
from pathlib import Path

from rich.console import Console
from textual.pilot import Pilot

from imgtar.answers.opening import open_session
from imgtar.answers.options import EVERYTHING, InspectOptions
from imgtar.answers.view import View
from imgtar.explore.app import Explorer
from imgtar.explore.model.compare_page import compared
from imgtar.explore.model.explored import Explored, explored
from tests.paths import ROOT

SIZE = (80, 24)
SCREENS = ROOT / "tests/explore/screens"
Steps = Callable[[Pilot[None], Explorer], Awaitable[None]]


def opened(path: Path, base: int | None = None, image: str | None = None) -> Explored:
    session = open_session(str(path), InspectOptions(base=base, image=image))
    session.read(EVERYTHING)
    shown = explored(session, unicode=True, base_options=() if base is None else ("--base", str(base)))
    assert shown is not None
    return shown


def written_nowhere(_path: str, _directory: str, _view: View) -> str:
    raise AssertionError("nothing is extracted here")


def explore(
    path: Path,
    steps: Steps,
    size: tuple[int, int] = SIZE,
    extract: Callable[[str, str, View], str] = written_nowhere,
    base: int | None = None,
    image: str | None = None,
    start: bytes = b"",
) -> None:
    """Runs an explorer and what a person does with it; an error in either ends the test."""

    async def run() -> None:
        shown = opened(path, base, image)
        compare = partial(compared, shown.session, str(path), reading=InspectOptions(base=base, image=image))
        app = Explorer(shown, extract, compare, start)
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            await steps(pilot, app)

    asyncio.run(run())


async def settled(pilot: Pilot[None]) -> None:
    """Waits for the work in the background, and for the screen to follow it."""
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def press(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await settled(pilot)


def recorded(path: Path, name: str, keys: Sequence[str], size: tuple[int, int], *, update: bool) -> None:
    """Compares the screen after these keys with the recorded one, or records it."""

    async def steps(pilot: Pilot[None], app: Explorer) -> None:
        await press(pilot, *keys)
        shown = text(app)
        golden = SCREENS / f"{name}-{size[0]}x{size[1]}.txt"
        if update:
            golden.write_text(shown)
        assert shown == golden.read_text()

    explore(path, steps, size)


def text(app: Explorer) -> str:
    """The screen as text."""
    width, height = app.size
    console = Console(width=width, height=height, file=StringIO(), record=True, legacy_windows=False)
    console.print(app.screen._compositor.render_update(full=True))
    lines = [line.rstrip() for line in console.export_text().splitlines()]
    return "\n".join(lines).rstrip() + "\n"
