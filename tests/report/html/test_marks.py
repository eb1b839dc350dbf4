"""The findings of the page stand where they belong: at the layer, at the file, and the way from one to the other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import builders
from tests.builders import docker_save, file, layer, whiteout
from tests.cli.command import imgtar
from tests.report.html.browser import Browser, is_here
from tests.report.html.test_inspect import TAGS, Page
from tests.report.rendering import HOSTILE_NAMES, content_of, rendered

needs_browser = [
    pytest.mark.slow,
    pytest.mark.skipif(not is_here(), reason="chromium and chromedriver are not installed"),
]
PATHS = "return [...document.querySelectorAll('.sizer .path-cell')].map(cell => cell.textContent)"
KEY = b"-----BEGIN RSA PRIVATE KEY-----\n" + b"MIIEpAIBAAKCAQEA7bq98uJ2wQ3gkqXy5R4m\n" * 20
KEY += b"-----END RSA PRIVATE KEY-----\n"
FLAGS = re.compile(r'<a class="flag s-(\w+)" href="#findings-0" data-layer="(\d+)"[^>]*>([\d,]+) ')


def image_with_a_key() -> bytes:
    """Layer 1 has a key, which layer 2 deletes, and a setuid program; layer 2 has a plain file."""
    layers = [
        layer(file("etc/passwd", b"root:x:0:0::/root:/bin/sh\n")),
        layer(file("root/id_rsa", KEY), file("usr/local/bin/tool", b"x" * 99, mode=0o4755)),
        layer(whiteout("root/id_rsa"), file("plain", b"p")),
    ]
    return docker_save(layers, config=builders.image_config(layers, history=builders.history_of(3)))


def page_of(archive: bytes, folder: Path, *options: str) -> Path:
    (folder / "image.tar").write_bytes(archive)
    assert imgtar("inspect", "image.tar", *options, "-o", "html=page.html", cwd=folder).returncode == 0
    return folder / "page.html"


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return page_of(image_with_a_key(), tmp_path_factory.mktemp("marks"), "--audit")


def test_each_layer_has_its_findings_by_severity(audited: Path) -> None:
    found = FLAGS.findall(audited.read_text())
    assert {number for _, number, _ in found} == {"1"}
    assert {severity for severity, _, _ in found} >= {"critical"}


def test_without_the_audit_the_page_says_how_to_get_it(tmp_path: Path, audited: Path) -> None:
    text = page_of(image_with_a_key(), tmp_path).read_text()
    assert FLAGS.findall(text) == []
    assert "imgtar inspect --audit image.tar -o html=report.html" in text
    assert "adds what the audit finds" not in audited.read_text()


def test_only_findings_about_files_of_this_page_have_a_path(audited: Path, tmp_path: Path) -> None:
    assert 'data-path="/root/id_rsa"' in audited.read_text()
    (tmp_path / "image.tar").write_bytes(image_with_a_key())
    imgtar("audit", "image.tar", "-o", "html=page.html", cwd=tmp_path)
    assert "data-path" not in (tmp_path / "page.html").read_text()


def test_names_in_findings_make_no_markup(tmp_path: Path) -> None:
    """Every hostile name is that of a setuid file, so that a finding, its place and its mark quote it."""
    names = [raw for name in HOSTILE_NAMES if b"/" not in (raw := builders.raw(name))]
    (tmp_path / "image.tar").write_bytes(docker_save([layer(*(file(name, b"x", mode=0o4755) for name in names))]))
    page = Page(rendered(content_of(tmp_path / "image.tar", audit=True), "html"))
    assert set(page.tags) <= TAGS
    assert page.open == []
    assert not [name for _, name, _ in page.attributes if name.startswith("on") or name in ("style", "src")]
    assert len({value for _, name, value in page.attributes if name == "data-path"}) == len(names)


class TestInABrowser:
    pytestmark = needs_browser

    def test_the_file_of_a_finding_is_marked_in_the_list_that_has_it(self, window: Browser, audited: Path) -> None:
        window.open(audited, "#mode=waste")
        assert window.run(PATHS) == ["critical ×3/root/id_rsa"]
        window.open(audited, "#search=tool")
        (path,) = window.run(PATHS)
        assert path.endswith("/usr/local/bin/tool")
        assert path != "/usr/local/bin/tool"

    def test_a_mark_leads_to_its_finding_and_back_to_the_file(self, window: Browser, audited: Path) -> None:
        window.open(audited, "#mode=waste")
        window.run("document.querySelector('.sizer .flag').click()")
        assert window.run("return document.activeElement.dataset.path") == "/root/id_rsa"
        window.open(audited)
        window.run("document.querySelector('li[data-path=\"/root/id_rsa\"] button.link').click()")
        assert window.run("return location.hash") == "#mode=waste&search=/root/id_rsa"
        assert window.run(PATHS) == ["critical ×3/root/id_rsa"]

    def test_the_flag_of_a_layer_shows_its_findings_alone(self, window: Browser, audited: Path) -> None:
        window.open(audited)
        window.run("document.querySelector('.step a.flag').click()")
        assert window.run("return location.hash") == "#layer=1"
        shown = "return [...document.querySelectorAll('.finding li')].filter(li => li.checkVisibility())"
        assert set(window.run(f"{shown}.map(li => li.dataset.layers)")) == {"1"}
        assert window.run("return document.activeElement.id") == "findings-0"

    def test_only_files_with_findings(self, window: Browser, audited: Path) -> None:
        window.open(audited)
        window.run("document.querySelector('.controls input[type=checkbox]').click()")
        assert window.run("return location.hash") == "#flagged=yes"
        assert all("/usr/local/bin/tool" in path for path in window.run(PATHS))
        elsewhere = "return [...document.querySelectorAll('.elsewhere button')].map(one => one.textContent)"
        assert window.run(elsewhere) == ["1 more among the wasted files"]

    def test_hostile_names_are_marked_as_text(self, window: Browser, tmp_path: Path) -> None:
        names = [raw for name in HOSTILE_NAMES if b"/" not in (raw := builders.raw(name))]
        archive = docker_save([layer(*(file(b"d/" + name, b"x", mode=0o4755) for name in names))])
        page = page_of(archive, tmp_path, "--audit")
        window.open(page, "#flagged=yes")
        assert len(window.run(PATHS)) == len(names)
        for number in range(len(names)):
            window.run("document.querySelectorAll('li[data-path] button.link')[arguments[0]].click()", number)
            assert window.run(PATHS), number
        assert window.run("return document.querySelectorAll('script').length") == 2
        assert window.run("return document.querySelectorAll('img, iframe').length") == 0
        assert window.logs("browser") == []
