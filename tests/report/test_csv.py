"""CSV: one row per change, one per layer, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path

import pytest

from imgtar.report.csv.inspect import CHANGES, LAYERS
from tests.builders import docker_save, file, layer
from tests.report.rendering import HOSTILE_NAMES, content_of, named_image, rendered, report_of, truncated

FORMATS = ("csv", "csv-layers")


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text), strict=True))


def test_one_row_per_change(fixtures: Path) -> None:
    content = content_of(fixtures / "mysql.tar")
    rows = rows_of(rendered(content, "csv"))
    layers = content.document.images[0].layers
    assert len(rows) == sum((tally.count or 0) for row in layers for tally in (row.added, row.modified, row.deleted))
    changed = next(row for row in rows if row["path"] == "/opt/lower/modify-me" and row["kind"] == "modified")
    assert changed["layer"] == "5"
    assert changed["instruction"] == "RUN"
    assert "content" in changed["why"].split()
    assert changed["mode"].startswith("0")


def test_one_row_per_layer(fixtures: Path) -> None:
    content = content_of(fixtures / "mysql.tar")
    rows = rows_of(rendered(content, "csv-layers"))
    assert [row["layer"] for row in rows] == [str(index) for index in range(10)]
    assert sum(int(row["content_size"]) for row in rows) == content.document.images[0].totals.content_size
    assert rows[9]["step"].startswith("COPY ")


def test_a_file_rewritten_identically_says_nothing_changed(tmp_path: Path) -> None:
    image = docker_save([layer(file("f", b"x")), layer(file("f", b"x"), file("g"))])
    text = report_of(image, tmp_path, "csv")
    assert next(row for row in rows_of(text) if row["kind"] == "modified")["why"] == "nothing"


@pytest.mark.parametrize(("format_name", "columns"), [("csv", CHANGES), ("csv-layers", LAYERS)])
def test_every_row_has_the_columns(tmp_path: Path, format_name: str, columns: tuple[str, ...]) -> None:
    text = report_of(named_image(HOSTILE_NAMES), tmp_path, format_name)
    rows = list(csv.reader(StringIO(text), strict=True))
    assert tuple(rows[0]) == columns
    assert {len(row) for row in rows} == {len(columns)}


@pytest.mark.parametrize("format_name", FORMATS)
def test_no_cell_is_a_formula(tmp_path: Path, format_name: str) -> None:
    text = report_of(named_image(HOSTILE_NAMES), tmp_path, format_name)
    cells = [cell for row in csv.reader(StringIO(text)) for cell in row]
    assert not [cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@", "\t", "\r"))]


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_row_is_a_line(tmp_path: Path, format_name: str) -> None:
    text = report_of(named_image(HOSTILE_NAMES), tmp_path, format_name)
    assert len(text.splitlines()) == len(list(csv.reader(StringIO(text))))
    assert {char for char in text if not char.isprintable()} == {"\n"}


@pytest.mark.parametrize("format_name", FORMATS)
def test_damage_stands_in_the_first_row(tmp_path: Path, format_name: str) -> None:
    first, *_ = rows_of(report_of(truncated(), tmp_path, format_name))
    assert first["kind"] == "incomplete"
    assert "ends at byte" in first["note"]


def test_a_layer_that_was_cut_says_where(tmp_path: Path) -> None:
    last = rows_of(report_of(truncated(), tmp_path, "csv-layers"))[-1]
    assert last["note"].startswith("cut at byte ")


def test_summary_has_no_changes(fixtures: Path) -> None:
    assert rows_of(rendered(content_of(fixtures / "mysql.tar", summary=True), "csv")) == []
