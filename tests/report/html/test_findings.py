"""The findings of the audit's and the check's page in a real browser: search, filters and cards, and no script at all.

Skipped, visibly, where no Chromium with its driver is installed.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import builders
from tests.builders import docker_save, file, layer
from tests.cli.command import imgtar
from tests.report.html.browser import Browser, is_here
from tests.report.rendering import HOSTILE_NAMES

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not is_here(), reason="chromium and chromedriver are not installed")]

SHOWN = "return document.querySelector('.controls [role=status]').textContent"
SEARCH = "input[type=search]"
VISIBLE = (
    "return [...document.querySelectorAll('.finding li')].filter(li => li.checkVisibility()).map(li => li.textContent)"
)
SETUID, SECRETS = 131, 3


@pytest.fixture(scope="module", params=["audit", "check"])
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page about 131 setuid files in layer 0 and three secrets in layer 1."""
    programs = [file(f"bin/{number:03}", b"x", mode=0o4755) for number in range(SETUID)]
    secrets = [file(f"srv/{number}.conf", b"password=Tr0ub4dor&3-%d" % number) for number in range(SECRETS)]
    folder = tmp_path_factory.mktemp(request.param)
    config = builders.image_config([layer(*programs), layer(*secrets)], execution={"User": "app", "Healthcheck": {}})
    (folder / "image.tar").write_bytes(docker_save([layer(*programs), layer(*secrets)], config=config))
    return report(folder, request.param)


@pytest.fixture(scope="module", params=["audit", "check"])
def hostile(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page about setuid files with hostile names."""
    folder = tmp_path_factory.mktemp(request.param)
    names = [b"d/" + builders.raw(name) for name in HOSTILE_NAMES]
    (folder / "image.tar").write_bytes(docker_save([layer(*(file(name, b"x", mode=0o4755) for name in names))]))
    return report(folder, request.param)


def report(folder: Path, command: str) -> Path:
    gates = ("--fail-on", "critical") if command == "check" else ()
    run = imgtar(command, "image.tar", *gates, "-o", "report.html", "-o", "report.json", cwd=folder)
    assert run.returncode == 0, run.stderr
    return folder / "report.html"


def total(page: Path) -> int:
    rows = json.loads(page.with_suffix(".json").read_text())["findings"]
    return sum(row["count"] for row in rows)


def choose(window: Browser, name: str, value: str) -> None:
    """Chooses from the list of a filter, as a person would."""
    window.run(
        "const list = document.querySelector(`select[aria-label='Filter by ${arguments[0]}']`);"
        "list.value = arguments[1]; list.dispatchEvent(new Event('change'));",
        name,
        value,
    )


def quiet(window: Browser, page: Path) -> None:
    """No message on the console, no request but for the page itself."""
    assert window.logs("browser") == []
    assert {request for request in window.requests() if not request.startswith(page.as_uri())} == set()


def test_it_says_how_many_findings_there_are_and_asks_for_nothing(window: Browser, page: Path) -> None:
    window.open(page)
    assert window.run(SHOWN) == f"{total(page)} findings"
    quiet(window, page)


def test_search_finds_what_is_folded(window: Browser, page: Path) -> None:
    window.open(page)
    assert not any("/bin/07" in text for text in window.run(VISIBLE))
    window.type(SEARCH, "/BIN/07")
    texts = window.run(VISIBLE)
    assert len(texts) == 10
    assert all("/bin/07" in text for text in texts)
    assert window.run(SHOWN) == f"10 of {total(page)} findings"
    window.click("button.clear")
    assert window.run(SHOWN) == f"{total(page)} findings"
    assert window.run("return document.querySelector('input[type=search]').value") == ""
    assert not any("/bin/07" in text for text in window.run(VISIBLE))
    quiet(window, page)


def test_search_finds_a_code_and_a_reference(window: Browser, page: Path) -> None:
    for words in ("layer.setuid", "cis-di-0008"):
        window.open(page)
        window.type(SEARCH, words)
        assert window.run(SHOWN) == f"{SETUID} of {total(page)} findings"


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [("severity", "info", SETUID), ("code", "secret.generic", SECRETS), ("layer", " 1", SECRETS)],
)
def test_filters(window: Browser, page: Path, name: str, value: str, shown: int) -> None:
    window.open(page)
    choose(window, name, value)
    assert window.run(SHOWN) == f"{shown} of {total(page)} findings"
    choose(window, name, "")
    assert window.run(SHOWN) == f"{total(page)} findings"


def test_filters_and_search_join(window: Browser, page: Path) -> None:
    window.open(page)
    choose(window, "code", "secret.generic")
    window.type(SEARCH, "/bin/")
    assert window.run(VISIBLE) == []
    assert window.run(SHOWN) == f"0 of {total(page)} findings"


def test_a_card_chooses_its_severity(window: Browser, page: Path) -> None:
    window.open(page)
    window.click(".tally a.s-high")
    assert window.run(SHOWN) == f"{SECRETS} of {total(page)} findings"
    assert window.run("return document.querySelector('.controls').getBoundingClientRect().top >= 0")
    assert window.run("return document.querySelectorAll('.tally a[aria-current=true]').length") == 1
    quiet(window, page)


def test_slash_goes_to_the_search(window: Browser, page: Path) -> None:
    window.open(page)
    window.press("/")
    assert window.run("return document.activeElement.type") == "search"


def test_all_findings_stand_without_a_script(window: Browser, page: Path) -> None:
    window.scripts(on=False)
    window.open(page)
    assert window.run("return document.querySelectorAll('.controls, .filtered').length") == 0
    texts = window.run("return [...document.querySelectorAll('.finding li')].map(li => li.textContent)")
    assert sum("has mode 4755" in text for text in texts) == 100
    assert any(text.startswith("31 more: ") for text in texts)
    assert sum("/srv/" in text for text in texts) == SECRETS


def test_several_images_have_a_filter_for_the_layers_of_each(window: Browser, tmp_path: Path) -> None:
    archive = builders.Layout()
    for number in range(2):
        program = layer(file(f"bin/{number}", b"x", mode=0o4755))
        archive.manifests.append(archive.add_image([program]))
    (tmp_path / "image.tar").write_bytes(archive.tar())
    page = report(tmp_path, "audit")
    window.open(page)
    options = (
        "return [...document.querySelectorAll(`select[aria-label='Filter by layer'] option`)].map(o => o.textContent)"
    )
    assert window.run(options) == ["all layers", "image @0, layer 0", "image @1, layer 0"]
    choose(window, "layer", "1 0")
    texts = window.run(VISIBLE)
    assert texts
    assert all("/bin/1" in text for text in texts)


def test_choosing_a_layer_of_the_report_opens_what_is_folded(window: Browser, tmp_path: Path) -> None:
    layers = [layer(*(file(f"{name}/{number:02}\x01") for number in range(40))) for name in "ab"]
    (tmp_path / "image.tar").write_bytes(docker_save(layers))
    page = report(tmp_path, "inspect")
    window.open(page)
    assert len(window.run(VISIBLE)) == 20
    window.click("button.chip[data-layer='1']")
    texts = window.run(VISIBLE)
    assert len(texts) == 40
    assert all("/b/" in text for text in texts)
    quiet(window, page)


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("dark", [False, True])
def test_nothing_overflows(window: Browser, page: Path, width: int, dark: bool) -> None:
    window.resize(width)
    window.emulate(dark=dark)
    window.open(page)
    window.type(SEARCH, "/bin/")
    assert window.run("return document.documentElement.scrollWidth <= window.innerWidth")


def test_hostile_names_neither_run_nor_break_the_page(window: Browser, hostile: Path) -> None:
    window.open(hostile)
    assert window.run("return document.querySelectorAll('script').length") == 1
    assert window.run("return document.querySelectorAll('img, svg, a[href^=http], iframe, object').length") == 0
    for name in ("<script>alert(1)", "<img src=x", "'\"><svg", "__proto__", "{{ 7*7 }}"):
        window.run("document.querySelector('button.clear').click()")
        window.type(SEARCH, name)
        assert any(name in text for text in window.run(VISIBLE)), name
    quiet(window, hostile)
