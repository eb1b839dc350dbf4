"""Every JSON document of every command validates against the schema that `imgtar schema COMMAND` prints."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest

from imgtar.cli.main import run
from imgtar.cli.registry import report_types
from imgtar.contract import envelope
from imgtar.contract.schema import schema as json_schema
from imgtar.findings import Severity
from tests.paths import ROOT
from tests.runs import line_of

pytestmark = pytest.mark.slow

FIXTURES = sorted(
    path.name
    for path in (ROOT / "tests/fixtures").iterdir()
    if path.name not in ("truth", "README.md", "d20-export.tar", "forms", "packages", "dockerfile")
)
CHOICES = {
    "diff": ("--image", "@0"),
    "dockerfile": ("--image", "@0"),
    "extract": ("--image", "@0", "--list"),
    "ls": ("--image", "@0"),
    "packages": ("--image", "@0"),
    "duplicates": ("--image", "@0", "--max-duplicates", "1kB"),
    "du": ("--image", "@0"),
    "find": ("--image", "@0", "--digests"),
    "check": ("--max-layers", "1", "--forbid-path", "*"),
    "report": ("--config", "tests/contract/gates.toml"),
}


Printed = Callable[..., Any]


@pytest.fixture
def printed(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Printed:
    """What a command line prints, which is run in this process."""
    monkeypatch.chdir(ROOT)

    def document(*arguments: str) -> Any:
        code = run(arguments)
        out, err = capfdbinary.readouterr()
        assert code in (0, 1, 3, 4), err
        return json.loads(out)

    return document


@pytest.fixture(scope="module")
def schemas() -> dict[str, Any]:
    documents = {command: report.schema_type() for command, report in report_types().items() if report.schema}
    found = {command: json_schema(command, document) for command, document in documents.items()}
    for schema in found.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    return {command: jsonschema.Draft202012Validator(schema) for command, schema in found.items()}


@pytest.mark.parametrize("name", FIXTURES)
def test_documents_are_valid(name: str, schemas: dict[str, Any], printed: Printed) -> None:
    for command, validator in schemas.items():
        if report_types()[command].reads == "nothing":
            continue
        options = CHOICES.get(command, ())
        validator.validate(printed(*line_of(command, f"tests/fixtures/{name}", "--format", "json", *options)))


def test_the_rules_are_valid(schemas: dict[str, Any], printed: Printed) -> None:
    schemas["rules"].validate(printed("audit", "--list-rules", "--format", "json"))


def test_the_lines_of_fleet_are_valid(printed: Printed, tmp_path: Path) -> None:
    """With every document in them, and of archives that cannot be used."""
    fixtures = [f"tests/fixtures/{name}" for name in FIXTURES]
    actions = "inspect,verify,audit,packages"
    code = run(("fleet", *fixtures, "tests/fixtures/d20-export.tar", "--out", str(tmp_path), "--do", actions, "-q"))
    assert code in (3, 4)
    for name, files in (("fleet", "part-*.jsonl"), ("failure", "failures.jsonl")):
        schema = printed("schema", name)
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        lines = [json.loads(line) for path in tmp_path.glob(files) for line in path.read_bytes().splitlines()]
        assert lines
        for line in lines:
            validator.validate(line)
        assert not validator.is_valid({"schema_version": 1, "error": {"code": "a", "message": "b"}})


def test_errors_are_valid(schemas: dict[str, Any], printed: Printed) -> None:
    document = printed("inspect", "--format", "json", "tests/fixtures/d20-export.tar")
    assert document["error"]["code"] == "input.not-image"
    schemas["inspect"].validate(document)


def test_severities_of_the_contract_are_those_of_the_findings() -> None:
    assert list(get_args(envelope.Severity)) == [severity.value for severity in Severity]
