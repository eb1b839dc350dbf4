"""What the map and the table show, in a real browser: a layer's changes, a search and where else it finds something,
and the address that names it all.

Skipped, visibly, where no Chromium with its driver is installed.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import builders
from tests.builders import directory, docker_save, file, layer, whiteout
from tests.report.html.browser import Browser, is_here
from tests.report.rendering import HOSTILE_NAMES, named_image, report_of

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not is_here(), reason="chromium and chromedriver are not installed")]

SCOPES = "return [...document.querySelectorAll('.current .explorer .scope')].map(one => one.firstChild.textContent)"
PATHS = "return [...document.querySelectorAll('.current .sizer .path-cell')].map(cell => cell.title)"
ELSEWHERE = "return [...document.querySelectorAll('.image.current .elsewhere > *')].map(one => one.textContent)"
FRAGMENT = "return location.hash"
MODE = "return document.querySelector('.image.current .switch [aria-pressed=true]').dataset.mode"
CRUMBS = "return [...document.querySelectorAll('.image.current .crumbs button')].map(one => one.textContent)"
CHANGES = "return [...document.querySelectorAll('.current .sizer .cell:first-child')].map(cell => cell.textContent)"


def image_of_three_layers() -> bytes:
    """Layer 1 adds 16 keys and two other files; layer 2 deletes the keys and an empty file, and changes one file."""
    keys = [f"srv/keys/{number:02}.pem" for number in range(16)]
    layers = [
        layer(directory("etc/"), file("etc/ssl.pem", b"s" * 50), file("etc/[a]*b", b"x" * 20)),
        layer(*(file(key, b"k" * 100) for key in keys), file("srv/app", b"a" * 500), file("srv/empty.flag")),
        layer(*(whiteout(key) for key in keys), whiteout("srv/empty.flag"), file("etc/ssl.pem", b"t" * 60)),
    ]
    return docker_save(layers, config=builders.image_config(layers, history=builders.history_of(3)))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("view")
    (folder / "view.html").write_text(report_of(image_of_three_layers(), folder, "html"))
    return folder / "view.html"


@pytest.fixture(scope="module")
def two_images(fixtures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("two")
    archive = (fixtures / "d20-two-images-shared.tar").read_bytes()
    (folder / "two.html").write_text(report_of(archive, folder, "html"))
    return folder / "two.html"


def search(window: Browser, text: str) -> None:
    """Types a search and waits until it is in the address."""
    window.run("document.querySelector('.image.current input[type=search]').value = ''")
    window.type(".image.current input[type=search]", text)
    window.wait(f"return new URLSearchParams(location.hash.replace(/^#(image-\\d+&)?/, '')).get('search') === {text!r}")


def click(window: Browser, selector: str) -> None:
    """A click by script: a line that stays in view may lie over what is clicked."""
    window.run(
        "const found = document.querySelector(arguments[0]);"
        "found.focus();"
        "found.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }));",
        selector,
    )


def test_a_layer_chip_shows_that_layers_changes_and_the_way_back(window: Browser, page: Path) -> None:
    window.open(page)
    assert window.run(SCOPES) == ["final files"] * 2
    click(window, ".step .chip[data-layer='2']")
    assert window.run(MODE) == "changes"
    assert window.run(SCOPES) == ["changes of layer 2: ~1 −17"] * 2
    assert set(window.run(CHANGES)) == {"~ modified", "− deleted"}
    assert len(window.run(PATHS)) == 18
    assert window.run("return document.querySelector('.step .chip[data-layer=\"2\"]').ariaPressed") == "true"
    click(window, ".explorer .scope button")
    assert window.run(SCOPES) == ["final files"] * 2
    assert window.run("return document.activeElement.getAttribute('aria-current')") == "location"


def test_the_line_about_the_layer_is_in_view_wherever_one_clicked(window: Browser, page: Path) -> None:
    window.open(page)
    click(window, ".segment[data-layer='1'] rect")
    inside = "const box = document.querySelector('.chosen-layer').getBoundingClientRect();"
    for where in ("0", "document.body.scrollHeight"):
        window.run(f"scrollTo(0, {where})")
        assert window.run(inside + "return box.top >= 0 && box.bottom <= innerHeight && box.height > 0")
    click(window, ".chosen-layer .clear")
    assert window.run("return document.querySelector('.chosen-layer').hidden")


def test_every_heading_says_that_only_one_layer_is_meant(window: Browser, page: Path) -> None:
    window.open(page)
    click(window, ".step .chip[data-layer='0']")
    scope = "return document.querySelector('section.{} h2 .scope').firstChild.textContent"
    assert window.run(scope.format("waste")) == "only layer 0"
    click(window, ".step .chip[data-layer='1']")
    assert window.run(scope.format("waste")) == "only layer 1"
    rows = "return [...document.querySelectorAll('section.waste tr[data-layers]')].filter(row => row.checkVisibility())"
    assert window.run(f"{rows}.length") > 0
    click(window, "section.waste h2 button")
    assert window.run("return [...document.querySelectorAll('.filtered')].length") == 0


def test_the_keyboard_chooses_a_layer_and_takes_it_back(window: Browser, page: Path) -> None:
    window.open(page)
    window.run("document.querySelector('.segment').focus()")
    window.press("Right")
    assert window.run("return document.activeElement.dataset.layer") == "1"
    window.press("Enter")
    assert window.run(SCOPES) == ["changes of layer 1: +20"] * 2
    window.press("Escape")
    assert window.run(SCOPES) == ["final files"] * 2


def test_a_pattern_searches_and_says_what_lies_among_the_wasted_files(window: Browser, page: Path) -> None:
    window.open(page)
    search(window, "*.pem")
    assert window.run(PATHS) == ["/etc/ssl.pem"]
    assert window.run(ELSEWHERE) == ["17 more among the wasted files"]
    click(window, ".elsewhere button")
    assert window.run(MODE) == "waste"
    assert len(window.run(PATHS)) == 17
    search(window, "/srv/keys/0?.pem")
    assert len(window.run(PATHS)) == 10


def test_a_search_says_what_lies_elsewhere(window: Browser, page: Path) -> None:
    window.open(page, "#layer=0&mode=changes")
    search(window, ".pem")
    assert window.run(ELSEWHERE) == ["33 more of other layers", "17 more among the wasted files"]
    window.open(page, "#folder=/etc")
    search(window, "srv/")
    assert window.run(ELSEWHERE) == [
        "2 more outside /etc",
        "16 more among the wasted files",
        "2 more among the changes",
    ]
    click(window, ".elsewhere button")
    assert window.run(PATHS) == ["/srv/app", "/srv/keys"]


def test_a_part_of_a_path_is_text_in_any_case_and_a_broken_pattern_too(window: Browser, page: Path) -> None:
    window.open(page)
    search(window, "SSL.P")
    assert window.run(PATHS) == ["/etc/ssl.pem"]
    assert window.run("return document.querySelector('mark').textContent") == "ssl.p"
    search(window, "[a")
    assert window.run(PATHS) == ["/etc/[a]*b"]
    assert window.run(ELSEWHERE) == ["Searched for as text: [ has no ]; write \\[ for the character."]
    search(window, "\\[a\\]\\*b")
    assert window.run(PATHS) == ["/etc/[a]*b"]


def test_the_address_names_the_view_and_brings_it_back(window: Browser, page: Path) -> None:
    window.open(page)
    click(window, ".switch [data-mode=waste]")
    click(window, ".ten button")
    search(window, "*.pem")
    assert window.run(FRAGMENT) == "#mode=waste&folder=/srv&search=*.pem"
    seen = window.run(PATHS)
    window.run("location.reload()")
    window.wait("return document.querySelectorAll('.sizer .row').length === 16")
    assert window.run(PATHS) == seen
    assert window.run(CRUMBS) == ["/", "srv"]
    assert window.run("return document.querySelector('.explorer input').value") == "*.pem"


def test_back_and_forward_step_through_the_views(window: Browser, page: Path) -> None:
    window.open(page)
    click(window, ".step .chip[data-layer='2']")
    click(window, ".switch [data-mode=final]")
    assert window.run(SCOPES)[0] == "final files from layer 2"
    window.run("history.back()")
    window.wait("return document.querySelector('.switch [aria-pressed=true]').dataset.mode === 'changes'")
    window.run("history.back()")
    window.wait("return document.querySelector('.chosen-layer').hidden")
    assert window.run(FRAGMENT) == ""
    window.run("history.forward()")
    window.wait("return !document.querySelector('.chosen-layer').hidden")
    assert window.run(SCOPES)[0] == "changes of layer 2: ~1 −17"


def test_a_search_is_no_step_of_its_own(window: Browser, page: Path) -> None:
    window.open(page)
    before = window.run("return history.length")
    search(window, "pem")
    search(window, "app")
    assert window.run("return history.length") == before


def test_each_image_has_its_own_view_in_the_address(window: Browser, two_images: Path) -> None:
    window.open(two_images, "#image-1&mode=waste&layer=1")
    name = "return document.querySelector('.image.current').dataset.image"
    assert window.run(name) == "1"
    assert window.run(MODE) == "waste"
    click(window, ".tabs a[href='#image-0']")
    assert window.run(name) == "0"
    assert window.run(MODE) == "final"
    assert window.run(FRAGMENT) == ""
    edges = "return [...document.querySelectorAll('.tabs a')].map(tab => getComputedStyle(tab).borderBottomColor)"
    assert len(set(window.run(edges))) == 2
    window.run("history.back()")
    window.wait("return document.querySelector('.image.current').dataset.image === '1'")
    assert window.run("return [...document.querySelectorAll('.image')].map(one => one.checkVisibility())") == [
        False,
        True,
    ]


def test_a_link_in_the_page_keeps_the_view(window: Browser, page: Path) -> None:
    window.open(page, "#mode=waste")
    window.run("document.querySelector('.skip').click()")
    assert window.run(FRAGMENT) == "#mode=waste"
    assert window.run("return document.activeElement.id") == "main"


HOSTILE_FRAGMENTS = [
    "#mode=__proto__&layer=constructor&kind=toString&folder=__proto__",
    "#mode=<script>alert(1)</script>&folder=/<img src=x onerror=alert(1)>&search=<b>x",
    "#layer=99999999&folder=/etc/../../x",
    "#layer=-1", "#layer=1e3", "#layer=999", "#image-999&mode=waste", "#image-00000000000001", "#image-1&image-2",
    "#%", "#%ff%00=%zz&search=%", "#=", "#&&&", "#a=b", "#javascript:alert(1)", "#" + "a" * 100_000,
    "#search-0", "#search=" + "*a" * 20_000, "#folder=" + "/a" * 20_000, "#search=%F0%9F%98%80%ED%A0%80", "#main",
    "#rows",
]  # fmt: skip


@pytest.mark.parametrize("fragment", HOSTILE_FRAGMENTS, ids=lambda fragment: fragment[:30])
def test_no_fragment_does_harm(window: Browser, page: Path, fragment: str) -> None:
    window.open(page, fragment)
    assert window.run(MODE) in ("final", "waste")
    assert window.run("return document.querySelectorAll('script, img, iframe').length") == 2
    assert window.run("return document.querySelectorAll('.sizer .row').length") > 0 or "search" in fragment
    assert len(window.run("return document.querySelector('.explorer input').value")) <= 1000
    click(window, ".step .chip[data-layer='2']")
    assert window.run(SCOPES)[0] == "changes of layer 2: ~1 −17"
    assert window.logs("browser") == []


def test_hostile_names_are_found_by_address(window: Browser, tmp_path: Path) -> None:
    """Each name of a directory goes into the address and comes back as the same directory."""
    names = [raw for name in HOSTILE_NAMES if b"/" not in (raw := builders.raw(name))]
    layers = [layer(*(file(name + b"/f", b"x" * 100) for name in names))]
    page = tmp_path / "page.html"
    page.write_text(report_of(docker_save(layers), tmp_path, "html"))
    window.open(page)
    shown = window.run("return [...document.querySelectorAll('.ten button')].map(one => one.title)")
    assert len(shown) == 10
    for number, path in enumerate(shown):
        window.open(page)
        window.run("document.querySelectorAll('.ten button')[arguments[0]].click()", number)
        window.open(page, window.run(FRAGMENT))
        assert f"{path}/f" in window.run(PATHS)
        assert len(window.run(CRUMBS)) == 2
    assert window.logs("browser") == []


def test_hostile_names_stay_text_in_every_view(window: Browser, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(report_of(named_image(HOSTILE_NAMES), tmp_path, "html"))
    window.open(page)
    for number in (1, 2, 3):
        click(window, f".switch button:nth-of-type({number})")
        for text in ("script", "*<*", "[red]*"):
            search(window, text)
        assert window.run("return document.querySelectorAll('script').length") == 2
        assert window.run("return document.querySelectorAll('img, iframe, b b, a[href^=http]').length") == 0
    for layer_number in (0, 1, 2):
        click(window, f".step .chip[data-layer='{layer_number}']")
    assert window.logs("browser") == []
