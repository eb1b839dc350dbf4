"""`imgtar verify`: every digest recomputed, every byte attributed, what was stated elsewhere compared."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

import imgtar as product
from tests.builders import good, gzip, oci_archive, tar
from tests.cli.command import imgtar, one_line
from tests.paths import FIXTURES

pytestmark = pytest.mark.slow

ARCHIVES = sorted(
    path.name
    for path in FIXTURES.iterdir()
    if path.name not in ("truth", "README.md", "d20-export.tar", "forms") and path.is_file()
)


def covers(report: product.Session, size: int) -> None:
    """Every byte once, in order, without gap or overlap."""
    ranges = report.ranges()
    assert ranges is not None
    at = 0
    for span in ranges:
        assert span.offset == at
        assert span.length > 0
        at += span.length
    assert at == size


@pytest.mark.parametrize("name", ARCHIVES)
def test_real_archives_are_sound_and_attributed(name: str) -> None:
    report = product.inspect(str(FIXTURES / name), product.InspectOptions(verify=True)).session
    assert report.document.integrity == "verified"
    size = report.archive.index.tar_size  # of the decompressed archive
    assert size is not None
    covers(report, size)
    if report.document.source.compression == "none":
        assert size == (FIXTURES / name).stat().st_size


def test_every_byte_is_attributed_whatever_happens_to_it(tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    chance = random.Random(5)
    for raw in (good(), oci_archive([tar()]), good() + good(), good()[:-700], good() + b"\0" * 900 + b"x"):
        for _ in range(60):
            spoilt = bytearray(raw[: chance.randrange(600, len(raw) + 1)])
            spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
            path.write_bytes(spoilt)
            try:
                report = product.inspect(str(path)).session
            except product.InputError:
                continue
            covers(report, len(spoilt))


def test_ranges_name_what_they_are(tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(good() + b"hidden")
    ran = imgtar("verify", "--format", "json", path)
    words = [span["what"].partition(":")[0] for span in json.loads(ran.stdout)["ranges"]]
    wanted = {"header", "layer 0 of image 0", "config of image 0", "manifest.json", "padding", "end marker"}
    assert wanted | {"trailing data"} <= set(words)


def test_a_directory_has_no_ranges() -> None:
    ran = imgtar("verify", "--format", "json", FIXTURES / "s5-oci")
    assert json.loads(ran.stdout)["ranges"] is None
    assert b"a directory" in imgtar("verify", FIXTURES / "s5-oci").stdout


def test_a_corrupted_blob_is_named_by_its_digest_and_member(tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    raw = bytearray((FIXTURES / "d26c-mysqlish.tar").read_bytes())
    document: Any = json.loads(imgtar("verify", "--format", "json", FIXTURES / "d26c-mysqlish.tar").stdout)
    [span] = [span for span in document["ranges"] if span["what"].startswith("layer 3 of image 0: ")]
    raw[span["offset"] + span["length"] // 2] ^= 1
    path.write_bytes(raw)
    ran = imgtar("verify", "--format", "json", path)
    assert ran.returncode == 4
    findings = json.loads(ran.stdout)["findings"]
    member = span["what"].partition(": ")[2]
    [mismatch] = [row for row in findings if row["code"] == "oci.digest-mismatch"]
    assert mismatch["where"]["member"] == member
    assert member.rpartition("/")[2] in mismatch["message"]
    assert b"WRONG" in imgtar("verify", path).stdout


def test_all_mismatches_are_listed_not_the_first(tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    raw = bytearray((FIXTURES / "d26-buildkit-mysqlish.tar").read_bytes())
    document: Any = json.loads(imgtar("verify", "--format", "json", FIXTURES / "d26-buildkit-mysqlish.tar").stdout)
    layers = [span for span in document["ranges"] if span["what"].startswith("layer ")]
    for span in layers:
        raw[span["offset"] + span["length"] - 1] ^= 1
    path.write_bytes(raw)
    findings = json.loads(imgtar("verify", "--format", "json", path).stdout)["findings"]
    wrong = {row["where"]["layer"] for row in findings if row["code"] == "image.diffid-mismatch"}
    assert len(wrong) == len(layers) == 10


ID = "sha256:c104df98b3e8395c041a560d3407c9d7f41876c96bff0ea6d1c2b6b5b67e311b"


@pytest.mark.parametrize(
    ("options", "code", "finding"),
    [
        (["--expect-id", ID], 0, ""),
        (["--expect-id", ID[7:20]], 0, ""),
        (["--expect-id", "c104df98b3e9"], 4, "verify.unexpected-id"),
        (["--expect-id", "c104"], 4, "verify.unexpected-id"),
        (["--expect-digest", ID], 4, "verify.unexpected-digest"),
        (["--expect-id", ID, "--expect-id", "0" * 64], 4, "verify.unexpected-id"),
    ],
)
def test_expected_ids_and_digests_are_compared(options: list[str], code: int, finding: str) -> None:
    ran = imgtar("verify", "--format", "json", FIXTURES / "mysql.tar", *options)
    assert ran.returncode == code
    document = json.loads(ran.stdout)
    assert (finding in {row["code"] for row in document["findings"]}) == bool(finding)
    assert document["integrity"] == ("verified" if code == 0 else "failed")


def test_an_expected_manifest_digest() -> None:
    digest = "sha256:b8d2e7e24df648990fa99b696525d4db7b978ead3bab1ade9fb62c751442feff"
    assert imgtar("verify", FIXTURES / "d26c-mysqlish.tar", "--expect-digest", digest).returncode == 0


def test_checksum_list(tmp_path: Path) -> None:
    image = tmp_path / "image.tar"
    shutil.copy(FIXTURES / "d20-scratch.tar", image)
    right = hashlib.sha256(image.read_bytes()).hexdigest()
    sums = tmp_path / "SHA256SUMS"
    sums.write_text(f"{'0' * 64}  other.tar\n{right} *image.tar\n")
    assert imgtar("verify", image, "--checksums", sums).returncode == 0
    sums.write_text(f"{'0' * 64}  image.tar\n")
    ran = imgtar("verify", image, "--checksums", sums)
    assert (ran.returncode, "verify.bad-checksum" in one_line(ran)) == (4, True)
    sums.write_text("")
    assert imgtar("verify", image, "--checksums", sums).returncode == 2
    assert imgtar("verify", image, "--checksums", tmp_path / "none").returncode == 3


def test_a_pipe_and_a_compressed_file_are_attributed_as_well(tmp_path: Path) -> None:
    path = tmp_path / "image.tar.gz"
    path.write_bytes(gzip(good()))
    for arguments, stdin in (([path], b""), (["-"], good())):
        document = json.loads(imgtar("verify", "--format", "json", *arguments, stdin=stdin).stdout)
        assert sum(span["length"] for span in document["ranges"]) == len(good())
        assert document["integrity"] == "verified"
