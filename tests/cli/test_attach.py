"""`imgtar attach`: reports in an OCI layout as OCI 1.1 referrers of the image."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import imgtar as product
from imgtar.archive.archive import open_archive
from imgtar.archive.attach import Attachment, archive_with, referrers
from imgtar.archive.input.input_name import parse_input
from imgtar.cli.main import run
from imgtar.errors import DamageError, LimitError
from imgtar.limits import Limits, Meter
from tests.builders import (
    device,
    directory,
    file,
    hardlink,
    member,
    members_tar,
    oci_layout,
    sparse_1_0,
    symlink,
    tar,
    write_directory,
)
from tests.cli.command import imgtar, one_line
from tests.paths import FIXTURES

pytestmark = pytest.mark.slow

ADDED = referrers({}, [Attachment("report.txt", b"")])
ARCHIVES = ["d26c-mysqlish.tar", "d26-buildkit-mysqlish.tar", "p5-oci-archive.tar"]


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "report.json"
    path.write_text('{"schema_version":1}')
    return path


def listed_reports(index: dict[str, Any]) -> list[dict[str, Any]]:
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
    [descriptor] = listed_reports(index)
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
    assert len(listed_reports(json.loads((layout / "index.json").read_text()))) == 1
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
    [descriptor] = listed_reports(json.loads(files["index.json"]))
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


def everything(folder: Path) -> dict[Path, bytes | None]:
    return {path: path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def test_the_input_is_never_overwritten(report: Path, tmp_path: Path) -> None:
    image = tmp_path / "image.tar"
    shutil.copy(FIXTURES / ARCHIVES[0], image)
    (tmp_path / "link").symlink_to(image)
    (tmp_path / "hard").hardlink_to(image)
    before = everything(tmp_path)
    for output in (image, tmp_path / "link", tmp_path / "hard"):
        ran = imgtar("attach", image, report, "--output", output)
        assert ran.returncode == 2
        assert "is the input itself" in one_line(ran)
    ran = imgtar("attach", image, report, "--output", report)
    assert ran.returncode == 2
    assert "is one of the reports" in one_line(ran)
    assert everything(tmp_path) == before


@pytest.mark.parametrize("output", ["layout/index.json", "layout/new.tar", "layout", "to-index", "to-layout/new.tar"])
def test_no_copy_is_written_into_the_input(output: str, report: Path, tmp_path: Path) -> None:
    layout = write_directory(oci_layout([tar(file("a"))]).members(), tmp_path / "layout")
    (tmp_path / "to-index").symlink_to("layout/index.json")
    (tmp_path / "to-layout").symlink_to("layout")
    before = everything(tmp_path)
    for given in (layout, tmp_path / "to-layout"):
        ran = imgtar("attach", given, report, "--output", tmp_path / output)
        assert ran.returncode == 2
        assert "input" in one_line(ran)
    assert everything(tmp_path) == before


def cut(raw: bytes) -> bytes:
    return raw[: len(raw) - 2048]


def spoilt_config(raw: bytes) -> bytes:
    return raw.replace(b'"architecture":"amd64"', b'"architecture":"amd65"')


def two_of_one_name(raw: bytes) -> bytes:
    return file("index.json", b"{}") + raw


@pytest.mark.parametrize("spoil", [cut, spoilt_config, two_of_one_name])
def test_damage_is_not_copied(spoil: Callable[[bytes], bytes], report: Path, tmp_path: Path) -> None:
    """A copy would look whole: what the reader could not read is not in it, and no finding says so any more."""
    image, copy = tmp_path / "image.tar", tmp_path / "copy.tar"
    layout = oci_layout([tar(file("a"))])
    image.write_bytes(members_tar([*reversed(layout.members())]))
    assert imgtar("attach", image, report, "--output", copy).returncode == 0
    copy.unlink()
    image.write_bytes(spoil(image.read_bytes()))
    ran = imgtar("attach", image, report, "--output", copy)
    assert ran.returncode == 4
    assert "is damaged, so nothing was written" in one_line(ran)
    assert not copy.exists()
    assert imgtar("inspect", image).returncode == 4


def test_a_damaged_layout_is_not_changed(report: Path, tmp_path: Path) -> None:
    built = oci_layout([tar(file("a"))])
    layout = write_directory(built.members(), tmp_path / "layout")
    manifest = json.loads((layout / "blobs/sha256" / built.manifests[0]["digest"][7:]).read_bytes())
    (layout / "blobs/sha256" / manifest["layers"][0]["digest"][7:]).unlink()
    before = everything(tmp_path)
    assert imgtar("attach", layout, report, "--in-place").returncode == 4
    assert everything(tmp_path) == before


def test_a_foreign_layer_may_be_absent(report: Path, tmp_path: Path) -> None:
    foreign = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
    layout = oci_layout(
        [tar(file("a"))], edit_layers=lambda rows: [{**row, "mediaType": foreign, "urls": ["http://x"]} for row in rows]
    )
    kept = [(name, content) for name, content in layout.members() if not content.startswith(b"\x1f\x8b")]
    image, copy = tmp_path / "image.tar", tmp_path / "copy.tar"
    image.write_bytes(members_tar(kept))
    assert imgtar("inspect", image).returncode == 4
    assert imgtar("attach", image, report, "--output", copy).returncode == 0
    assert imgtar("inspect", copy, "--allow-missing").returncode == 0


def test_a_limit_stops_it_and_the_option_that_the_error_names_lifts_it(
    report: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    image, copy = tmp_path / "image.tar", tmp_path / "copy.tar"
    image.write_bytes(
        members_tar([*reversed(oci_layout([tar(file("a"))]).members()), *[(f"f{n}", b"") for n in range(9)]])
    )
    attach = ["attach", str(image), str(report), "--output", str(copy), "--limit"]
    assert run([*attach, "members=10"]) == 5
    assert "use --limit members=" in capfd.readouterr().err
    assert not copy.exists()
    assert run([*attach, "members=100"]) == 0
    assert copy.exists()


@pytest.mark.parametrize("limits", [Limits(manifests=1), Limits(json_size=400)])
def test_an_index_does_not_grow_beyond_what_is_read(limits: Limits, tmp_path: Path) -> None:
    image = tmp_path / "image.tar"
    image.write_bytes(members_tar(oci_layout([tar(file("a"))]).members()))
    archive = open_archive(parse_input(str(image)), Meter(limits))
    with pytest.raises(LimitError):
        list(archive_with(archive.index, ADDED))


def test_a_layout_without_a_readable_image_is_said(report: Path, tmp_path: Path) -> None:
    built = oci_layout([tar(file("a"))])
    layout = write_directory(built.members(), tmp_path / "layout")
    (layout / "blobs/sha256" / built.manifests[0]["digest"][7:]).unlink()
    for options in (["--in-place"], ["--output", tmp_path / "copy.tar"]):
        ran = imgtar("attach", layout, report, *options)
        assert ran.returncode == 3
        assert "no image in the archive can be read" in one_line(ran)


@pytest.mark.parametrize("kind", ["symlink", "hardlink"])
@pytest.mark.parametrize("name", ["blobs", "blobs/sha256", "index.json"])
def test_an_archive_with_a_link_in_place_of_its_parts_is_refused(
    name: str, kind: str, report: Path, tmp_path: Path
) -> None:
    moved = [(stored.replace(name, "real", 1), content) for stored, content in oci_layout([tar(file("a"))]).members()]
    image, copy = tmp_path / "image.tar", tmp_path / "copy.tar"
    target = "real" if kind == "hardlink" else {"blobs/sha256": "../real"}.get(name, "real")
    link = symlink(name, target) if kind == "symlink" else hardlink(name, target)
    image.write_bytes(members_tar([*moved, *([] if name == "index.json" else [directory("real/")]), link]))
    ran = imgtar("attach", image, report, "--output", copy)
    assert ran.returncode == 3
    assert f"{name} is a {'symbolic' if kind == 'symlink' else 'hard'} link" in one_line(ran)
    assert not copy.exists()


def test_a_blob_of_the_copy_is_what_its_name_says(report: Path, tmp_path: Path) -> None:
    name = "blobs/sha256/" + hashlib.sha256(report.read_bytes()).hexdigest()
    image, copy = tmp_path / "image.tar", tmp_path / "copy.tar"
    image.write_bytes(members_tar([*oci_layout([tar(file("a"))]).members(), (name, b"something else")]))
    ran = imgtar("attach", image, report, "--output", copy)
    assert ran.returncode == 0
    assert f"blob sha256:{name[13:]} had other content and is replaced" in one_line(ran)
    assert members(copy)[name] == report.read_bytes()


def test_members_are_copied_as_they_are_stored(report: Path, tmp_path: Path) -> None:
    """Owner, mode, times, devices, extended headers and holes: none of them is lost, and no hole becomes zeros."""
    hole = 1 << 29
    odd = [
        member("f", b"x", mode=0o600, mtime=123, uname="me", pax_records={"comment": "kept"}),
        device("null", 1, 3),
        sparse_1_0("s", hole, [(0, b"x" * 512)]),
        hardlink("h", "f"),
    ]
    image, copy = tmp_path / "image.tar", tmp_path / "copy.tar"
    image.write_bytes(members_tar([*odd, *oci_layout([tar(file("a"))]).members()]))
    assert imgtar("attach", image, report, "--output", copy).returncode == 0
    assert copy.read_bytes().startswith(b"".join(odd))
    assert copy.stat().st_size < hole


@pytest.mark.parametrize("writer", [False, True])
def test_a_named_pipe_is_no_report(writer: bool, tmp_path: Path) -> None:
    pipe = tmp_path / "report.json"
    os.mkfifo(pipe)
    held = os.open(pipe, os.O_RDWR) if writer else None
    ran = imgtar("attach", FIXTURES / ARCHIVES[0], pipe, "--output", tmp_path / "copy.tar")
    if held is not None:
        os.close(held)
    assert ran.returncode == 3
    assert "report.json: not a regular file" in one_line(ran)
    assert not (tmp_path / "copy.tar").exists()


def test_a_copy_goes_through_a_pipe_that_has_a_reader(report: Path, tmp_path: Path) -> None:
    pipe, copy = tmp_path / "pipe", tmp_path / "copy.tar"
    os.mkfifo(pipe)
    with open(tmp_path / "piped.tar", "wb") as piped, subprocess.Popen(["cat", pipe], stdout=piped) as reader:
        assert imgtar("attach", FIXTURES / ARCHIVES[0], report, "--output", pipe).returncode == 0
        assert reader.wait() == 0
    assert imgtar("attach", FIXTURES / ARCHIVES[0], report, "--output", copy).returncode == 0
    assert (tmp_path / "piped.tar").read_bytes() == copy.read_bytes()
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_an_archive_that_shrinks_while_it_is_copied(tmp_path: Path) -> None:
    image = tmp_path / "image.tar"
    image.write_bytes(members_tar([*oci_layout([tar(file("a"))]).members(), ("last", bytes(1 << 20))]))
    archive = open_archive(parse_input(str(image)), Meter())
    pieces = archive_with(archive.index, ADDED)
    next(pieces)
    os.truncate(image, image.stat().st_size - (1 << 19))
    with pytest.raises(DamageError):
        list(pieces)


def test_a_file_that_shrinks_while_its_directory_is_copied(tmp_path: Path) -> None:
    layout = write_directory([*oci_layout([tar(file("a"))]).members(), ("zlast", bytes(1 << 20))], tmp_path / "layout")
    archive = open_archive(parse_input(str(layout)), Meter())
    os.truncate(layout / "zlast", 1 << 19)
    with pytest.raises(DamageError):
        list(archive_with(archive.index, ADDED))


@pytest.mark.parametrize("options", [["--in-place"], ["--output", "copy"], ["--output", "copy", "--statement"]])
def test_a_report_whose_name_is_not_utf8_is_refused(options: list[str], tmp_path: Path) -> None:
    shutil.copytree(FIXTURES / "s5-oci", tmp_path / "layout")
    name = os.fsdecode(b"r\xff.json")
    (tmp_path / name).write_text("{}")
    before = sorted(tmp_path.rglob("*"))
    ran = imgtar("attach", "layout", name, *options, cwd=tmp_path)
    assert ran.returncode == 3
    assert "r\\xff.json: the name is not UTF-8; rename the report" in one_line(ran)
    assert sorted(tmp_path.rglob("*")) == before


def test_an_sbom_is_a_referrer_of_its_own_type(report: Path, tmp_path: Path) -> None:
    """Beside other reports; attaching again changes nothing."""
    archive, copy, again = FIXTURES / "p5-oci-archive.tar", tmp_path / "copy.tar", tmp_path / "again.tar"
    boms = {"a.cdx.json": "cyclonedx", "a.spdx.json": "spdx"}
    for name, form in boms.items():
        assert imgtar("packages", archive, "-o", f"{form}={tmp_path / name}").returncode == 0
    reports = [report, *(tmp_path / name for name in boms)]
    assert imgtar("attach", archive, *reports, "--output", copy).returncode == 0
    new = members(copy)
    types = {}
    for descriptor in json.loads(new["index.json"])["manifests"][1:]:
        manifest = json.loads(new["blobs/sha256/" + descriptor["digest"][7:]])
        [layer] = manifest["layers"]
        assert descriptor["artifactType"] == manifest["artifactType"]
        assert manifest["subject"]["digest"] == json.loads(new["index.json"])["manifests"][0]["digest"]
        types[layer["annotations"]["org.opencontainers.image.title"]] = (manifest["artifactType"], layer["mediaType"])
    assert types == {
        "report.json": ("application/vnd.imgtar.report.v1", "application/json"),
        "a.cdx.json": ("application/vnd.cyclonedx+json",) * 2,
        "a.spdx.json": ("application/spdx+json",) * 2,
    }
    assert imgtar("attach", copy, *reports, "--output", again).returncode == 0
    assert members(again) == new
    seen = json.loads(imgtar("inspect", copy, "--format", "json").stdout)["other"]
    assert {other["kind"] for other in seen} == {"referrer"}


def test_the_statement_of_an_sbom_has_its_type(tmp_path: Path) -> None:
    archive, copy = FIXTURES / "p5-oci-archive.tar", tmp_path / "copy.tar"
    (tmp_path / "a.json").write_text('{"spdxVersion":"SPDX-2.3"}')
    assert imgtar("attach", archive, tmp_path / "a.json", "--statement", "--output", copy).returncode == 0
    new = members(copy)
    [descriptor] = json.loads(new["index.json"])["manifests"][1:]
    [layer] = json.loads(new["blobs/sha256/" + descriptor["digest"][7:]])["layers"]
    assert layer["annotations"]["in-toto.io/predicate-type"] == "https://spdx.dev/Document"
    statement = json.loads(new["blobs/sha256/" + layer["digest"][7:]])
    assert statement["predicateType"] == "https://spdx.dev/Document"
