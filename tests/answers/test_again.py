"""A question behind the scan gets the answer that it would have had with it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from imgtar.analysis.duplicates import DuplicatesQuery
from imgtar.answers.duplicates import duplicates_of
from imgtar.answers.filters import Filter
from imgtar.answers.opening import open_session
from imgtar.answers.options import EVERYTHING, InspectOptions
from imgtar.answers.packages import Asked, inventory_work, packages_content
from imgtar.answers.session import Session
from imgtar.contract.packages import PackagesReport
from imgtar.findings import Finding
from imgtar.limits import DEFAULT, Limits
from imgtar.packages.inventories import TYPES
from tests.answers.inventories import dpkg, listed
from tests.builders import docker_save, file, gzip, hardlink, sparse_1_0, tar, whiteout, zstd
from tests.paths import FIXTURES

BODY = bytes(range(256)) * 400
LAYERS = [
    tar(dpkg("curl=1", "gone=2"), listed("curl", "usr/bin/curl"), file("usr/bin/curl", BODY), file("a", BODY)),
    tar(dpkg("curl=2"), file("usr/bin/curl", BODY[:-1]), hardlink("b", "usr/bin/curl"), whiteout("a")),
    tar(sparse_1_0("s", 4096, [(0, b"x" * 512)]), file("c", BODY), file("d", BODY)),
]
SQUEEZED = [gzip(LAYERS[0]), zstd(LAYERS[1]), LAYERS[2]]
FILES = ("mysql.tar", "d20-scratch.tar", "made", "squeezed")


@pytest.fixture(params=FILES)
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param.endswith(".tar"):
        return FIXTURES / request.param
    path = tmp_path / "app.tar"
    path.write_bytes(docker_save(SQUEEZED if request.param == "squeezed" else LAYERS))
    return path


def read(path: Path, **options: object) -> Session:
    session = open_session(path, InspectOptions(**options))  # type: ignore[arg-type]
    session.read(EVERYTHING)
    return session


def inventory(session: Session, limits: Limits = DEFAULT) -> tuple[PackagesReport, tuple[Finding, ...]]:
    work = inventory_work(session, Asked(), limits)
    content = packages_content(session, Filter().apply(session.findings), Asked(), **work)  # type: ignore[arg-type]
    return content.document, session.findings


def test_packages_are_those_of_a_scan_that_looked_for_them(archive: Path) -> None:
    foreseen = inventory(read(archive, package_types=TYPES))
    session = read(archive)
    before = session.findings
    assert inventory(session.again(package_types=TYPES)) == foreseen
    assert session.findings == before


def test_duplicates_are_those_of_a_scan_that_looked_for_them(archive: Path) -> None:
    query = DuplicatesQuery(all_layers=True)
    foreseen = duplicates_of(read(archive, digests=True), query)
    assert duplicates_of(read(archive).again(digests=True), query) == foreseen


def test_a_limit_ends_the_look_and_is_a_finding_of_the_question(tmp_path: Path) -> None:
    path = tmp_path / "app.tar"
    path.write_bytes(docker_save(SQUEEZED))
    size = sum(map(len, LAYERS))
    session = read(path, limits=Limits(total_bytes=size + 2000))
    assert session.envelope.complete
    document, findings = inventory(session.again(package_types=TYPES))
    assert "limit.total-bytes" in {finding.kind.code for finding in findings}
    assert not document.complete
    assert session.envelope.complete


def test_what_is_asked_later_has_no_deadline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "app.tar"
    path.write_bytes(docker_save(SQUEEZED))
    session = read(path, timeout=1000)
    now = time.monotonic()
    monkeypatch.setattr("time.monotonic", lambda: now + 2000)
    _, late = inventory(session.again(package_types=TYPES))
    assert "limit.time" in {finding.kind.code for finding in late}
    session.end_deadline()
    _, found = inventory(session.again(package_types=TYPES))
    assert "limit.time" not in {finding.kind.code for finding in found}
