"""A report that lists findings lists every secret, however many there are and whatever `--top` says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.builders import docker_save, file, layer, whiteout
from tests.cli.command import imgtar

pytestmark = pytest.mark.slow

PATHS = [f"srv/{number:03}.env" for number in range(500)]
AUDIT = ("json", "jsonl", "sarif", "table", "markdown", "html", "csv")
CHECK = (*AUDIT, "junit")
REPORT = ("json", "markdown", "html")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reports of an audit and a check of 500 secrets, 150 of them deleted, and 500 setuid files."""
    folder = tmp_path_factory.mktemp("secrets")
    secrets = [file(path, b"password=Tr0ub4dor&3-%03d" % number) for number, path in enumerate(PATHS)]
    programs = [file(f"bin/{number:03}", b"x", mode=0o4755) for number in range(500)]
    layers = [layer(*secrets, *programs), layer(*map(whiteout, PATHS[:150]))]
    (folder / "image.tar").write_bytes(docker_save(layers))
    runs = (("audit", AUDIT, ()), ("check", CHECK, ("--fail-on", "high")), ("report", REPORT, ()))
    for command, forms, options in runs:
        outputs = (word for form in forms for word in ("-o", f"{form}={command}.{form}"))
        run = imgtar(command, "image.tar", "--top", "3", *options, *outputs, cwd=folder)
        assert run.returncode == (command == "check"), run.stderr
    return folder


@pytest.mark.parametrize("form", AUDIT)
def test_an_audit_lists_every_secret(folder: Path, form: str) -> None:
    text = (folder / f"audit.{form}").read_text()
    assert [path for path in PATHS if path not in text] == []
    assert "/bin/499" not in text


@pytest.mark.parametrize("form", REPORT)
def test_a_whole_report_lists_every_secret(folder: Path, form: str) -> None:
    text = (folder / f"report.{form}").read_text()
    assert [path for path in PATHS if path not in text] == []


@pytest.mark.parametrize("form", CHECK)
def test_a_check_lists_every_secret_that_fails_a_gate(folder: Path, form: str) -> None:
    text = (folder / f"check.{form}").read_text()
    assert [path for path in PATHS if path not in text] == []


def test_a_secret_that_is_deleted_is_listed_as_deleted(folder: Path) -> None:
    rows = json.loads((folder / "audit.json").read_text())["findings"]
    lower = [row["where"]["path"] for row in rows if row["code"] == "secret.in-lower-layer"]
    assert lower == [f"/{path}" for path in PATHS[:150]]


def test_each_cause_of_a_gate_is_a_finding_of_the_report(folder: Path) -> None:
    document = json.loads((folder / "check.json").read_text())
    (rule,) = document["rules"]
    rows = [row for row in document["findings"] if row["severity"] in ("high", "critical")]
    assert len(rows) == 650
    assert [(cause["code"], cause["path"], cause["message"]) for cause in rule["causes"]] == [
        (row["code"], row["where"]["path"], row["message"]) for row in rows
    ]


def test_sarif_tells_500_secrets_apart(folder: Path) -> None:
    (run,) = json.loads((folder / "audit.sarif").read_text())["runs"]
    prints = [result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]]
    assert len(prints) == len(set(prints))


def test_what_is_not_a_secret_is_still_cut(folder: Path) -> None:
    rows = json.loads((folder / "audit.json").read_text())["findings"]
    programs = [row["count"] for row in rows if row["code"] == "layer.setuid"]
    assert programs == [*[1] * 100, 400]
    assert re.search(r"layer.setuid.*500", (folder / "audit.table").read_text())


def test_ignored_causes_do_not_hide_others(folder: Path) -> None:
    options = ("--fail-on", "high", "--ignore-path", "/srv/[0-3]*", "--format", "json")
    run = imgtar("check", "image.tar", *options, cwd=folder)
    (rule,) = json.loads(run.stdout)["rules"]
    assert [cause["path"] for cause in rule["causes"]] == [f"/{path}" for path in PATHS[400:]]


def test_a_baseline_with_ignored_findings_is_a_baseline(folder: Path) -> None:
    run = imgtar("inspect", "image.tar", "--ignore-path", "*", "--format", "json", cwd=folder)
    (folder / "before.json").write_bytes(run.stdout)
    run = imgtar("check", "image.tar", "--baseline", "before.json", "--max-growth", "0", "--quiet", cwd=folder)
    assert run.returncode == 0, run.stderr
