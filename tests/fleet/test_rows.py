"""A row has the documents of the single commands, byte for byte, and says what became of the archive."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import msgspec
import pytest

from imgtar.answers.audit import AuditSettings
from imgtar.contract.fleet import ACTIONS, Action
from imgtar.fleet.settings import FindingChoice, FleetSettings
from tests.builders import docker_save, file, good, layer
from tests.cli.command import imgtar
from tests.fleet.running import fleet, images, rows
from tests.several_images import save, small_layer

DAY = date(2026, 11, 29)
AUDIT = AuditSettings(judged_on=DAY)
ARCHIVES = {
    "good": good(),
    "cut": good()[:-4000],
    "secret": docker_save([layer(file("root/.aws/credentials", b"aws_access_key_id = AKIAIOSFODNN7EXAMPL3\n"))]),
    "two images": save({"a:1": [small_layer(1)], "b:1": [small_layer(1), small_layer(2)]}),
}


def documents(line: bytes, action: Action) -> list[bytes]:
    """The documents under a key of a row, as they stand there."""
    raw = msgspec.json.decode(line, type=dict[str, msgspec.Raw])[action]
    several = msgspec.json.decode(raw, type=list[msgspec.Raw]) if action == "packages" else [raw]
    return [bytes(document) for document in several]


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("name", ARCHIVES)
def test_a_document_is_that_of_the_single_command(name: str, action: Action, tmp_path: Path) -> None:
    path = tmp_path / "app.tar"
    path.write_bytes(ARCHIVES[name])
    fleet(path, out=tmp_path / "all.jsonl", settings=FleetSettings(actions=(action,), audit=AUDIT))
    line = (tmp_path / "all.jsonl").read_bytes()
    choices = [["--image", "@0"], ["--image", "@1"]] if (action, name) == ("packages", "two images") else [[]]
    flags = ["--summary"] if action == "inspect" else []
    env = {"SOURCE_DATE_EPOCH": "1795910400"}  # that day
    alone = [imgtar(action, path, *flags, *choice, "--format", "json", "-q", env=env) for choice in choices]
    found = documents(line, action)
    assert [document + b"\n" for document in found] == [run.stdout for run in alone]
    assert rows(tmp_path / "all.jsonl")[0]["exit_code"] == max(run.returncode for run in alone)


def test_with_full_the_long_lists_are_there(tmp_path: Path) -> None:
    [path] = images(tmp_path, 1)
    fleet(path, out=tmp_path / "all.jsonl", settings=FleetSettings(full=True))
    [document] = documents((tmp_path / "all.jsonl").read_bytes(), "inspect")
    assert document + b"\n" == imgtar("inspect", path, "--format", "json").stdout
    assert b'"changes"' in document


def test_an_archive_that_cannot_be_used_has_a_row_without_documents(tmp_path: Path) -> None:
    (tmp_path / "list").write_text(f"{tmp_path / 'none.tar'}\n")
    fleet(f"@{tmp_path / 'list'}", out=tmp_path / "all.jsonl")
    [row] = rows(tmp_path / "all.jsonl")
    assert row["failure"]["code"] == "input.missing"
    assert (row["exit_code"], row["size"], row["mtime_ns"]) == (3, None, None)
    assert "inspect" not in row


def test_what_one_action_cannot_read_another_can(tmp_path: Path) -> None:
    """A root filesystem is no archive of images, but has packages."""
    (tmp_path / "root.tar").write_bytes(layer(file("etc/os-release", b"ID=debian\n"), file("usr/x", b"1")))
    fleet(tmp_path / "root.tar", out=tmp_path / "all.jsonl", settings=FleetSettings(actions=("inspect", "packages")))
    [row] = rows(tmp_path / "all.jsonl")
    assert "inspect" not in row
    assert row["packages"][0]["os"]["id"] == "debian"
    assert row["exit_code"] == 3


def test_damage_is_told_with_the_first_harmful_finding(tmp_path: Path) -> None:
    (tmp_path / "cut.tar").write_bytes(ARCHIVES["cut"])
    fleet(tmp_path / "cut.tar", out=tmp_path / "all.jsonl")
    [row] = rows(tmp_path / "all.jsonl")
    codes = {finding["code"] for finding in row["inspect"]["findings"] if finding["effect"] != "none"}
    assert row["exit_code"] == 4
    assert row["failure"]["code"] in codes


def test_a_finding_of_fail_on_fails_the_archive_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "a.tar").write_bytes(ARCHIVES["good"])
    (tmp_path / "b.tar").write_bytes(ARCHIVES["secret"])
    settings = FleetSettings(actions=("audit",), audit=AUDIT, audit_findings=FindingChoice(fail_on="critical"))
    result = fleet(tmp_path / "a.tar", tmp_path / "b.tar", out=tmp_path / "all.jsonl", settings=settings)
    codes = {Path(row["path"]).name: row["exit_code"] for row in rows(tmp_path / "all.jsonl")}
    assert codes["a.tar"] == 0
    assert result.exit_codes.get(1, 0) == codes["b.tar"]


def test_no_row_quotes_a_secret(tmp_path: Path) -> None:
    """An audit redacts, and so does what the row says of a failure."""
    name = "ghcr.io/x/token=ghp_0123456789abcdefghijklmnopqrstuvwx12"
    (tmp_path / "a.tar").write_bytes(good())
    settings = FleetSettings(actions=("audit",), audit=AUDIT, image=name)
    fleet(tmp_path / "a.tar", out=tmp_path / "all.jsonl", settings=settings)
    [row] = rows(tmp_path / "all.jsonl")
    assert row["exit_code"] == 3
    assert "ghp_0123456789" not in row["failure"]["message"]


@pytest.mark.parametrize("name", ["new\nline.tar", "esc\x1b[31m.tar", "bytes\udcff.tar", 'quote".tar', "tab\t.tar"])
def test_odd_names_stay_one_line_and_come_back(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(good())
    names = tmp_path / "names"
    names.write_bytes(b"\0".join([os.fsencode(path), os.fsencode(tmp_path / f"no-{name}")]))
    fleet(f"@{names}", out=tmp_path / "out")
    assert {row["exit_code"] for row in rows(tmp_path / "out")} == {0, 3}
    text = (tmp_path / "out" / "failures.jsonl").read_bytes()
    assert text.count(b"\n") == 1
    assert b"\x1b" not in text
    before = {file.name: file.read_bytes() for file in (tmp_path / "out").glob("*.jsonl")}
    again = fleet(f"@{names}", out=tmp_path / "out", resume=True)
    assert again.finished
    assert {file.name: file.read_bytes() for file in (tmp_path / "out").glob("*.jsonl")} == before
