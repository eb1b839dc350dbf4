"""`imgtar audit`: options, the ignore file, exit codes, the list of the rules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from imgtar.answers.catalogue import kinds
from imgtar.audit.auditor import RULE_FAMILIES
from imgtar.cli.registry import report_types
from scripts.token_makers import with_checksum
from tests.builders import docker_save, file, layer, whiteout
from tests.cli.command import imgtar, one_line

pytestmark = pytest.mark.slow

DAY = "1795564800"  # 2026-11-25


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """Setuid files in two directories, and a sensitive file that a later layer deletes."""
    path = tmp_path / "image.tar"
    base = layer(file("bin/su", b"x", mode=0o4755), file("opt/tool", b"x", mode=0o4755), file("opt/.env", b"A=1\n"))
    path.write_bytes(docker_save([base, layer(whiteout("opt/.env"))]))
    return path


def report(image: Path, *options: str, exit_code: int = 0, day: str | None = DAY) -> Any:
    run = imgtar("audit", image.name, "--format", "json", *options, cwd=image.parent, env={"SOURCE_DATE_EPOCH": day})
    assert run.returncode == exit_code, run.stderr
    return json.loads(run.stdout)


def found(document: Any) -> set[tuple[str, str | None]]:
    return {(row["code"], row["where"].get("path")) for row in document["findings"]}


def test_the_document_tells_no_history(image: Path) -> None:
    document = report(image)
    assert list(document["images"][0]) == ["names", "id", "platform"]
    assert (document["judged_on"], document["config"], document["ignore_file"]) == ("2026-11-25", None, None)
    assert ("layer.setuid", "/bin/su") in found(document)


def test_ignore_options(image: Path) -> None:
    document = report(image, "--ignore", "layer.setuid", "--ignore-path", "opt/.env")
    assert not {"layer.setuid", "layer.sensitive-file"} & {code for code, _ in found(document)}
    assert document["ignored"] == 3


def test_fail_on_judges_what_is_hidden_but_not_what_is_ignored(image: Path) -> None:
    report(image, "--fail-on", "medium", exit_code=1)
    report(image, "--fail-on", "medium", "--min-severity", "critical", exit_code=1)
    ignored = ("--ignore", "layer.sensitive-file", "--ignore", "config.user-root")
    report(image, "--fail-on", "medium", *ignored)


IGNORES = """
[[ignore]]
code = "layer.setuid"
path = "opt/**"
reason = "needed by the tool"

[[ignore]]
code = "layer.sensitive-file"
reason = "an example"
expires = 2026-11-25

[[ignore]]
code = "config.no-healthcheck"
reason = "the orchestrator probes"
expires = 2026-11-24
"""


def test_the_ignore_file_of_the_current_directory(image: Path) -> None:
    (image.parent / ".imgtarignore.toml").write_text(IGNORES)
    document = report(image)
    assert document["ignore_file"] == ".imgtarignore.toml"
    assert [(rule["expired"], rule["count"]) for rule in document["ignores"]] == [(False, 1), (False, 1), (True, 0)]
    assert document["ignored"] == 2
    assert {("layer.setuid", "/bin/su"), ("config.no-healthcheck", None)} <= found(document)
    assert ("layer.setuid", "/opt/tool") not in found(document)


def test_the_day_decides_what_is_expired(image: Path) -> None:
    (image.parent / ".imgtarignore.toml").write_text(IGNORES)
    later = report(image, day=str(int(DAY) + 86400))
    assert [rule["expired"] for rule in later["ignores"]] == [False, True, True]
    assert later["judged_on"] == "2026-11-26"


def test_a_named_ignore_file_counts_alone(image: Path) -> None:
    (image.parent / ".imgtarignore.toml").write_text(IGNORES)
    (image.parent / "other.toml").write_text('[[ignore]]\npath = "opt/"\nreason = "later"\n')
    document = report(image, "--ignore-file", "other.toml")
    assert [rule["count"] for rule in document["ignores"]] == [2]


def test_no_ignore_file_is_taken_from_the_image_or_its_directory(image: Path, tmp_path: Path) -> None:
    (image.parent / ".imgtarignore.toml").write_text(IGNORES)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    run = imgtar("audit", image, "--format", "json", cwd=elsewhere)
    assert json.loads(run.stdout)["ignore_file"] is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ignore = 3", "ignore is not a list of tables"),
        ("rules = []", "unknown key rules"),
        ("[[ignore]]\nreason = 'x'", "a code or a path is missing"),
        ("[[ignore]]\ncode = 'layer.setuid'", "the reason is missing"),
        ("[[ignore]]\ncode = 'layer.setuid'\nreason = ' '", "reason is not a text"),
        ("[[ignore]]\ncode = 'layer.nothing'\nreason = 'x'", "no finding has the code layer.nothing"),
        ("[[ignore]]\ncode = 3\nreason = 'x'", "code is not a text"),
        ("[[ignore]]\npath = 'x'\nreason = 'x'\nuntil = 2027-01-01", "unknown key until"),
        ("[[ignore]]\npath = 'x'\nreason = 'x'\nexpires = '2027-01-01'", "expires is not a date"),
        ("[[ignore]]\npath = 'x'\nreason = 'x'\nexpires = 2027-01-01T00:00:00Z", "expires is not a date"),
        ("[[ignore]]\npath = '!x'\nreason = 'x'", "path begins with !"),
        ("[[ignore", "not valid TOML"),
        ("a = " + "[" * 100_000, "not valid TOML"),
        ("# " + "x" * (1 << 20), "larger than"),
    ],
)
def test_nonsense_in_the_ignore_file(text: str, words: str, image: Path) -> None:
    (image.parent / ".imgtarignore.toml").write_text(text)
    run = imgtar("audit", image.name, cwd=image.parent)
    assert run.returncode == 2
    assert words in one_line(run)
    assert ".imgtarignore.toml" in one_line(run)
    assert not run.stdout


def test_an_ignore_file_that_is_not_there(image: Path) -> None:
    run = imgtar("audit", image, "--ignore-file", "absent.toml")
    assert (run.returncode, run.stdout) == (2, b"")
    assert "absent.toml: no such file" in one_line(run)


@pytest.mark.parametrize("day", ["tomorrow", "1e9", "9" * 30])
def test_a_day_that_is_none(day: str, image: Path) -> None:
    run = imgtar("audit", image, env={"SOURCE_DATE_EPOCH": day})
    assert run.returncode == 2
    assert "SOURCE_DATE_EPOCH" in one_line(run)


def test_the_list_of_rules_is_complete() -> None:
    run = imgtar("audit", "--list-rules", "--format", "json")
    listed = {rule["code"]: rule for rule in json.loads(run.stdout)["rules"]}
    declared = {kind.code for family in RULE_FAMILIES.values() for kind in family}
    assert set(listed) == declared
    assert declared <= set(kinds())
    assert all(rule["meaning"] and rule["remedy"] for rule in listed.values())
    text = imgtar("audit", "--list-rules").stdout.decode()
    assert all(f" {code} " in text or f" {code}\n" in text for code in listed)


def test_without_an_image() -> None:
    run = imgtar("audit")
    assert run.returncode == 2
    assert "--list-rules" in one_line(run)


def test_times_in_the_future(image: Path) -> None:
    """The image's time of creation is 2024; judged in 2023 that is the future."""
    assert "supply.future" in {code for code, _ in found(report(image, day="1672531200"))}
    assert "supply.future" not in {code for code, _ in found(report(image))}


def test_the_configuration_of_the_current_directory(image: Path) -> None:
    (image.parent / "imgtar.toml").write_text('ignore = ["layer.setuid"]\nfail-on = "medium"\n')
    document = report(image, exit_code=1)
    assert (document["config"], document["ignored"]) == ("imgtar.toml", 2)
    report(image, "--fail-on", "critical")
    other = image.parent / "other.toml"
    other.write_text('min-severity = "medium"\n')
    document = report(image, "--config", "other.toml")
    assert document["config"] == "other.toml"
    assert {row["severity"] for row in document["findings"]} == {"medium"}


def test_nonsense_in_the_configuration(image: Path) -> None:
    (image.parent / "imgtar.toml").write_text('fail-on = "terrible"\n')
    run = imgtar("audit", image.name, cwd=image.parent)
    assert run.returncode == 2
    assert "imgtar.toml: fail-on" in one_line(run)


def test_accepted_risks_do_not_fail_a_gate(image: Path) -> None:
    gate = ("check", image.name, "--max-severity", "low", "--ignore", "config.user-root")
    assert imgtar(*gate, cwd=image.parent).returncode == 1
    rule = '[[ignore]]\ncode = "layer.sensitive-file"\nreason = "an example"\n'
    (image.parent / ".imgtarignore.toml").write_text(rule)
    run = imgtar(*gate, "--format", "json", cwd=image.parent)
    assert run.returncode == 0
    assert json.loads(run.stdout)["ignored"] == 2


@pytest.mark.parametrize("command", ["audit", "check"])
def test_a_secret_in_the_content_the_name_or_the_path_of_a_file_or_in_the_tag_is_printed_in_no_format(
    command: str, tmp_path: Path
) -> None:
    token = with_checksum("ghp" + "_")
    users = f"a:x:7:7::/:/bin/sh\n{token}:x:7:7::/:/bin/sh\n".encode()
    shadow = f"{token}::1::::::\n".encode()
    content = layer(file("etc/passwd", users), file("etc/shadow", shadow), file(f"bin/{token}", b"x", mode=0o4755))
    image = tmp_path / "image.tar"
    image.write_bytes(docker_save([content, layer(whiteout(f"bin/{token}"))], names=(f"app:{token}", "app:latest")))
    gates = ("--max-severity", "info", "--max-wasted-bytes", "0") if command == "check" else ()
    forms = [word for form in report_types()[command].renderers for word in ("-o", f"{form}={tmp_path / form}.out")]
    run = imgtar(command, image.name, "--format", "json", "--top", "0", "--no-trunc", *gates, *forms, cwd=tmp_path)
    messages = {row["code"]: row["message"] for row in json.loads(run.stdout)["findings"]}
    for code in ("account.empty-password", "account.duplicate-uid", "layer.setuid"):
        assert "ghp_… (40 characters)" in messages[code]
    assert json.loads(run.stdout)["images"][0]["names"][0] == "app:ghp_… (40 characters)"
    outputs = {path.name: path.read_bytes() for path in tmp_path.glob("*.out")}
    assert [name for name, output in outputs.items() if token.encode() in output] == []
    assert token.encode() not in run.stdout + run.stderr
