"""No cell, number or name of the page lies over another one or is cut where it must be whole: measured by the boxes.

Skipped, visibly, where no Chromium with its driver is installed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from imgtar.contract.content import InspectContent
from imgtar.contract.inspect import Tally
from tests import builders
from tests.builders import docker_save, file, layer, whiteout
from tests.report.html.browser import Browser, is_here
from tests.report.rendering import content_of, rendered

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not is_here(), reason="chromium and chromedriver are not installed")]

WIDTHS = (360, 800, 1400)
MEASURE = """
const box = (element) => {  // of the text, which may be wider than its element
  const range = document.createRange();
  range.selectNodeContents(element);
  const { left, top, right, bottom } = range.getBoundingClientRect();
  return { left, top, right, bottom, text: element.textContent };
};
const within = (inner, outer) => (
  inner.left >= outer.left - 1 && inner.right <= outer.right + 1
  && inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1
);
const meet = (one, other) => (
  Math.min(one.right, other.right) - Math.max(one.left, other.left) > 1
  && Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 1
);
const collisions = (boxes) => boxes.flatMap((one, index) => boxes.slice(index + 1)
  .filter((other) => meet(one, other)).map((other) => `${one.text} | ${other.text}`));
const visible = (selector, inside = document) => [...inside.querySelectorAll(selector)]
  .filter((element) => element.checkVisibility() && element.textContent.trim());
const outside = (elements, container) => elements
  .filter((element) => !within(box(element), container(element).getBoundingClientRect()))
  .map((element) => element.textContent);
"""
STEPS = """
return visible('.step, .heads').flatMap((row) => collisions(visible(
  '.chip, .dot, .size, .counts > span, .line, .head-layer', row).map(box)).concat(
  collisions(visible('.flag', row).map((flag) => (
    { ...flag.getBoundingClientRect().toJSON(), text: flag.textContent })))));
"""
BAR = """
const texts = visible('.bar text');
return [...outside(texts, (text) => text.closest('.segment').querySelector('rect')), ...collisions(texts.map(box))];
"""
MAP = """
const texts = visible('.map g > text');
return [...outside(texts, (text) => text.parentElement.querySelector('rect')), ...collisions(texts.map(box))];
"""
GRID = """
const rows = visible('.grid .columns, .grid .row').slice(0, 40);
const cells = rows.flatMap((row) => collisions(visible('.cell', row).map((cell) => {
  const { left, top, right, bottom } = cell.getBoundingClientRect();
  return { left, top, right, bottom, text: cell.textContent };
})));
const cut = visible('.grid .columns .cell, .grid .row .right').filter((cell) => cell.scrollWidth > cell.clientWidth);
const paths = visible('.grid .path-cell').filter((cell) => cell.clientWidth < 120);
return [...cells, ...cut.map((cell) => cell.textContent), ...paths.map((cell) => `narrow: ${cell.textContent}`)];
"""
TABLES = "return visible('table tr').flatMap((row) => collisions(visible('th, td', row).map(box)));"
PARTS = """
return visible('.controls').flatMap((line) => collisions([...line.children].filter((one) => one.checkVisibility()).map(
  (one) => ({ ...JSON.parse(JSON.stringify(one.getBoundingClientRect())), text: one.className }))));
"""


def image_of_extremes() -> bytes:
    """Names that are wide, long or right to left, in directories of every size; twelve layers of unequal size."""
    wide = ["日本語の長い名前のファイル" * 3, "W" * 120, "مرحبا بالعالم", "i" * 200, "ＷＷＷＷ.txt", "a b c d e f g h"]
    first = [file(f"usr/{number % 7}/{name}", b"x" * (400 * number + 7)) for number, name in enumerate(wide * 4)]
    many = [file(f"opt/lib-{number:03}/module-{number}.so", b"y" * (13 * number)) for number in range(200)]
    layers = [layer(*first, *many), *(layer(file(f"srv/{number}", b"z" * number**3)) for number in range(10))]
    layers.append(layer(*(whiteout(f"opt/lib-{number:03}/module-{number}.so") for number in range(0, 200, 3))))
    return docker_save(layers, config=builders.image_config(layers, history=builders.history_of(12)))


def extreme(content: InspectContent) -> InspectContent:
    """The content with the numbers of a very large image."""
    (image,) = content.document.images
    tally = Tally(count=1_234_567, bytes=9**12)
    layers = [
        replace(one, content_size=987_654_321 // (one.index + 1), added=tally, modified=tally, deleted=tally)
        for one in image.layers
    ]
    return replace(content, document=replace(content.document, images=[replace(image, layers=layers)]))


@pytest.fixture(scope="module")
def pages(fixtures: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("geometry")
    (folder / "extreme.tar").write_bytes(image_of_extremes())
    contents = {
        "mysql": content_of(fixtures / "mysql.tar"),
        "extreme": extreme(content_of(folder / "extreme.tar")),
        "audited": content_of(fixtures / "mysql.tar", audit=True),
    }
    for name, content in contents.items():
        (folder / f"{name}.html").write_text(rendered(content, "html"))
    return {name: folder / f"{name}.html" for name in contents}


NAMES = ("mysql", "extreme", "audited")
FRAGMENTS = ("", "#mode=changes&layer=1", "#mode=waste", "#mode=changes&search=*o*")


def measured(window: Browser, script: str) -> Any:
    return window.run(MEASURE + script)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_nothing_lies_over_anything_else(window: Browser, pages: dict[str, Path], name: str, fragment: str) -> None:
    """In a window of each width: in one when the page is opened, in the others when their width becomes this one."""
    first = FRAGMENTS.index(fragment) % len(WIDTHS)
    window.resize(WIDTHS[first])
    window.open(pages[name], fragment)
    for width in (*WIDTHS[first:], *WIDTHS[:first]):
        window.resize(width)
        window.drawn()
        assert window.run("return [innerWidth, document.documentElement.scrollWidth <= innerWidth]") == [width, True]
        shown = measured(
            window, "return ['.step', '.bar text', '.map text', '.grid .row'].map((one) => visible(one).length)"
        )
        assert all(shown), (width, shown)
        for script in (STEPS, BAR, MAP, GRID, TABLES, PARTS):
            assert measured(window, script) == [], width


@pytest.mark.parametrize("name", NAMES)
def test_without_a_script_nothing_lies_over_anything_else(window: Browser, pages: dict[str, Path], name: str) -> None:
    window.scripts(on=False)
    window.open(pages[name])
    for width in WIDTHS:
        window.resize(width)
        for script in (STEPS, BAR, TABLES):
            assert measured(window, script) == [], width
