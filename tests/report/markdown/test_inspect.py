"""Markdown: what a pull-request comment shows, whatever the names in the image are (X36)."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests import builders
from tests.builders import directory, docker_save, file, layer, whiteout
from tests.report.rendering import HOSTILE_NAMES, PLAIN_NAMES, content_of, named_image, rendered, report_of, truncated

LIMIT = 60_000
FROM_NAMES = ("link_open", "image", "html_inline", "html_block", "strong_open", "em_open", "s_open")


def parsed(text: str) -> list[Token]:
    """All tokens, inline ones included, as a parser with tables, strike-through and autolinks sees them."""
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    return [inner for token in tokens for inner in (token, *(token.children or []))]


def shape(text: str) -> Counter[str]:
    return Counter(token.type for token in parsed(text))


@pytest.fixture(scope="module")
def mysql(fixtures: Path) -> str:
    return rendered(content_of(fixtures / "mysql.tar"), "markdown")


def test_it_says_what_the_image_is(mysql: str) -> None:
    assert "**1.54 MB** in 10 layers = 1 base + 8 RUN + 1 COPY; 9 steps are metadata only" in mysql
    assert "## `r/mysqlish:classic`" in mysql
    assert "`c104df98b3e8`" in mysql


def test_every_step_has_its_row_in_order(mysql: str) -> None:
    rows = [line for line in mysql.split("### Steps")[1].split("###")[0].splitlines() if line.startswith("| ")][2:]
    numbers = [row.split(" | ")[0].strip("| ") for row in rows]
    assert [number for number in numbers if number != "·"] == [str(index) for index in range(10)]
    assert len(numbers) == 19
    assert numbers[1] == "·"


def test_one_table_per_section(mysql: str) -> None:
    tokens = [token for token in parsed(mysql) if token.type in ("heading_open", "table_open")]
    assert [token.type for token in tokens] == ["heading_open", *["heading_open", "table_open"] * 5]


def test_waste_is_cut_at_top_and_says_so(fixtures: Path) -> None:
    content = content_of(fixtures / "mysql.tar")
    few, all_of_it = rendered(content, "markdown", top=2), rendered(content, "markdown", top=0)
    rows = len(content.document.images[0].waste_rows)
    assert f"… {rows - 2} smaller files" in few
    assert "smaller files" not in all_of_it


def test_summary_leaves_the_waste_rows_out(fixtures: Path) -> None:
    text = rendered(content_of(fixtures / "mysql.tar", summary=True), "markdown")
    assert "/usr/sbin/mysqld.1" not in text
    assert "**30 kB** of 1.54 MB" in text


def test_several_images_have_an_overview(fixtures: Path) -> None:
    text = rendered(content_of(fixtures / "d20-two-images-shared.tar"), "markdown")
    assert "## 2 images" in text
    assert text.count("### Steps") == 2


def test_names_make_no_markup(tmp_path: Path) -> None:
    hostile = report_of(named_image(HOSTILE_NAMES), tmp_path, "markdown", top=0)
    plain = report_of(named_image(PLAIN_NAMES), tmp_path, "markdown", top=0)
    assert not {kind: count for kind, count in shape(hostile).items() if kind in FROM_NAMES[:4] and count}
    for kind in ("strong_open", "em_open", "s_open", "table_open", "heading_open"):
        assert shape(hostile)[kind] == shape(plain)[kind], kind


def test_every_row_of_a_table_has_its_cells(tmp_path: Path) -> None:
    widths: list[int] = []
    for token in parsed(report_of(named_image(HOSTILE_NAMES), tmp_path, "markdown", top=0)):
        if token.type == "tr_open":
            widths.append(0)
        elif token.type in ("td_open", "th_open"):
            widths[-1] += 1
        elif token.type == "table_close":
            assert len(set(widths)) == 1
            widths = []


def test_every_name_is_shown_within_one_code_span(tmp_path: Path) -> None:
    tokens = parsed(report_of(named_image(HOSTILE_NAMES), tmp_path, "markdown", top=0))
    spans = {token.content for token in tokens if token.type == "code_inline"}
    assert {"/d/<script>alert(1)</script>", "/d/new\\x0aline", "/d/a|b|c", "/d/`code`", "/d/日本語"} <= spans


def test_no_control_or_direction_character_is_left(tmp_path: Path) -> None:
    text = report_of(named_image(HOSTILE_NAMES), tmp_path, "markdown", top=0)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202e]", text)


def test_text_outside_code_has_no_mention_or_address(tmp_path: Path) -> None:
    tokens = parsed(report_of(named_image(HOSTILE_NAMES), tmp_path, "markdown", top=0))
    prose = " ".join(token.content for token in tokens if token.type == "text")
    assert not re.search(r"@\w|://|www\.|#\d|\$", prose)


def test_damage_stands_in_the_first_line(tmp_path: Path) -> None:
    text = report_of(truncated(), tmp_path, "markdown")
    assert text.startswith("> **Incomplete.** Some parts could not be read")
    assert "`app:1`" in text


def test_it_fits_into_a_comment(tmp_path: Path) -> None:
    paths = [f"{'long-directory-name/' * 5}{number:05}" for number in range(3000)]
    base = layer(directory("d/"), *(file(path, b"x" * 10) for path in paths))
    top = layer(*(whiteout(path) for path in paths))
    history = [{"created_by": "x " * 500} for _ in range(2)]
    history += [{"created_by": f"/bin/sh -c #(nop) ENV {'y' * 1000}", "empty_layer": True} for _ in range(2000)]
    text = report_of(docker_save([base, top], history=history), tmp_path, "markdown", top=0)
    assert 40_000 < len(text.encode()) <= LIMIT
    assert re.search(r"… [\d,]+ more steps", text)
    assert re.search(r"… [\d,]+ more\n", text)


def test_a_hundred_images_fit_too(tmp_path: Path) -> None:
    members: list[builders.Member] = []
    entries = []
    for number in range(100):
        blob = layer(file("f", b"%d" % number))
        *stored, (name, config), _ = builders.docker_members([blob], created=f"2024-01-01T00:00:{number % 60:02}Z")
        members += [*stored, (name, config)]
        entries.append({"Config": name, "RepoTags": [f"app:{number}"], "Layers": [stored[0][0]]})
    archive = builders.members_tar([*members, ("manifest.json", builders.document(entries))])
    text = report_of(archive, tmp_path, "markdown")
    assert len(text.encode()) <= LIMIT
    assert "## 100 images" in text
    assert "| 99 | `app:99` |" in text
    assert "The first 20 follow in full" in text
