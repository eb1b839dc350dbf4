"""HTML: what the file is made of, whatever the image holds (X35), and that its data is whole or says what it sums."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest

from imgtar.contract.content import InspectContent
from imgtar.report.html import survey as html_survey
from tests import builders
from tests.builders import directory, docker_save, file, hardlink, layer, symlink, whiteout
from tests.report.rendering import (
    HOSTILE_NAMES,
    PLAIN_NAMES,
    content_of,
    inside,
    named_image,
    rendered,
    report_of,
    truncated,
)

TAGS = frozenset(
    word
    for line in (
        "html head meta title link style body a div strong ul ol li header span main article section h1 h2 h3 p code b",
        "svg g rect text line table thead tbody tr th td dl dt dd i small details summary pre footer noscript script",
        "nav",
    )
    for word in line.split()
)
VOID = {"meta", "link", "rect", "line"}


class Page(HTMLParser):
    """Counts tags and keeps attributes, and checks that what is opened is closed."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def rows_json(text: str) -> str:
    found = re.search(r'<script type="application/json" id="rows">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    return found[1]


def decoded(image: dict[str, Any], name: str) -> list[tuple[Any, ...]]:
    """(path, size, facts…) of a list's rows, in order."""
    names, parents = image["names"], image["parents"]

    def path(place: int) -> str:
        parts = []
        while place:
            parts.append(names[place])
            place -= parents[place]
        return "/" + "/".join(reversed(parts))

    columns = image["rows"][name]
    place, rows = 0, []
    for difference, *facts in zip(*columns, strict=True):
        place += difference
        rows.append((path(place), *facts))
    return rows


def without_findings(content: InspectContent) -> InspectContent:
    return msgspec.structs.replace(content, document=msgspec.structs.replace(content.document, findings=[]))


@pytest.fixture(scope="module")
def mysql(fixtures: Path) -> str:
    return rendered(content_of(fixtures / "mysql.tar"), "html")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> str:
    return report_of(named_image(HOSTILE_NAMES), tmp_path_factory.mktemp("hostile"), "html")


def test_the_essentials_need_no_script(mysql: str) -> None:
    body = mysql.split('<script type="application/json"')[0]
    for text in (
        "10 layers = 1 base + 8 RUN + 1 COPY; 9 steps are metadata only",
        "r/mysqlish:classic",
        "c104df98b3e8",
        "1.54 MB",
        "/opt/sparse.img",
        "/usr/sbin/mysqld.1",
        "layer.control-char",
        "docker-entrypoint.sh",
        "MYSQL_VERSION=8.4.5-1.el9",
    ):
        assert text in body, text
    assert body.count('<li class="step k') == 10
    assert body.count('<li class="step meta') == 9


@pytest.mark.parametrize("page", ["mysql", "hostile"])
def test_only_known_tags_and_no_way_to_run_or_ask(page: str, request: pytest.FixtureRequest) -> None:
    parsed = Page(request.getfixturevalue(page))
    assert set(parsed.tags) <= TAGS
    assert parsed.open == []
    assert parsed.tags["script"] == 2
    assert parsed.tags["style"] == 1
    for tag, name, value in parsed.attributes:
        assert not name.startswith("on"), (tag, name)
        assert name not in ("style", "src", "srcset", "action", "formaction", "background", "ping", "xlink:href")
        if name == "href":
            assert value.startswith("#") or (tag, value) == ("link", "data:,")


def test_the_policy_allows_this_style_and_this_script_only(mysql: str) -> None:
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', mysql)
    assert policy is not None
    rules = dict(rule.strip().split(" ", 1) for rule in policy[1].replace("&#39;", "'").split(";"))
    assert rules["default-src"] == "'none'"
    for tag, name in (("style", "style-src"), ("script", "script-src")):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", mysql, re.DOTALL)
        digest = b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert rules[name] == f"'sha256-{digest}'"


def test_the_licence_of_d3_is_in_the_page(mysql: str) -> None:
    assert "Mike Bostock" in mysql
    assert "Permission to use, copy, modify, and/or distribute this software" in mysql


def test_nothing_of_the_data_can_open_an_element(hostile: str) -> None:
    data = rows_json(hostile)
    assert "<" not in data
    assert "</script><script>alert(1)</script>" in json.dumps(json.loads(data), ensure_ascii=False)


def test_odd_names_make_as_many_tags_as_plain_ones(tmp_path: Path) -> None:
    counts = []
    for names in (HOSTILE_NAMES, PLAIN_NAMES):
        (tmp_path / "image.tar").write_bytes(named_image(names))
        with inside(tmp_path):
            counts.append(Page(rendered(without_findings(content_of("image.tar")), "html")).tags)
    assert counts[0] == counts[1]


def test_no_character_that_moves_or_hides_others(hostile: str) -> None:
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202e\u2028\u2029]", hostile)


def test_damage_stands_before_everything_else(tmp_path: Path) -> None:
    text = report_of(truncated(), tmp_path, "html")
    body = text[text.index("<body>") :]
    assert body.index('class="band" role="alert"') < body.index("<header")
    assert "Incomplete." in body
    assert "cut at byte" in body


def test_a_sound_image_has_no_band(mysql: str) -> None:
    assert 'class="band"' not in mysql


def test_the_rows_are_those_of_the_report(fixtures: Path) -> None:
    content = content_of(fixtures / "mysql.tar")
    (image,) = json.loads(rows_json(rendered(content, "html")))
    expected = [(html_survey.row_path(entry), entry.size, entry.layer) for entry in content.files(0)]
    assert [row[:3] for row in decoded(image, "final")] == expected
    changes = [change for index in range(10) for change in content.changes(0, index)]
    kinds = [image["kinds"][row[4]][0] for row in decoded(image, "changes")]
    assert kinds == [change.kind for change in changes]
    waste = content.document.images[0].waste_rows
    assert [(row[1], row[2], row[5]) for row in decoded(image, "waste")] == [
        (row.bytes, row.added_in, row.removed_in) for row in waste
    ]
    assert image["rests"] == {"final": [], "changes": [], "waste": []}


def many_files() -> bytes:
    """900 files in 30 directories with sizes from 0 to 8990, a third of them deleted again."""
    paths = [f"srv/dir{number % 30:02}/file-{number:04}" for number in range(900)]
    base = layer(directory("srv/"), *(file(path, b"x" * (10 * number)) for number, path in enumerate(paths)))
    links = [hardlink("srv/same", paths[-1]), symlink("srv/link", "dir00")]
    return docker_save([base, layer(*(whiteout(path) for path in paths[::3]), *links)])


@pytest.mark.parametrize("room", [0, 2_000, 20_000])
def test_what_is_left_out_is_summed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    monkeypatch.setattr(html_survey, "ROOM", room)
    (tmp_path / "image.tar").write_bytes(many_files())
    with inside(tmp_path):
        content = content_of("image.tar")
        (image,) = json.loads(rows_json(rendered(content, "html")))
    totals = content.document.images[0].totals
    rows, rests = decoded(image, "final"), image["rests"]
    files = {entry.path: entry for entry in content.files(0)}
    kept = sum(row[1] for row in rows if files[row[0]].type == "file")
    assert kept + sum(rest[2] for rest in rests["final"]) == totals.final_bytes
    assert len(rows) + sum(rest[1] for rest in rests["final"]) == len(files)
    waste = decoded(image, "waste")
    assert sum(row[1] for row in waste) + sum(rest[2] for rest in rests["waste"]) == totals.wasted_bytes
    changed = sum((layer.added.count or 0) + (layer.deleted.count or 0) for layer in content.document.images[0].layers)
    modified = sum(layer.modified.count or 0 for layer in content.document.images[0].layers)
    assert len(decoded(image, "changes")) + sum(rest[1] for rest in rests["changes"]) == changed + modified
    smallest_kept = min((row[1] for row in rows), default=10**9)
    assert all(entry.size <= smallest_kept + 1000 for path, entry in files.items() if path not in {r[0] for r in rows})
    assert len(json.dumps(image)) < room + 8_000


def test_deep_directories_do_not_fill_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below 64 directories a name in the page has the whole rest of the path and counts as such."""
    monkeypatch.setattr(html_survey, "ROOM", 100_000)
    name = "/".join("d" * 100 for _ in range(300)) + "/f"
    archive = docker_save([builders.tar(builders.pax({"path": name}) + file("f", b"x"))])
    assert len(rows_json(report_of(archive, tmp_path, "html"))) < 110_000


def test_a_full_page_has_every_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html_survey, "ROOM", 100)
    (image,) = json.loads(rows_json(report_of(many_files(), tmp_path, "html", full=True)))
    assert image["rests"] == {"final": [], "changes": [], "waste": []}
    assert len(decoded(image, "final")) == 600 + 30 + 1 + 2


def test_size_classes_grow_with_the_size() -> None:
    sizes = sorted({*range(5000), *(2**bits + more for bits in range(12, 63) for more in (-1, 0, 1))})
    classes = [html_survey.size_class(size) for size in sizes]
    assert classes == sorted(classes)


def test_a_summary_has_no_rows(fixtures: Path) -> None:
    text = rendered(content_of(fixtures / "mysql.tar", summary=True), "html")
    (image,) = json.loads(rows_json(text))
    assert image["names"] == [""]
    assert "Largest files" not in text


def test_every_image_has_its_tab_and_shared_layers_one_colour(fixtures: Path) -> None:
    text = rendered(content_of(fixtures / "d20-two-images-shared.tar"), "html")
    first, second = json.loads(rows_json(text))
    assert 'href="#image-1"' in text
    assert 'id="image-1"' in text
    assert first["layers"][0]["tone"] == second["layers"][0]["tone"]


def test_paths_of_any_depth_and_length(tmp_path: Path) -> None:
    deep = "a/" * 2000 + "end"
    long = "n" * 20_000
    image = docker_save([layer(*(file(path, b"x" * 9) for path in (deep, long)), file("plain"))])
    text = report_of(image, tmp_path, "html")
    (rows,) = json.loads(rows_json(text))
    assert ("/" + deep, 9) in [row[:2] for row in decoded(rows, "final")]
    assert max(len(line) for line in text.split('<script type="application/json"')[0].splitlines()) < 5000 or long


def test_the_page_names_no_time_and_no_place(fixtures: Path, tmp_path: Path) -> None:
    (tmp_path / "image.tar").write_bytes((fixtures / "d20-scratch.tar").read_bytes())
    with inside(tmp_path):
        text = rendered(content_of("image.tar"), "html")
    assert str(tmp_path) not in text
    assert text == report_of((fixtures / "d20-scratch.tar").read_bytes(), tmp_path, "html")


def test_a_config_that_breaks_words_keeps_the_page(tmp_path: Path) -> None:
    layers = [layer(file("a", b"a"))]
    config = builders.image_config(layers, history=[{"created_by": "RUN " + "x\n" * 9000}])
    text = report_of(docker_save(layers, config=config), tmp_path, "html")
    assert "more characters" in text
    assert len(text) < 200_000
