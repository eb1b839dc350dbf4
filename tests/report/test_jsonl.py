"""JSON lines: the same facts as the JSON, one a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.report.rendering import HOSTILE_NAMES, content_of, named_image, rendered, report_of, truncated


def records(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


# Records of an image, each with the key of their list in the JSON document.
LISTS = {"history": "history", "waste": "waste", "waste_group": "waste_groups", "advice": "advice"}


def regrouped(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """The JSON document that the records tell of."""
    document: dict[str, Any] = {"images": [], "other": [], "findings": []}
    for line in lines:
        record = line.pop("record")
        image = document["images"][line.pop("image")] if record in ("layer", "change", *LISTS) else {}
        if record == "source":
            document |= line
        elif record == "image":
            assert line.pop("image") == len(document["images"])
            document["images"].append(line | {"layers": []} | {name: [] for name in LISTS.values()})
        elif record in LISTS:
            image[LISTS[record]].append(line)
        elif record == "layer":
            image["layers"].append(line | {"changes": []})
        elif record == "change":
            image["layers"][line.pop("layer")]["changes"].append(line)
        elif record in ("other", "finding"):
            document["findings" if record == "finding" else record].append(line)
        else:
            assert record == "end"
            document["ignored"] = line["ignored"]
    return document


def test_it_tells_what_the_json_tells(fixtures: Path) -> None:
    for name in ("mysql.tar", "d20-two-images-shared.tar", "d26c-buildx-oci-multiplatform.tar"):
        content = content_of(fixtures / name)
        assert regrouped(records(rendered(content, "jsonl"))) == json.loads(rendered(content, "json"))


def test_it_begins_with_source_and_ends_with_end(fixtures: Path) -> None:
    lines = records(rendered(content_of(fixtures / "mysql.tar"), "jsonl"))
    assert [line["record"] for line in lines[:2]] == ["source", "image"]
    assert lines[-1] == {
        "record": "end",
        "complete": True,
        "integrity": "not-checked",
        "images": 1,
        "findings": sum(line["record"] == "finding" for line in lines),
        "ignored": 0,
    }


def test_a_layer_comes_before_its_changes(fixtures: Path) -> None:
    layer = None
    for line in records(rendered(content_of(fixtures / "mysql.tar"), "jsonl")):
        if line["record"] == "layer":
            layer = line["index"]
        elif line["record"] == "change":
            assert line["layer"] == layer


def test_hostile_names_stay_on_their_line(tmp_path: Path) -> None:
    text = report_of(named_image(HOSTILE_NAMES), tmp_path, "jsonl")
    paths = [line["path"] for line in records(text) if line["record"] == "change"]
    assert "/d/new\nline" in paths
    assert "/d/\u202egpj.exe" in paths


def test_damage_stands_in_the_first_line(tmp_path: Path) -> None:
    first = records(report_of(truncated(), tmp_path, "jsonl"))[0]
    assert first["complete"] is False
