"""Draws a screen of the explorer as SVG: for docs/explore.md, and for the recorded screens of tests/explore/.

The picture of textual itself (`App.export_screenshot`) changes with its version, and loads fonts from a network.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from rich.color import Color
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.app import App

from imgtar.answers.opening import open_session
from imgtar.answers.options import EVERYTHING, InspectOptions
from imgtar.explore.app import Explorer
from imgtar.explore.model.explored import explored

ROOT = Path(__file__).parent.parent
SHOWN = "mysql.tar"  # the image of the picture in docs/, in tests/fixtures
KEYS = ("end", "up", "up", "up", "up", "up", "up", "up", "tab", "down", "right", "down", "right", "down", "down")
SIZE = (120, 28)
WIDTH, HEIGHT, BASE = 8, 18, 14  # of a cell, and from its top to the line on which letters stand
FONT = 'font-family="monospace" font-size="13"'


class Run(NamedTuple):
    """Cells of one style in a row; `shape` is what an SVG says of the form of its letters."""

    column: int
    row: int
    cells: int
    text: str
    colour: str
    ground: str
    shape: str


def picture(app: App[Any]) -> str:
    """The screen as SVG, with the place, the colours and the emphasis of each text on a line of its own."""
    width, height = app.size
    runs = list(_runs(app))
    cells = Counter[str]()
    for run in runs:
        cells[run.ground] += run.cells
    ground = cells.most_common(1)[0][0]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width * WIDTH} {height * HEIGHT}" {FONT}>',
            f'<rect width="100%" height="100%" fill="{ground}"/>',
            *(_rectangle(run) for run in runs if run.ground != ground),
            *(_text(run) for run in runs if run.text.strip()),
            "</svg>",
            "",
        ]
    )


def _rectangle(run: Run) -> str:
    place = f'x="{run.column * WIDTH}" y="{run.row * HEIGHT}"'
    return f'<rect {place} width="{run.cells * WIDTH}" height="{HEIGHT}" fill="{run.ground}"/>'


def _text(run: Run) -> str:
    """The letters without the blanks around them; SVG would make one of several blanks between them."""
    left = len(run.text) - len(run.text.lstrip(" "))
    cells = run.cells - left - (len(run.text) - len(run.text.rstrip(" ")))
    place = f'x="{(run.column + left) * WIDTH}" y="{run.row * HEIGHT + BASE}" textLength="{cells * WIDTH}"'
    letters = escape(run.text.strip(" ")).replace(" ", "\N{NO-BREAK SPACE}")
    return f'<text {place} fill="{run.colour}"{run.shape}>{letters}</text>'


def _runs(app: App[Any]) -> Iterator[Run]:
    width, height = app.size
    console = Console(width=width, height=height, color_system="truecolor", force_terminal=True)
    update = app.screen._compositor.render_update(full=True, screen_stack=app._background_screens)
    for row, line in enumerate(Segment.split_lines(console.render(update))):
        column = 0
        for segment in Segment.simplify(part for part in line if not part.control):
            yield _run(segment, column, row)
            column += segment.cell_length


def _run(segment: Segment, column: int, row: int) -> Run:
    style = segment.style or Style()
    colour, ground = _hex(style.color), _hex(style.bgcolor)
    if style.reverse:
        colour, ground = ground, colour
    shape = ' font-weight="bold"' if style.bold else ""
    shape += ' text-decoration="underline"' if style.underline else ""
    return Run(column, row, segment.cell_length, segment.text, colour, ground, shape)


def _hex(colour: Color | None) -> str:
    """Textual gives every text both colours, and a blank that no line draws only the one behind it."""
    return "" if colour is None else colour.get_truecolor().hex


def pages() -> dict[Path, str]:
    """The picture in docs/, as it should be."""
    return {ROOT / "docs/explore.svg": asyncio.run(_shown())}


async def _shown() -> str:
    with contextlib.chdir(ROOT / "tests/fixtures"):
        session = open_session(SHOWN, InspectOptions())
        session.read(EVERYTHING)
        image = explored(session, unicode=True)
        assert image is not None
        app = Explorer(image, _nothing, _nothing)
        async with app.run_test(size=SIZE) as pilot:
            for key in KEYS:
                await pilot.press(key)
                await app.workers.wait_for_complete()
                await pilot.pause()
            return picture(app)


def _nothing(*_asked: object) -> Any:
    raise AssertionError("the keys extract and compare nothing")
