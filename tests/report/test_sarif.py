"""SARIF: valid by the schema of its committee, and what code-scanning pages need is there."""

from __future__ import annotations

import json
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
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


def test_a_rule_has_what_code_scanning_shows(fixtures: Path) -> None:
    rules = run_of(rendered(content_of(fixtures / "mysql.tar"), "sarif"))["tool"]["driver"]["rules"]
    numbers = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0"}
    for rule in rules:
        assert "security" in rule["properties"]["tags"]
        assert rule["properties"].get("security-severity") == numbers.get(rule["properties"]["severity"])
        assert rule["help"]["text"] in rule["help"]["markdown"]


def test_the_publishers_pages_are_the_help_of_a_rule(fixtures: Path, validator: Any, monkeypatch: Any) -> None:
    published = EmailMessage()
    published["Project-URL"] = "Documentation, https://example.org/imgtar/"
    monkeypatch.setattr("importlib.metadata.metadata", lambda _name: published)
    log = json.loads(rendered(content_of(fixtures / "mysql.tar"), "sarif"))
    validator.validate(log)
    rule = log["runs"][0]["tool"]["driver"]["rules"][0]
    assert rule["helpUri"] == f"https://example.org/imgtar/findings.md#{rule['id'].replace('.', '')}"


def test_without_a_publisher_the_help_of_a_rule_is_whole_and_leads_nowhere(fixtures: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("importlib.metadata.metadata", lambda _name: EmailMessage())
    content = content_of(fixtures / "mysql.tar")
    rules = run_of(rendered(content, "sarif"))["tool"]["driver"]["rules"]
    assert rules
    for rule in rules:
        words = rule["help"]["markdown"]
        assert "helpUri" not in rule
        assert f"**{rule['id']}** ({rule['properties']['severity']})" in words
        assert rule["fullDescription"]["text"] in words
        assert f"**What to do:** {rule['help']['text']}" in words
        assert all(name in words for name in rule["properties"]["tags"][2:])


def test_findings_alike_have_fingerprints_of_their_own(tmp_path: Path) -> None:
    layers = [builders.layer(builders.file("a", b"1"), builders.file("a", b"2"), builders.file("a", b"3"))]
    results = run_of(report_of(builders.docker_save(layers), tmp_path, "sarif"))["results"]
    prints = [result["partialFingerprints"]["imgtar/v1"] for result in results]
    assert len(prints) == len(set(prints)) > 1
    assert all(
        result["partialFingerprints"]["primaryLocationLineHash"] == f"{one[:16]}:1"
        for result, one in zip(results, prints, strict=True)
    )


def test_fingerprints_do_not_change_with_the_tag(tmp_path: Path) -> None:
    layers = [builders.layer(builders.file("<b>"), builders.file("<b>", b"again"))]

    def prints(tag: str) -> list[str]:
        run = run_of(report_of(builders.docker_save(layers, names=[f"host:5000/app:{tag}"]), tmp_path, "sarif"))
        return [result["partialFingerprints"]["imgtar/v1"] for result in run["results"]]

    assert prints("1.0") == prints("2.0-rc1") != []


@pytest.mark.parametrize(
    "steps",
    [
        ("|1 VERSION=1.0 /bin/sh -c make", "|1 VERSION=2.0 /bin/sh -c make"),
        (f"/bin/sh -c #(nop) COPY dir:{'1' * 64} in /app ", f"/bin/sh -c #(nop) COPY dir:{'2' * 64} in /app "),
        ("/bin/sh -c make", "RUN /bin/sh -c make # buildkit"),
    ],
)
def test_fingerprints_do_not_change_with_build_arguments_copied_content_and_builder(
    tmp_path: Path, steps: tuple[str, str]
) -> None:
    layers = [builders.layer(builders.file("<b>"), builders.file("<b>", b"again"))]

    def prints(step: str) -> list[str]:
        config = builders.image_config(layers, history=[{"created_by": step}])
        run = run_of(report_of(builders.docker_save(layers, config=config), tmp_path, "sarif"))
        return [result["partialFingerprints"]["imgtar/v1"] for result in run["results"]]

    assert prints(steps[0]) == prints(steps[1]) != prints("/bin/sh -c other")


def test_a_rule_has_the_severity_of_its_worst_finding_and_the_references_of_all(fixtures: Path) -> None:
    content = content_of(fixtures / "mysql.tar")
    first = content.document.findings[0]
    findings = [
        msgspec.structs.replace(first, severity=severity, references=[f"{severity}-{number}" for number in range(15)])
        for severity in ("critical", "low")
    ]
    document = msgspec.structs.replace(content.document, findings=findings)
    run = run_of(rendered(msgspec.structs.replace(content, document=document), "sarif"))
    (rule,) = run["tool"]["driver"]["rules"]
    assert rule["properties"]["security-severity"] == "9.5"
    assert rule["defaultConfiguration"]["level"] == "error"
    assert len(rule["properties"]["tags"]) == 20
    assert "low-14" in rule["help"]["markdown"]
    assert [result["level"] for result in run["results"]] == ["error", "note"]


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("app.tar", "app.tar"),
        ("./out/app.tar", "out/app.tar"),
        ("/abs/app.tar", "app.tar"),
        ("../app.tar", "app.tar"),
        ("/abs/layout/", "layout"),
        ("-", "stdin"),
        (".", "image"),
    ],
)
def test_the_archive_stands_below_the_root(fixtures: Path, path: str, uri: str) -> None:
    content = content_of(fixtures / "mysql.tar")
    source = msgspec.structs.replace(content.document.source, path=path)
    document = msgspec.structs.replace(content.document, source=source)
    run = run_of(rendered(msgspec.structs.replace(content, document=document), "sarif"))
    location = run["artifacts"][0]["location"]
    assert (location["uri"], location["uriBaseId"]) == (uri, "%SRCROOT%")
    assert location["uriBaseId"] in run["originalUriBaseIds"]
