"""The page for everyone: names and focus of its controls, contrast in both colour schemes, paper.

Skipped, visibly, where no Chromium with its driver is installed.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.report.html.browser import Browser, is_here
from tests.report.rendering import content_of, rendered

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not is_here(), reason="chromium and chromedriver are not installed")]

CONTROLS = (
    "const controls = [...document.querySelectorAll('a[href], button, input, select, summary, [tabindex=\"0\"]')]"
)
CONTROLS += ".filter((one) => one.checkVisibility());"
NAMELESS = """
const labels = (one) => [...one.labels || []].map((label) => label.textContent).join();
const name = (one) => one.getAttribute('aria-label') || labels(one) || one.textContent || one.title;
return controls.filter((one) => !name(one).trim()).map((one) => one.outerHTML);
"""
UNSEEN = """
const seen = (one) => {
  one.focus({ focusVisible: true, preventScroll: true });
  const style = getComputedStyle(one);
  const rect = one.querySelector(':scope > rect');
  const framed = rect && getComputedStyle(rect).strokeWidth === '3px';
  return document.activeElement !== one || style.outlineStyle !== 'none' || framed;
};
return controls.filter((one) => !seen(one)).map((one) => one.outerHTML);
"""
FAINT = """
const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
const known = new Map();
const channels = (colour) => {
  if (!known.has(colour)) {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    known.set(colour, [...canvas.getImageData(0, 0, 1, 1).data].map((channel) => channel / 255));
  }
  return known.get(colour);
};
const light = (one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
const luminance = ([red, green, blue]) => 0.2126 * light(red) + 0.7152 * light(green) + 0.0722 * light(blue);
const background = (element) => {
  for (let at = element; at; at = at.parentElement) {
    const found = channels(getComputedStyle(at).backgroundColor);
    if (found[3] === 1) {
      return found;
    }
  }
  return [1, 1, 1, 1];
};
const texts = [...document.querySelectorAll('body *')].filter((element) => (
  element.checkVisibility() && !element.closest('svg, script, style, option, .announce')
  && [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim())
));
const ratio = (element) => {
  const both = [luminance(channels(getComputedStyle(element).color)), luminance(background(element))];
  return (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
};
return [texts.length, [...new Set(texts.filter((element) => ratio(element) < 4.5)
  .map((element) => `${element.className} ${element.textContent.slice(0, 20)} ${ratio(element).toFixed(2)}`))]];
"""


@pytest.fixture(scope="module")
def page(fixtures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("access") / "mysql.html"
    path.write_text(rendered(content_of(fixtures / "mysql.tar"), "html"))
    return path


@pytest.mark.parametrize("fragment", ["", "#mode=changes&layer=3&search=*a*", "#mode=waste"])
def test_every_control_has_a_name_and_a_visible_focus(window: Browser, page: Path, fragment: str) -> None:
    window.open(page, fragment)
    assert window.run(f"{CONTROLS} return controls.length") > 40
    assert window.run(CONTROLS + NAMELESS) == []
    assert window.run(CONTROLS + UNSEEN) == []


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("fragment", ["", "#mode=changes&layer=3&search=*a*", "#mode=waste&search=["])
def test_every_text_has_the_contrast_of_aa(window: Browser, page: Path, fragment: str, dark: bool) -> None:
    window.emulate(dark=dark)
    window.open(page, fragment)
    count, faint = window.run(FAINT)
    assert count > 300
    assert faint == []


def test_paper_has_the_whole_report_and_says_what_is_left_out(window: Browser, page: Path) -> None:
    window.emulate(printing=True)
    sections = "[...document.querySelectorAll('section')].filter(one => one.checkVisibility())"
    heading = "return document.querySelector('.waste h2').innerText"
    window.open(page, "#layer=3")
    assert window.run(f"return {sections}.map(one => one.classList[0])") == [
        "head",
        "stack",
        "largest",
        "waste",
        "findings",
        "ids",
        "config",
    ]
    assert window.run(heading).split() == ["Waste", "only", "layer", "3"]
    assert "Show all" not in window.run("return document.body.innerText")
