"""The pages of `report` and `verify` in a real browser: narrow and wide, dark, hostile, and without scripts.

Skipped, visibly, where no Chromium with its driver is installed.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from imgtar.cli.main import run
from tests.paths import FIXTURES
from tests.report.html.browser import Browser, is_here
from tests.report.rendering import HOSTILE_NAMES, named_image, truncated

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not is_here(), reason="chromium and chromedriver are not installed")]

GATES = '[check]\nmax-layers = 2\nmin-efficiency = 0.9\nforbid-path = ["*"]\n'
SCRIPTS = {"report": 1, "verify": 0}


@pytest.fixture(scope="module", params=["good", "truncated", "hostile", "several"])
def archive(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an archive `image.tar`."""
    folder = tmp_path_factory.mktemp(request.param)
    contents = {
        "good": lambda: (FIXTURES / "mysql.tar").read_bytes(),
        "truncated": truncated,
        "hostile": lambda: named_image(HOSTILE_NAMES),
        "several": lambda: (FIXTURES / "p5-multi.tar").read_bytes(),
    }
    (folder / "image.tar").write_bytes(contents[request.param]())
    (folder / "imgtar.toml").write_text(GATES)
    return folder


@pytest.fixture(scope="module", params=["report", "verify"])
def page(request: pytest.FixtureRequest, archive: Path) -> tuple[str, Path]:
    """The command and its page."""
    return request.param, made(request.param, archive)


def made(command: str, archive: Path) -> Path:
    """The page of a command about the archive, with the gates beside it."""
    with contextlib.chdir(archive):
        assert run([command, "image.tar", "-o", f"html={command}.html", "--quiet"]) in (0, 1, 4)
    return archive / f"{command}.html"


def test_nothing_overflows_runs_or_is_asked_for(window: Browser, page: tuple[str, Path]) -> None:
    command, path = page
    window.open(path)
    window.run("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    for width in (1400, 360):
        window.resize(width)
        for dark in (False, True):
            window.emulate(dark=dark)
            assert window.run("return document.documentElement.scrollWidth <= window.innerWidth"), (width, dark)
    assert window.run("return document.querySelectorAll('main img, main iframe, main object').length") == 0
    assert window.run("return document.querySelectorAll('script').length") == SCRIPTS[command]
    assert window.logs("browser") == []
    assert {request for request in window.requests() if not request.startswith(path.as_uri())} == set()


def test_everything_stands_without_scripts(window: Browser, page: tuple[str, Path]) -> None:
    command, path = page
    window.scripts(on=False)
    window.open(path)
    text = window.run("return document.body.innerText")
    expected = {"verify": ("Verification", "every byte is accounted for"), "report": ("Packages", "gates", "Findings")}
    for words in (*expected[command], "sha256:"):
        assert words in text


def test_findings_are_searched(window: Browser, archive: Path) -> None:
    window.open(made("report", archive))
    shown = "[...document.querySelectorAll('.finding')].filter(one => one.offsetParent).length"
    assert window.run(f"return {shown}") > 0
    window.type("input[type=search]", "no finding has these words")
    window.wait(f"return {shown} === 0")
