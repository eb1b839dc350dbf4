"""The formats of an audit, whatever the names in the image are: nothing in them is markup, a formula or a script."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from base64 import b64encode
from io import StringIO
from typing import Any

import jsonschema
import pytest

from imgtar.report.csv.audit import FINDINGS
from tests import builders
from tests.builders import directory, docker_save, file, layer, whiteout
from tests.cli.command import imgtar
from tests.paths import SARIF_SCHEMA
from tests.report.html.test_inspect import TAGS, Page
from tests.report.markdown.test_inspect import FROM_NAMES, parsed, shape
from tests.report.rendering import HOSTILE_NAMES

SCHEMA = SARIF_SCHEMA


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Every name is a setuid file, one with a password that is deleted, stands in the config, and is a reason."""
    folder = tmp_path_factory.mktemp("audit")
    names = [builders.raw(name) for name in HOSTILE_NAMES]
    line = b" ".join(names).decode("utf-8", "replace")
    layers = [
        layer(
            directory("d/"),
            *(file(b"d/" + name, b"x", mode=0o4777) for name in names),
            *(file(b"d/" + name + b".env", b"password=Tr0ub4dor&3-" + name) for name in names),
        ),
        layer(*(whiteout(b"d/" + name + b".env") for name in names)),
    ]
    history = [{"created_by": f"/bin/sh -c {line}"}, {"created_by": f"COPY {line} /d # buildkit"}]
    execution = {"User": line, "WorkingDir": line, "Volumes": {"/proc/" + line: {}}, "ExposedPorts": {line: {}}}
    execution |= {"Labels": {"org.opencontainers.image.base.name": line}}
    config = builders.image_config(layers, history=history, execution=execution, created=line, os=line)
    (folder / "image.tar").write_bytes(docker_save(layers, config=config, names=("app:1",)))
    rules = "".join(f"[[ignore]]\npath = '/x'\nreason = {json.dumps(name)}\n" for name in HOSTILE_NAMES[:30])
    (folder / ".imgtarignore.toml").write_text(rules)
    forms = ("table", "json", "jsonl", "markdown", "html", "sarif", "csv")
    run = imgtar("audit", "image.tar", "--top", "0", *(w for f in forms for w in ("-o", f"{f}={f}")), cwd=folder)
    assert run.returncode == 0, run.stderr
    return {form: (folder / form).read_text(encoding="utf-8") for form in forms}


def test_names_are_found(outputs: dict[str, str]) -> None:
    document = json.loads(outputs["json"])
    paths = {row["where"].get("path") for row in document["findings"]}
    assert {"/d/<script>alert(1)</script>", "/d/=cmd|'/c calc'!A1", "/d/\x1b[31mred\x1b]0;title\x07"} <= paths
    assert {row["code"] for row in document["findings"]} >= {"secret.generic", "layer.setuid", "layer.world-writable"}


@pytest.mark.parametrize("form", ["table", "markdown", "html", "csv"])
def test_no_control_or_direction_character_is_left(outputs: dict[str, str], form: str) -> None:
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202e\u2028]", outputs[form])


def test_markdown_is_no_markup(outputs: dict[str, str]) -> None:
    text = outputs["markdown"]
    counts = shape(text)
    assert not [kind for kind in FROM_NAMES if counts[kind]]
    prose = " ".join(token.content for token in parsed(text) if token.type == "text")
    assert not re.search(r"@\w|://|www\.|#\d|\$", prose)
    assert len(text.encode()) <= 60_000
    widths: list[int] = []
    for token in parsed(text):
        if token.type == "tr_open":
            widths.append(0)
        elif token.type in ("td_open", "th_open"):
            widths[-1] += 1
        elif token.type == "table_close":
            assert len(set(widths)) == 1
            widths = []


def test_html_runs_its_own_script_alone_and_asks_for_nothing(outputs: dict[str, str]) -> None:
    page = Page(outputs["html"])
    assert set(page.tags) <= TAGS
    assert page.open == []
    (script,) = re.findall(r"<script>(.*?)</script>", outputs["html"], re.DOTALL)
    digest = b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in outputs["html"].replace("&#39;", "'")
    for tag, name, value in page.attributes:
        assert not name.startswith("on"), (tag, name)
        assert name not in ("style", "src", "srcset", "action", "formaction")
        if name == "href":
            assert value.startswith("#") or (tag, value) == ("link", "data:,")


def test_each_card_of_the_page_links_to_the_findings_of_its_severity(outputs: dict[str, str]) -> None:
    page = Page(outputs["html"])
    ids = [value for _, name, value in page.attributes if name == "id"]
    cards = [value[1:] for tag, name, value in page.attributes if (tag, name) == ("a", "href") and "severity" in value]
    assert len(ids) == len(set(ids))
    assert cards
    assert set(cards) <= set(ids)


def test_csv_is_no_formula(outputs: dict[str, str]) -> None:
    rows = list(csv.reader(StringIO(outputs["csv"]), strict=True))
    assert tuple(rows[0]) == FINDINGS
    assert {len(row) for row in rows} == {len(FINDINGS)}
    assert len(rows) == len(outputs["csv"].splitlines())
    assert not [cell for row in rows for cell in row if cell.lstrip().startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_sarif_is_valid(outputs: dict[str, str]) -> None:
    schema: Any = json.loads(SCHEMA.read_text())
    jsonschema.Draft7Validator(schema).validate(json.loads(outputs["sarif"]))


def test_json_lines_end(outputs: dict[str, str]) -> None:
    records = [json.loads(line) for line in outputs["jsonl"].splitlines()]
    assert [record["record"] for record in records[:2]] == ["source", "image"]
    assert records[-1]["record"] == "end"
    assert records[-1]["findings"] == len(json.loads(outputs["json"])["findings"])
    assert len(records[0]["ignores"]) == 30
