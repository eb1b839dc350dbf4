"""`imgtar attach`: reports in an OCI layout as OCI 1.1 referrers of the image."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest

import imgtar as product
from tests.cli.command import imgtar, one_line
from tests.paths import FIXTURES

pytestmark = pytest.mark.slow

ARCHIVES = ["d26c-mysqlish.tar", "d26-buildkit-mysqlish.tar", "p5-oci-archive.tar"]


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "report.json"
    path.write_text('{"schema_version":1}')
    return path


def referrers(index: dict[str, Any]) -> list[dict[str, Any]]:
    return [entry for entry in index["manifests"] if entry.get("artifactType") == "application/vnd.imgtar.report.v1"]


def members(path: Path) -> dict[str, bytes]:
    with tarfile.open(path) as archive:
        files = {}
        for member in archive:
            body = archive.extractfile(member) if member.isreg() else None
            files[member.name] = b"" if body is None else body.read()
        return files


@pytest.mark.parametrize("name", ARCHIVES)
def test_copy_holds_everything_and_the_referrer(name: str, report: Path, tmp_path: Path) -> None:
    before, copy = FIXTURES / name, tmp_path / "copy.tar"
    assert imgtar("attach", before, report, "--output", copy).returncode == 0
    old, new = members(before), members(copy)
    assert all(new[member] == content for member, content in old.items() if member != "index.json")
    listed, index = json.loads(old["index.json"]), json.loads(new["index.json"])
    assert index["manifests"][: len(listed["manifests"])] == listed["manifests"]
    [descriptor] = referrers(index)
    raw = new["blobs/sha256/" + descriptor["digest"][7:]]
    assert (hashlib.sha256(raw).hexdigest(), len(raw)) == (descriptor["digest"][7:], descriptor["size"])
    manifest = json.loads(raw)
    subject = manifest["subject"]
    image = new["blobs/sha256/" + subject["digest"][7:]]
    assert len(image) == subject["size"]
    assert "layers" in json.loads(image)
    [layer] = manifest["layers"]
    assert new["blobs/sha256/" + layer["digest"][7:]] == report.read_bytes()
    assert layer["mediaType"] == "application/json"


@pytest.mark.parametrize("name", ARCHIVES)
def test_image_is_the_same_and_the_referrer_is_listed(name: str, report: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.tar"
    assert imgtar("attach", FIXTURES / name, report, "--output", copy).returncode == 0
    read = product.inspect(str(copy), product.InspectOptions(verify=True)).document
    before = product.inspect(str(FIXTURES / name)).document
    assert read.integrity == "verified"
    assert [image.id for image in read.images] == [image.id for image in before.images]
    [other] = [other for other in read.other if other.artifact_type == "application/vnd.imgtar.report.v1"]
    assert (other.kind, other.refers_to) == ("referrer", read.images[0].manifest_digest)


def test_attaching_twice_changes_nothing(report: Path, tmp_path: Path) -> None:
    layout = tmp_path / "layout"
    shutil.copytree(FIXTURES / "s5-oci", layout)
    for _ in range(2):
        assert imgtar("attach", layout, report, "--in-place").returncode == 0
    assert len(referrers(json.loads((layout / "index.json").read_text()))) == 1
    once, twice = tmp_path / "once.tar", tmp_path / "twice.tar"
    assert imgtar("attach", FIXTURES / ARCHIVES[0], report, "--output", once).returncode == 0
    assert imgtar("attach", once, report, "--output", twice).returncode == 0
    assert once.read_bytes() == twice.read_bytes()


@pytest.mark.skipif(shutil.which("skopeo") is None, reason="skopeo is not installed")
def test_skopeo_reads_the_layout(report: Path, tmp_path: Path) -> None:
    layout = tmp_path / "layout"
    shutil.copytree(FIXTURES / "s5-oci", layout)
    assert imgtar("attach", layout, report, "--in-place").returncode == 0
    subprocess.run(["skopeo", "inspect", f"oci:{layout}:latest"], check=True, capture_output=True)


def test_statement_is_about_the_image(report: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.tar"
    assert imgtar("attach", FIXTURES / ARCHIVES[2], report, "--statement", "--output", copy).returncode == 0
    files = members(copy)
    [descriptor] = referrers(json.loads(files["index.json"]))
    manifest = json.loads(files["blobs/sha256/" + descriptor["digest"][7:]])
    [layer] = manifest["layers"]
    assert layer["mediaType"] == "application/vnd.in-toto+json"
    statement = json.loads(files["blobs/sha256/" + layer["digest"][7:]])
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["subject"][0]["digest"] == {"sha256": manifest["subject"]["digest"][7:]}
    assert statement["predicate"] == {"schema_version": 1}


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["mysql.tar", "REPORT", "--output", "x.tar"], 3, "no OCI manifest"),
        (["d26c-mysqlish.tar", "REPORT"], 2, "--output"),
        (["d26c-mysqlish.tar", "REPORT", "--in-place"], 2, "--in-place"),
        (["d26c-mysqlish.tar", "missing.json", "--output", "x.tar"], 3, "missing.json"),
        (["d26c-buildx-oci-multiplatform.tar", "REPORT", "--output", "x.tar"], 2, "choose one image"),
        (["s5-oci-dotslash.tar.gz", "REPORT", "--output", "x.tar"], 3, "decompress"),
    ],
)
def test_what_cannot_be_attached_is_said(
    arguments: list[str], code: int, says: str, report: Path, tmp_path: Path
) -> None:
    words = [str(FIXTURES / arguments[0]), *(str(report) if word == "REPORT" else word for word in arguments[1:])]
    ran = imgtar("attach", *words, cwd=tmp_path)
    assert ran.returncode == code
    assert says in one_line(ran)
    assert not (tmp_path / "x.tar").exists()


def test_the_input_is_never_overwritten(report: Path, tmp_path: Path) -> None:
    image = tmp_path / "image.tar"
    shutil.copy(FIXTURES / ARCHIVES[0], image)
    before = image.read_bytes()
    assert imgtar("attach", image, report, "--output", image).returncode == 2
    assert image.read_bytes() == before


@pytest.mark.parametrize("options", [["--in-place"], ["--output", "copy"], ["--output", "copy", "--statement"]])
def test_a_report_whose_name_is_not_utf8_is_refused(options: list[str], tmp_path: Path) -> None:
    shutil.copytree(FIXTURES / "s5-oci", tmp_path / "layout")
    name = os.fsdecode(b"r\xff.json")
    (tmp_path / name).write_text("{}")
    before = sorted(tmp_path.rglob("*"))
    run = imgtar("attach", "layout", name, *options, cwd=tmp_path)
    assert run.returncode == 3
    assert "r\\xff.json: the name is not UTF-8; rename the report" in one_line(run)
    assert sorted(tmp_path.rglob("*")) == before
