"""The HTML report in a real browser: it renders, zooms, searches and filters; hostile names change nothing.

Skipped, visibly, where no Chromium with its driver is installed.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.report.html.browser import Browser, is_here
from tests.report.rendering import HOSTILE_NAMES, content_of, named_image, rendered, report_of

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not is_here(), reason="chromium and chromedriver are not installed")]

ROWS = "return document.querySelectorAll('.sizer .row').length"
HINT = "return document.querySelector('.files .hint').textContent"
SEARCH = "input[type=search]"


@pytest.fixture(scope="module")
def mysql(fixtures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "mysql.html"
    path.write_text(rendered(content_of(fixtures / "mysql.tar"), "html"))
    return path


def quiet(window: Browser, page: Path) -> None:
    """No message on the console, no request but for the page itself."""
    assert window.logs("browser") == []
    assert {request for request in window.requests() if not request.startswith(page.as_uri())} == set()


def test_it_renders_and_asks_for_nothing(window: Browser, mysql: Path) -> None:
    window.open(mysql)
    assert window.run("return document.querySelector('h1').textContent") == "r/mysqlish:classic"
    assert window.run("return document.querySelectorAll('svg.map g').length") > 10
    assert window.run(ROWS) > 5
    quiet(window, mysql)


def test_search_filters_the_table(window: Browser, mysql: Path) -> None:
    window.open(mysql)
    before = window.run(HINT)
    window.type(SEARCH, "busybox")
    window.wait(f"{HINT} !== {before!r}")
    paths = window.run("return [...document.querySelectorAll('.sizer .path-cell')].map(cell => cell.textContent)")
    assert paths
    assert all("busybox" in path for path in paths)
    quiet(window, mysql)


def test_choosing_a_layer_filters_everything(window: Browser, mysql: Path) -> None:
    window.open(mysql)
    before = window.run(HINT)
    window.click("button.chip[data-layer='4'], button.chip[aria-label='layer 4']")
    window.wait(f"{HINT} !== {before!r}")
    assert window.run("return document.querySelector('.chosen-layer').offsetParent !== null")
    quiet(window, mysql)


def test_the_map_zooms_by_keyboard_and_back(window: Browser, mysql: Path) -> None:
    window.open(mysql)
    places = "return [...document.querySelectorAll('svg.map g[data-place]')].map(g => g.dataset.place).join()"
    whole = window.run(places)
    window.run("document.querySelector('svg.map').focus()")
    window.press("Right", "Enter")
    window.wait(f"{places} !== {whole!r}")
    window.press("Escape")
    window.wait(f"{places} === {whole!r}")
    quiet(window, mysql)


def test_switches_show_changes_and_waste(window: Browser, mysql: Path) -> None:
    window.open(mysql)
    shown = set()
    for number in (1, 2, 3):
        window.click(f".switch button:nth-of-type({number})")
        shown.add(window.run(HINT))
    assert len(shown) == 3
    quiet(window, mysql)


def test_the_essentials_stand_without_scripts(window: Browser, mysql: Path) -> None:
    window.scripts(on=False)
    window.open(mysql)
    text = window.run("return document.body.innerText")
    for words in ("10 layers = 1 base + 8 RUN + 1 COPY; 9 steps are metadata only", "sparse.img", "wasted", "sha256:"):
        assert words in text


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("dark", [False, True])
def test_nothing_overflows(window: Browser, mysql: Path, width: int, dark: bool) -> None:
    window.resize(width)
    window.emulate(dark=dark)
    window.open(mysql)
    assert window.run("return document.documentElement.scrollWidth <= window.innerWidth")


def test_hostile_names_neither_run_nor_break_the_page(window: Browser, tmp_path: Path) -> None:
    page = tmp_path / "hostile.html"
    page.write_text(report_of(named_image(HOSTILE_NAMES), tmp_path, "html"))
    window.open(page)
    assert window.run("return document.querySelectorAll('script').length") == 2
    assert window.run("return document.querySelectorAll('img, a[href^=http], iframe, object').length") == 0
    window.type(SEARCH, "script")
    assert window.run(ROWS) > 0
    quiet(window, page)
