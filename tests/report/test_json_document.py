"""Which keys stand in JSON: lists that a report leaves out are absent, the place of a finding always stands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.builders import docker_save, file, gzip, layer
from tests.cli.command import imgtar
from tests.paths import FIXTURES
from tests.runs import COMPARING, REPORTS, line_of


def documents(*arguments: object) -> list[dict[str, Any]]:
    printed = imgtar(*map(str, arguments)).stdout
    return [json.loads(line) for line in printed.splitlines()]


@pytest.mark.parametrize("choice", [("inspect", "--summary"), ("verify",)], ids=lambda choice: choice[0])
def test_long_lists_that_are_left_out_are_absent(choice: tuple[str, ...]) -> None:
    [document] = documents(*choice, FIXTURES / "mysql.tar", "--format", "json")
    [whole] = documents("inspect", FIXTURES / "mysql.tar", "--format", "json")
    [image], [whole_image] = document["images"], whole["images"]
    assert set(whole_image) - set(image) == {"waste", "waste_groups", "advice"}
    for row, whole_row in zip(image["layers"], whole_image["layers"], strict=True):
        assert set(whole_row) - set(row) == {"changes"}
    jsonschema.validate(document, json.loads(imgtar("schema", choice[0]).stdout))
    jsonschema.validate(whole, json.loads(imgtar("schema", "inspect").stdout))


def test_records_that_are_left_out_are_absent() -> None:
    records = documents("inspect", "--summary", FIXTURES / "mysql.tar", "--format", "jsonl")
    assert {record["record"] for record in records}.isdisjoint({"change", "waste", "waste_group", "advice"})


@pytest.mark.parametrize("command", [*REPORTS, "jsonl"])
def test_where_and_references_of_a_finding_always_stand(command: str, tmp_path: Path) -> None:
    path = tmp_path / "image.tar.gz"
    path.write_bytes(gzip(docker_save([layer(file("a"))])) + b"x")
    form = "jsonl" if command == "jsonl" else "json"
    found = documents(*line_of("inspect" if command == "jsonl" else command, str(path), "--format", form))
    findings = [row for row in found if row["record"] == "finding"] if command == "jsonl" else found[0]["findings"]
    trailing = [row for row in findings if row["code"] == "gzip.trailing-data"]
    operands = {"diff": "input", "shared": "archive"}.get(command)
    places = ({operands, "offset"},) * (2 if command in COMPARING else 1) if operands else ({"offset"},)
    assert tuple(row["where"].keys() for row in trailing) == places
    assert all(row["references"] == [] for row in trailing)


def test_a_finding_without_a_place_has_an_empty_one() -> None:
    [document] = documents("verify", FIXTURES / "mysql.tar", "--expect-id", "0" * 64, "--format", "json")
    [unexpected] = [row for row in document["findings"] if row["code"] == "verify.unexpected-id"]
    assert (unexpected["where"], unexpected["references"]) == ({}, [])
