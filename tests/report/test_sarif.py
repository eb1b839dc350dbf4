"""SARIF: valid by the schema of its committee, and what code-scanning pages need is there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests import builders
from tests.paths import SARIF_SCHEMA
from tests.report.rendering import HOSTILE_NAMES, content_of, inside, named_image, rendered, report_of, truncated

SCHEMA = SARIF_SCHEMA


@pytest.fixture(scope="module")
def validator() -> Any:
    return jsonschema.Draft4Validator(json.loads(SCHEMA.read_bytes()))


def run_of(text: str) -> dict[str, Any]:
    (run,) = json.loads(text)["runs"]
    assert isinstance(run, dict)
    return run


@pytest.mark.parametrize(
    "name", ["mysql.tar", "d20-two-images-shared.tar", "d26c-buildx-oci-multiplatform.tar", "d20-scratch.tar", "s5-oci"]
)
def test_it_is_valid(fixtures: Path, validator: Any, name: str) -> None:
    validator.validate(json.loads(rendered(content_of(fixtures / name), "sarif")))


def test_hostile_names_stay_valid(tmp_path: Path, validator: Any) -> None:
    log = json.loads(report_of(named_image(HOSTILE_NAMES), tmp_path, "sarif"))
    validator.validate(log)
    results = log["runs"][0]["results"]
    assert results
    assert all(result["message"]["text"].isprintable() for result in results)


def test_a_message_holds_no_link_and_no_placeholder(tmp_path: Path) -> None:
    names = ["<a>[link](http:x)", "<a>{0}"]
    run = run_of(report_of(named_image(names), tmp_path, "sarif"))
    texts = [result["message"]["text"] for result in run["results"]]
    assert any("\\[link\\](" in text for text in texts)
    assert not any("{0}" in text.replace("{{0}}", "") for text in texts)


def test_a_result_points_at_its_rule_and_its_place(fixtures: Path) -> None:
    run = run_of(rendered(content_of(fixtures / "mysql.tar"), "sarif"))
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert rules[result["ruleIndex"]]["help"]["text"]
        (location,) = result["locations"]
        assert location["physicalLocation"]["artifactLocation"]["index"] == 0
        assert location["logicalLocations"][0]["fullyQualifiedName"].startswith("r/mysqlish:classic > layer 3 > /opt")


def test_fingerprints_survive_a_rebuild(tmp_path: Path) -> None:
    def prints(body: bytes) -> set[str]:
        layers = [builders.layer(builders.file("a", body), builders.file("<b>"))]
        run = run_of(report_of(builders.docker_save(layers), tmp_path, "sarif"))
        return {result["partialFingerprints"]["imgtar/v1"] for result in run["results"]}

    assert prints(b"one") == prints(b"another body" * 1000) != set()


def test_a_damaged_archive_is_a_run_that_failed(tmp_path: Path, validator: Any) -> None:
    text = report_of(truncated(), tmp_path, "sarif")
    validator.validate(json.loads(text))
    (invocation,) = run_of(text)["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"][0]["message"]["text"].startswith("Incomplete: ")


def test_a_whole_archive_is_a_run_that_succeeded(fixtures: Path) -> None:
    (invocation,) = run_of(rendered(content_of(fixtures / "mysql.tar"), "sarif"))["invocations"]
    assert invocation == {"executionSuccessful": True, "toolExecutionNotifications": []}


def test_names_that_need_it_are_percent_encoded(tmp_path: Path, validator: Any) -> None:
    (tmp_path / "my image #1.tar").write_bytes(builders.good())
    with inside(tmp_path):
        log = json.loads(rendered(content_of("my image #1.tar"), "sarif"))
    validator.validate(log)
    assert log["runs"][0]["artifacts"][0]["location"]["uri"] == "my%20image%20%231.tar"
