"""`--own`: what lies in the base is left out of the lists, and sums of the layers above it stand beside the totals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import imgtar
from imgtar.answers.filters import Filter
from imgtar.answers.inspect import inspect_content
from imgtar.contract.content import InspectContent, TextSettings
from imgtar.report import json_document, json_lines
from tests.builders import docker_save, file, image_config, layer, whiteout
from tests.paths import FIXTURES

# Layer 0 is the base. It wastes 1 byte (a), layer 1 wastes 10 (b), and 100 of the base are deleted by layer 2.
LAYERS = [
    layer(file("a", b"1"), file("a", b"22"), file("c", b"3" * 100)),
    layer(file("b", b"4" * 10), file("kept", b"5")),
    layer(whiteout("c"), file("b", b"6" * 20)),
]


def own(path: Path | str, **options: Any) -> InspectContent:
    session = imgtar.inspect(path, imgtar.InspectOptions(own=True, **options)).session
    return inspect_content(session, Filter().apply(session.findings), own=True)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "image.tar"
    path.write_bytes(docker_save(LAYERS))
    return path


def test_only_waste_that_own_layers_brought_is_listed(archive: Path) -> None:
    [image] = own(archive, base=1).document.images
    assert [(row.path, row.bytes) for row in image.waste_rows] == [("/b", 10)]
    assert image.own is not None
    assert (image.own.layers, image.own.stored_bytes, image.own.wasted_bytes) == (2, 31, 10)
    assert (image.totals.stored_bytes, image.totals.wasted_bytes) == (134, 111), "the totals are those of the image"
    assert image.own.content_size == sum(row.content_size or 0 for row in image.layers[1:])


def test_only_changes_and_files_of_own_layers_are_listed(archive: Path) -> None:
    content = own(archive, base=1)
    assert [[row.path for row in content.changes(0, number)] for number in range(3)] == [
        [], ["/b", "/kept"], ["/b", "/c"],
    ]  # fmt: skip
    assert [row.path for row in content.files(0)] == ["/b", "/kept"]
    document = json.loads(b"".join(json_document.inspect(content, TextSettings())))
    layers = document["images"][0]["layers"]
    assert ["changes" in row for row in layers] == [False, True, True], "an empty list would say that nothing changed"
    assert layers[0]["added"]["count"] == 2
    records = [json.loads(line) for line in b"".join(json_lines.inspect(content, TextSettings())).splitlines()]
    assert {row["layer"] for row in records if row["record"] == "change"} == {1, 2}


def test_nothing_is_left_out_where_the_base_is_not_known(tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(docker_save(LAYERS, history=[{"created_by": "COPY x /x # buildkit"}] * 3))
    content = own(path)
    [image] = content.document.images
    assert image.base is None
    assert image.own is not None
    assert (image.own.layers, image.own.wasted_bytes) == (3, image.totals.wasted_bytes)
    assert [len(list(content.changes(0, number))) for number in range(3)] == [2, 2, 2]


def test_a_summary_has_the_sums(archive: Path) -> None:
    session = imgtar.inspect(archive, imgtar.InspectOptions(own=True, base=1, summary=True)).session
    content = inspect_content(session, Filter().apply(session.findings), own=True, summary=True)
    [image] = content.document.images
    assert image.own is not None
    assert (image.own.wasted_bytes, image.waste_rows) == (10, [])


@pytest.mark.parametrize("layers", [0, 1, 3, 9, 10])
def test_own_and_base_are_the_whole_image(layers: int) -> None:
    [whole] = imgtar.inspect(FIXTURES / "mysql.tar").document.images
    [image] = own(FIXTURES / "mysql.tar", base=layers).document.images
    assert image.own is not None
    assert image.totals == whole.totals
    assert image.own.blob_size + sum(row.blob_size or 0 for row in image.layers[:layers]) == whole.totals.blob_size
    assert image.waste_rows == [row for row in whole.waste_rows if row.added_in >= layers]
    assert image.waste_group_rows == [row for row in whole.waste_group_rows if row.added_in >= layers]
    assert image.advice_rows == [row for row in whole.advice_rows if row.layer >= layers]
    assert image.own.wasted_bytes == sum(row.bytes for row in image.waste_rows)


def test_own_keeps_advice_about_own_steps_that_store_files_of_the_base_again(tmp_path: Path) -> None:
    lists, program = file("var/lib/apt/lists/a", b"l" * 5000), file("app/program", b"p" * 6000)
    steps = [
        ("/bin/sh -c #(nop) ADD file:0 in / ", layer(file("etc/os-release", b"ID=debian\n"))),
        ("/bin/sh -c apt-get update", layer(lists)),
        ("/bin/sh -c #(nop) COPY dir:0 in /app ", layer(program)),
        ("/bin/sh -c rm -r /var/lib/apt/lists", layer(whiteout("var/lib/apt/lists"))),
        ("/bin/sh -c #(nop) COPY dir:0 in /app ", layer(program)),
    ]
    layers = [content for _, content in steps]
    config = image_config(layers, history=[{"created_by": command} for command, _ in steps])
    (tmp_path / "image.tar").write_bytes(docker_save(layers, config=config))
    [whole] = imgtar.inspect(tmp_path / "image.tar").document.images
    [image] = own(tmp_path / "image.tar", base=3).document.images
    assert [(one.kind, one.layer) for one in whole.advice_rows] == [("stored-again", 4), ("late-cache-removal", 1)]
    assert [(one.kind, one.layer) for one in image.advice_rows] == [("stored-again", 4)]
