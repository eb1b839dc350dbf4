"""`imgtar inspect --audit`: what the audit finds in the report of inspect, filtered and redacted as in the audit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests import builders
from tests.builders import docker_save, file, layer, whiteout
from tests.cli.command import imgtar

SECRET = "wJalrXUtnFEMIbPxRfiCYzzzKEYabcdefgh12345"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    layers = [
        layer(file("app/.env", f"AWS_SECRET_ACCESS_KEY={SECRET}\n".encode()), file("bin/su", b"x", mode=0o4755)),
        layer(whiteout("app/.env")),
    ]
    config = builders.image_config(layers, history=builders.history_of(2))
    (tmp_path / "image.tar").write_bytes(docker_save(layers, config=config))
    return tmp_path


def document(folder: Path, *arguments: str) -> dict[str, Any]:
    answer = imgtar(*arguments, "--format", "json", cwd=folder)
    assert answer.returncode == 0, answer.stderr
    found = json.loads(answer.stdout)
    assert isinstance(found, dict)
    return found


def test_its_findings_are_those_of_the_audit(folder: Path) -> None:
    inspected = document(folder, "inspect", "image.tar", "--audit")
    assert inspected["findings"] == document(folder, "audit", "image.tar")["findings"]
    assert any(row["code"].startswith("secret.") for row in inspected["findings"])
    assert inspected["images"][0]["layers"][0]["changes"]
    assert document(folder, "inspect", "image.tar")["findings"] != inspected["findings"]


def test_no_finding_quotes_a_secret(folder: Path) -> None:
    for form in ("table", "json", "jsonl", "markdown", "html", "sarif"):
        answer = imgtar("inspect", "image.tar", "--audit", "--format", form, cwd=folder)
        assert answer.returncode == 0
        assert SECRET.encode() not in answer.stdout, form


def test_the_configuration_and_the_accepted_risks_of_the_audit_hold(folder: Path) -> None:
    before = document(folder, "inspect", "image.tar", "--audit")["findings"]
    assert {row["severity"] for row in before} > {"high", "critical"}
    (folder / "imgtar.toml").write_text('min-severity = "high"\n')
    (folder / ".imgtarignore.toml").write_text('[[ignore]]\ncode = "config.user-root"\nreason = "a test"\n')
    after = document(folder, "inspect", "image.tar", "--audit")
    assert {row["severity"] for row in after["findings"]} == {"high", "critical"}
    assert after["ignored"] == 1


def test_a_finding_of_the_audit_reaches_fail_on(folder: Path) -> None:
    assert imgtar("inspect", "image.tar", "--audit", "--fail-on", "high", cwd=folder).returncode == 1
    assert imgtar("inspect", "image.tar", "--fail-on", "high", cwd=folder).returncode == 0


def test_the_text_does_not_recommend_the_audit_that_it_has(folder: Path) -> None:
    hint = b"imgtar audit image.tar"
    assert hint in imgtar("inspect", "image.tar", cwd=folder).stdout
    assert hint not in imgtar("inspect", "image.tar", "--audit", cwd=folder).stdout
