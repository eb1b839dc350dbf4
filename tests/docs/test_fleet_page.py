"""docs/fleet.md: its queries run over real results, and each says something."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest

from imgtar.answers.audit import AuditSettings
from imgtar.fleet.settings import FleetSettings
from tests.builders import docker_save, file, layer, whiteout
from tests.fleet.running import fleet, rows
from tests.paths import ROOT

PAGE = (ROOT / "docs/fleet.md").read_text()
QUERIES = [
    query.strip()
    for block in re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
    for query in re.sub(r"^--.*\n", "", block, flags=re.MULTILINE).split(";")
    if query.strip()
]
[JQ] = re.findall(r"```sh\n(# the ten archives.*?)```", PAGE, re.DOTALL)
KEY = b"-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n-----END RSA PRIVATE KEY-----\n"
DPKG = b"Package: openssl\nStatus: install ok installed\nArchitecture: all\nVersion: 3.0\n\n"


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """The folder in which `results/` lies: two archives with waste, packages and findings."""
    for number in (1, 2):
        layers = [
            layer(file("etc/os-release", b"ID=debian\n"), file("var/lib/dpkg/status", DPKG)),
            layer(file("big", bytes(1000 * number)), file("root/.ssh/id_rsa", KEY)),
            layer(whiteout("big")),
        ]
        (tmp_path / f"{number}.tar").write_bytes(docker_save(layers, author=str(number)))
    audit = AuditSettings(judged_on=date(2026, 11, 29))
    settings = FleetSettings(actions=("inspect", "audit", "packages"), audit=audit)
    fleet(*sorted(tmp_path.glob("*.tar")), out=tmp_path / "results", settings=settings)
    return tmp_path


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
def test_the_commands_of_jq_say_what_the_page_promises(results: Path) -> None:
    wasteful, _, third = re.split(r"^# .*\n", JQ, flags=re.MULTILINE)[1:]
    lines = [run(command, results).splitlines() for command in (wasteful, third)]
    assert lines[0] == [f"2000\t{results / '2.tar'}", f"1000\t{results / '1.tar'}"]
    assert [line.split("\t")[1] for line in lines[1]] == ["3.0", "3.0"]
    findings = {row["path"] for row in rows(results / "results") if "critical" in str(row["audit"]["findings"])}
    assert set(run(re.split(r"^# .*\n", JQ, flags=re.MULTILINE)[2], results).splitlines()) == findings


def run(command: str, folder: Path) -> str:
    """What a command of the page prints in the folder of the results."""
    done = subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("query", QUERIES, ids=[query.split("FROM")[0][:40] for query in QUERIES])
def test_the_queries_of_duckdb_find_rows(query: str, results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed")
    if "parquet" in query:
        pytest.importorskip("pyarrow", reason="the extra parquet is not installed")
        from imgtar.fleet.parquet import write_parquet

        for part in (results / "results").glob("*.jsonl"):
            if part.name.startswith("part-"):
                write_parquet(str(part), str(results / "temporary"))
    monkeypatch.chdir(results)
    found = duckdb.sql(query).fetchall()
    assert found
    if "wasted" in query:
        assert [row[1] for row in found] == [2000, 1000]
    if "package.name" in query:
        assert found == [("openssl", "3.0", 2)]
    if "parquet" in query:
        ids = {row["path"]: row["inspect"]["images"][0]["id"] for row in rows(results / "results")}
        assert {row[0]: row[2] for row in found} == ids
