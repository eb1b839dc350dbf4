"""`imgtar check`: where the gates come from, the exit codes, and what each format says."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from imgtar.policy.policy import CHECK, SETTINGS
from tests.builders import docker_save, file, good, layer, whiteout
from tests.cli.command import imgtar, one_line
from tests.paths import FIXTURES, SARIF_SCHEMA
from tests.report.rendering import HOSTILE_NAMES, named_image, truncated

pytestmark = pytest.mark.slow

MYSQL = FIXTURES / "mysql.tar"
FORMATS = ["table", "json", "jsonl", "markdown", "csv", "junit", "sarif"]
ALL_FAIL = [
    *("--min-efficiency", "1", "--max-wasted-bytes", "0", "--max-own-waste", "0", "--max-size", "1"),
    *("--max-layer-size", "1", "--max-layers", "1", "--forbid-path", "*", "--require-path", "/no/such"),
    *("--allow-user", "nobody-here", "--forbid-port", "1-65535", "--allow-port", "1", "--require-label", "none"),
    *("--forbid-label", "*", "--require-platform", "plan9/mips", "--allow-platform", "plan9/mips"),
    *("--max-severity", "info", "--fail-on", "info"),
]


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """Two layers, 100 bytes of 300 wasted, runs as root."""
    layers = [layer(file("a", b"a" * 100), file("b", b"b" * 100)), layer(file("a", b"A" * 100))]
    (tmp_path / "app.tar").write_bytes(docker_save(layers))
    return tmp_path


def check(place: Path, *options: str | Path, code: int) -> subprocess.CompletedProcess[bytes]:
    ran = imgtar("check", "app.tar", *options, cwd=place)
    assert ran.returncode == code, (ran.stdout, ran.stderr)
    return ran


def rules(ran: subprocess.CompletedProcess[bytes]) -> dict[str, bool]:
    return {rule["rule"]: rule["passed"] for rule in json.loads(ran.stdout)["rules"]}


# --- where the gates come from --------------------------------------------------------------------------------------


def test_no_gate_is_wrong_usage(image: Path) -> None:
    line = one_line(check(image, code=2))
    assert line.startswith("imgtar: check: no gate is given; try --min-efficiency 0.95 or --max-size 500MB")
    (image / "imgtar.toml").write_text("ignore = []\n[check]\nbase = 1\n")
    assert "imgtar.toml has none" in one_line(check(image, code=2))
    (image / "imgtar.toml").unlink()
    off = "rules: {lowestEfficiency: disabled, highestUserWastedPercent: disabled}"
    (image / ".dive-ci").write_text(off)
    assert ".dive-ci has none" in one_line(check(image, code=2))


def test_wrong_usage_comes_before_a_wrong_image(tmp_path: Path) -> None:
    assert imgtar("check", "none.tar", cwd=tmp_path).returncode == 2
    assert imgtar("check", "none.tar", "--max-layers", "3", cwd=tmp_path).returncode == 3


def test_options_alone(image: Path) -> None:
    ran = check(image, "--max-layers", "2", "--format", "json", code=0)
    document = json.loads(ran.stdout)
    assert (document["passed"], document["config"], document["rules"][0]["value"]) == (True, None, 2)
    ran = check(image, "--max-layers", "1", code=1)
    assert one_line(ran) == "imgtar: app.tar: 1 of 1 gate failed; see the report"
    assert imgtar("check", "app.tar", "--max-layers", "1", "--quiet", cwd=image).stderr == b""


def test_the_files_of_the_current_directory(image: Path) -> None:
    (image / ".dive-ci").write_text("rules:\n  lowestEfficiency: 0.5\n  highestUserWastedPercent: disabled\n")
    ran = check(image, "--format", "json", code=0)
    assert (rules(ran), json.loads(ran.stdout)["config"]) == ({"lowest-efficiency": True}, ".dive-ci")
    (image / "pyproject.toml").write_text("[tool.imgtar.check]\nmax-layers = 1\n")
    ran = check(image, "--format", "json", code=1)
    assert (rules(ran), json.loads(ran.stdout)["config"]) == ({"max-layers": False}, "pyproject.toml")
    (image / "imgtar.toml").write_text("[check]\nmax-size = '300B'\n")
    ran = check(image, "--format", "json", code=0)
    assert (rules(ran), json.loads(ran.stdout)["config"]) == ({"max-size": True}, "imgtar.toml")
    assert b"gates from imgtar.toml" in check(image, code=0).stdout


def test_the_directory_of_the_image_is_never_looked_at(image: Path) -> None:
    (image / "imgtar.toml").write_text("[check]\nmax-layers = 1\n")
    elsewhere = image / "elsewhere"
    elsewhere.mkdir()
    assert imgtar("check", image / "app.tar", cwd=elsewhere).returncode == 2
    assert imgtar("check", image / "app.tar", cwd=elsewhere, env={"HOME": str(image)}).returncode == 2


def test_options_replace_keys(image: Path) -> None:
    (image / "imgtar.toml").write_text("fail-on = 'high'\n[check]\nmax-layers = 1\nmax-size = 300\n")
    ran = check(image, "--max-layers", "2", "--format", "json", code=0)
    assert rules(ran) == {"max-layers": True, "max-size": True, "fail-on": True}


def test_a_named_file_is_read_instead(image: Path) -> None:
    (image / "imgtar.toml").write_text("[check]\nmax-layers = 1\n")
    (image / "gates").write_text("rules:\n  lowest-efficiency: 0.99\n")
    ran = check(image, "--config", "gates", "--format", "json", code=1)
    assert rules(ran) == {"lowest-efficiency": False, "highest-user-wasted-percent": False}
    assert "no such file" in one_line(check(image, "--config", "none.toml", code=2))


@pytest.mark.parametrize("key", [*SETTINGS, *CHECK])
def test_nonsense_in_a_file_is_one_line_and_exit_2(image: Path, key: str) -> None:
    head = "" if key in SETTINGS else "[check]\n"
    (image / "imgtar.toml").write_text(f"{head}{key} = [[]]\n")
    place = key if key in SETTINGS else f"check.{key}"
    assert one_line(check(image, code=2)).startswith(f"imgtar: imgtar.toml: {place}: [[]]; give ")


@pytest.mark.parametrize(
    "options",
    [
        ["--min-efficiency", "1.5"], ["--max-wasted-bytes", "x"], ["--max-own-waste", "10"], ["--max-size", "-1"],
        ["--max-layer-size", ""], ["--max-layers", "1.5"], ["--max-growth", "x"], ["--max-severity", "bad"],
        ["--forbid-path", "#x"], ["--require-path", ""], ["--allow-user", " "], ["--allow-port", "http"],
        ["--forbid-port", "0-99999"], ["--require-label", "=x"], ["--forbid-label", ""], ["--require-platform", "/"],
        ["--allow-platform", "linux/"], ["--base", "-1"], ["--base-image", ""], ["--baseline", ""],
    ],
)  # fmt: skip
def test_nonsense_in_an_option_names_it(image: Path, options: Sequence[str]) -> None:
    assert one_line(check(image, *options, code=2)).startswith(f"imgtar: {options[0]}: ")


def test_nonsense_in_a_dive_ci_names_the_key(image: Path) -> None:
    (image / ".dive-ci").write_text("rules:\n  highestUserWastedPercent: 20\n")
    says = "imgtar: .dive-ci: rules.highestUserWastedPercent: '20' is not from 0 to 1; docs/check.md"
    assert one_line(check(image, code=2)).startswith(says)


def test_ignored_codes_of_the_file_must_exist(image: Path) -> None:
    (image / "imgtar.toml").write_text("ignore = ['no.such']\nfail-on = 'low'\n")
    assert "imgtar.toml: ignore: no.such" in one_line(check(image, code=2))


def test_options_that_need_each_other(image: Path) -> None:
    assert "--max-growth needs --baseline" in one_line(check(image, "--max-growth", "5%", code=2))
    assert "--baseline needs --max-growth" in one_line(check(image, "--baseline", "x", "--max-size", "1", code=2))
    both = ["--base", "1", "--base-image", "x", "--max-own-waste", "1"]
    assert "cannot be used together" in one_line(check(image, *both, code=2))


# --- what is compared with ------------------------------------------------------------------------------------------


def test_growth_since_an_earlier_report(image: Path) -> None:
    check_before = imgtar("inspect", "app.tar", "--format", "json", cwd=image)
    (image / "before.json").write_bytes(check_before.stdout)
    layers = [layer(file("a", b"a" * 100), file("b", b"b" * 100)), layer(file("c", b"c" * 140))]
    (image / "app.tar").write_bytes(docker_save(layers))
    growth = ["--baseline", "before.json", "--format", "json"]
    ran = check(image, *growth, "--max-growth", "40B", code=0)
    assert json.loads(ran.stdout)["rules"][0]["value"] == 40
    ran = check(image, *growth, "--max-growth", "13%", code=1)
    [rule] = json.loads(ran.stdout)["rules"]
    assert (rule["value"], rule["limit"], rule["unit"]) == (40 / 300, 0.13, "share")
    assert rule["causes"] == [{"message": "RUN make layer1", "layer": 1, "bytes": 140}]


def test_a_hostile_baseline_is_an_unusable_input(image: Path) -> None:
    options = ["--baseline", "before.json", "--max-growth", "1"]
    assert "baseline before.json: no such file" in one_line(check(image, *options, code=3))
    for raw in (b"", b"{}", b"[" * 100_000, b'{"schema_version":1,"complete":true,"images":5}'):
        (image / "before.json").write_bytes(raw)
        assert "baseline before.json: not a report of imgtar inspect" in one_line(check(image, *options, code=3))
    with (image / "before.json").open("wb") as hole:
        hole.truncate((256 << 20) + 1)
    assert "larger than" in one_line(check(image, *options, code=3))
    ran = imgtar("check", "app.tar", *options, "--format", "json", cwd=image)
    assert json.loads(ran.stdout)["error"]["code"] == "input.baseline"


def test_the_base_decides_what_is_ones_own(image: Path) -> None:
    own = ["--max-own-waste", "0.9", "--format", "json"]
    (image / "base.tar").write_bytes(docker_save([layer(file("a", b"a" * 100), file("b", b"b" * 100))]))
    for options, layers, source, by, code in (
        ([], 1, "history", "history", 1),
        (["--base", "0"], 0, "--base", "given", 0),
        (["--base", "1"], 1, "--base", "given", 1),
        (["--base", "2"], 2, "--base", "given", 0),
        (["--base-image", "base.tar"], 1, "--base-image", "given", 1),
        (["--base-image", "base.tar", "--base-image", "app.tar"], 2, "--base-image", "given", 0),
    ):
        base = json.loads(check(image, *own, *options, code=code).stdout)["images"][0]["base"]
        found = base.pop("found")
        assert base == {"layers": layers, "source": source}
        assert (found["layers"], found["by"]) == (layers, by)
    assert "the image has 2 layers" in one_line(check(image, *own, "--base", "3", code=2))
    (image / "base.tar").write_bytes(good())
    assert "not the lowest layers of the image" in one_line(check(image, *own, "--base-image", "base.tar", code=2))
    ran = check(image, "--max-own-waste", "0.9", "--base-image", "none.tar", code=3)
    assert "base image none.tar: no such file" in one_line(ran)


# --- exit codes -----------------------------------------------------------------------------------------------------


def test_damage_comes_before_policy(tmp_path: Path) -> None:
    (tmp_path / "app.tar").write_bytes(truncated())
    document = json.loads(check(tmp_path, "--max-layers", "0", "--format", "json", code=4).stdout)
    assert (document["passed"], document["rules"][0]["passed"]) == (False, False)
    ran = check(tmp_path, "--max-layers", "99", code=4)
    assert b"NOT PASSED: 1 gate passed, based on the parts that were read" in ran.stdout
    document = json.loads(check(tmp_path, "--max-layers", "99", "--format", "json", code=4).stdout)
    assert (document["passed"], document["rules"][0]["passed"], document["complete"]) == (False, True, False)


def test_a_limit_comes_before_policy(image: Path) -> None:
    check(image, "--max-layers", "0", "--limit", "layer-entries=1", code=5)


def test_severities(image: Path) -> None:
    check(image, "--fail-on", "high", code=0)
    check(image, "--fail-on", "medium", code=1)  # what the audit finds counts
    ran = check(image, "--max-severity", "low", "--format", "json", code=1)  # what the audit finds too
    [rule] = json.loads(ran.stdout)["rules"]
    assert {cause["code"] for cause in rule["causes"]} == {"config.user-root"}
    check(image, "--max-severity", "medium", code=0)
    check(image, "--max-severity", "low", "--ignore", "config.user-root", code=0)
    ran = check(image, "--max-severity", "low", "--min-severity", "critical", "--format", "json", code=1)
    assert json.loads(ran.stdout)["findings"] == []  # hidden, and yet judged
    (image / "imgtar.toml").write_text("ignore = ['config.user-root']\n[check]\nmax-severity = 'low'\n")
    assert json.loads(check(image, "--format", "json", code=0).stdout)["ignored"] == 1


def test_every_image_is_judged() -> None:
    gate = ["--format", "json", "--max-layers", "1", FIXTURES / "d20-two-images-shared.tar"]
    assert {rule["image"] for rule in json.loads(imgtar("check", *gate).stdout)["rules"]} == {0, 1}
    assert {rule["image"] for rule in json.loads(imgtar("check", *gate, "--image", "@0").stdout)["rules"]} == {0}


# --- formats --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("hostile")
    names = [name for name in HOSTILE_NAMES if not isinstance(name, bytes)]
    (place / "app.tar").write_bytes(named_image([*names, "\ufffe", "\x0b\x00".strip("\x00"), "\u2028"]))
    return place


@pytest.mark.parametrize("form", FORMATS)
def test_hostile_names_stay_text(hostile: Path, form: str) -> None:
    text = check(hostile, *ALL_FAIL, "--top", "0", "--format", form, code=1).stdout.decode()
    if form not in ("json", "jsonl", "sarif"):  # JSON has what is stored
        assert all(char.isprintable() or char == "\n" for char in text)
    if form == "table":
        assert "\\x1b[31mred" in text


def test_junit_is_well_formed_whatever_the_names(hostile: Path) -> None:
    ran = check(hostile, *ALL_FAIL, "--top", "0", "--format", "junit", code=1)
    root = ElementTree.fromstring(ran.stdout)
    [suite] = root
    cases = suite.findall("testcase")
    failed = [case for case in cases if case.find("failure") is not None]
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == (str(len(cases)), str(len(failed)), "0")
    assert len(failed) == len(cases) - 2  # all but the soundness and a port that is none


def test_a_dot_of_a_tag_does_not_end_the_class_name_of_junit(tmp_path: Path) -> None:
    (tmp_path / "app.tar").write_bytes(docker_save([layer(file("a"))], names=["host.example/app:8.0.1"]))
    ran = check(tmp_path, "--max-layers", "9", "--format", "junit", code=0)
    names = {case.get("classname") for case in ElementTree.fromstring(ran.stdout).iter("testcase")}
    assert names == {"imgtar.check", "imgtar.check.host_example/app:8_0_1"}


def test_junit_tells_damage_as_an_error(tmp_path: Path) -> None:
    (tmp_path / "app.tar").write_bytes(truncated())
    [suite] = ElementTree.fromstring(check(tmp_path, "--max-layers", "9", "--format", "junit", code=4).stdout)
    assert suite.get("errors") == "1"
    error = suite.find("testcase/error")
    assert error is not None
    assert "(tar.truncated)" in (error.text or "")


def test_json_is_valid_and_has_the_contracts_keys(image: Path) -> None:
    schema = json.loads(imgtar("schema", "check").stdout)
    ran = check(image, *ALL_FAIL[:-2], "--format", "json", code=1)
    document: dict[str, Any] = json.loads(ran.stdout)
    jsonschema.Draft202012Validator(schema).validate(document)
    envelope = {"schema_version", "generator", "source", "complete", "integrity", "findings", "ignored"}
    assert set(document) == envelope | {"passed", "own", "rules", "config", "images"}
    assert {"rule", "image", "passed", "value", "limit", "causes"} <= set(document["rules"][0])


def test_csv_has_a_row_for_each_rule(image: Path) -> None:
    lines = check(image, "--max-layers", "2", "--max-size", "1", "--format", "csv", code=1).stdout.decode().splitlines()
    assert lines[0] == "image,kind,rule,value,limit,unit,causes,note"
    assert [line.split(",")[1:6] for line in lines[1:]] == [
        ["failed", "max-size", "300", "1", "bytes"],
        ["passed", "max-layers", "2", "2", "count"],
    ]


def test_sarif_has_the_failed_rules_as_results(image: Path) -> None:
    schema = SARIF_SCHEMA
    log = json.loads(check(image, "--max-layers", "2", "--max-size", "1", "--format", "sarif", code=1).stdout)
    jsonschema.Draft4Validator(json.loads(schema.read_bytes())).validate(log)
    [run] = log["runs"]
    [result] = [result for result in run["results"] if result["ruleId"].startswith("check.")]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "check.max-size"
    assert result["message"]["text"].startswith("app:1: max-size: 300 B; allowed: at most 1 B; 200 B in layer 0")


def test_a_number_and_its_limit_are_told_apart(image: Path) -> None:
    said = check(image, "--min-efficiency", "0.66666667", "--max-size", "299", code=1).stdout.decode()
    assert "66.6666667 %  at least 66.666667 %" in said
    assert "300 B         at most 299 B" in said
    layers = [layer(file("a", b"a" * 1_000_001))]
    (image / "app.tar").write_bytes(docker_save(layers))
    said = check(image, "--max-size", "1MB", code=1).stdout.decode()
    assert "1,000,001 B  at most 1,000,000 B" in said


def test_top_and_no_trunc(image: Path) -> None:
    layers = [layer(*(file(f"{number:03}{'x' * 90}", b"x" * 9) for number in range(30)))]
    layers.append(layer(*(whiteout(f"{number:03}{'x' * 90}") for number in range(30))))
    (image / "app.tar").write_bytes(docker_save(layers))
    said = check(image, "--max-wasted-bytes", "0", code=1).stdout.decode()
    assert said.count("deleted in layer 1") == 10
    assert "20 more (--top 0 shows all)" in said
    assert max(map(len, said.splitlines())) <= 80
    said = check(image, "--max-wasted-bytes", "0", "--top", "0", "--no-trunc", code=1).stdout.decode()
    assert f"/029{'x' * 90}: deleted in layer 1, added in layer 0" in " ".join(said.split())


def test_several_reports_from_one_run(image: Path) -> None:
    check(image, "--max-layers", "1", "-o", "junit=r.xml", "-o", "json=r.json", code=1)
    assert (image / "r.xml").read_bytes().startswith(b"<?xml")
    assert json.loads((image / "r.json").read_bytes())["passed"] is False


@pytest.mark.parametrize("option", ["--forbid-path", "--require-path", "--require-label", "--allow-user"])
def test_an_option_that_is_not_utf8_is_escaped_in_the_report(image: Path, option: str) -> None:
    for form in FORMATS:
        code = 0 if option == "--forbid-path" else 1
        ran = check(image, option, os.fsdecode(b"a\xff"), "--format", form, code=code)
        if form == "json":
            assert json.loads(ran.stdout)["rules"][0]["limit"] == r"a\xff"
