"""Explorers for tests: an image in a terminal that does not exist, and what it shows as text."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from functools import partial
from io import StringIO
from pathlib import Path
from runpy import run_path

import pytest
from rich.console import Console
from textual.events import Key
from textual.keys import _character_to_key
from textual.message_pump import MessagePump
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
SIZES = [pytest.param((80, 24), id="80x24"), pytest.param((200, 50), id="200x50")]  # of the recorded screens
PICTURES = ("layers", "files", "waste", "packages", "hostile")
picture: Callable[[Explorer], str] = run_path(str(ROOT / "scripts/explorer_picture.py"))["picture"]
Step = tuple[Sequence[str], Sequence[str], Sequence[str]]  # keys, what is on the screen then, and what is not
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
    """Waits until all messages are handled, the work in the background is done, and the screen follows.

    `Pilot.pause` sleeps until the process is idle: 20 ms or more, several times for each key.
    """
    app, quiet = pilot.app, 0
    assert isinstance(app, Explorer)
    while quiet < 2 and app.failure is None:
        await app.workers.wait_for_complete()
        await pilot.pause(0)  # each pump has handled what waited for it; that may have sent more
        quiet = 0 if any(pump.message_queue_size for pump in _pumps(app)) else quiet + 1


def _pumps(app: Explorer) -> Iterator[MessagePump]:
    yield app
    for screen in app.screen_stack:
        yield from screen.walk_children(with_self=True)


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Presses keys, by the names of textual or as they are typed, each when the one before has done its work."""
    for key in keys:
        typed = key if len(key) == 1 else None
        name = _character_to_key(key) if typed else key
        pilot.app.post_message(Key(name, typed))
        await settled(pilot)


def walked(path: Path, lines: Sequence[Step], size: tuple[int, int], start: bytes = b"") -> None:
    """Runs one explorer, and looks after each line of keys for words that are there and words that are not."""

    async def steps(pilot: Pilot[None], app: Explorer) -> None:
        for keys, there, absent in lines:
            await press(pilot, *keys)
            shown = " ".join(text(app).split())
            assert [words for words in there if words not in shown] == [], (keys, shown)
            assert [words for words in absent if words in shown] == [], (keys, shown)

    explore(path, steps, size, start=start)


def recorded(path: Path, screens: Mapping[str, Sequence[str]], size: tuple[int, int], *, update: bool) -> None:
    """Compares the screen after each of these keys with the recorded one, or records it; Esc leads back from each.

    Screens whose picture is of interest have that recorded as well, with the colours.
    """

    async def steps(pilot: Pilot[None], app: Explorer) -> None:
        for name, keys in screens.items():
            await press(pilot, *keys)
            forms = {"txt": text(app)} | ({"svg": picture(app)} if name in PICTURES else {})
            for form, shown in forms.items():
                golden = SCREENS / f"{name}-{size[0]}x{size[1]}.{form}"
                if update:
                    golden.write_text(shown)
                assert shown == golden.read_text(), f"{golden.name}: look at it, then pytest --update-golden"
            await press(pilot, "escape")

    explore(path, steps, size)


def text(app: Explorer) -> str:
    """The screen as text."""
    width, height = app.size
    console = Console(width=width, height=height, file=StringIO(), record=True, legacy_windows=False)
    console.print(app.screen._compositor.render_update(full=True))
    lines = [line.rstrip() for line in console.export_text().splitlines()]
    return "\n".join(lines).rstrip() + "\n"
