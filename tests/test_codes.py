"""Every code of a finding and every command is tested by name: one that joins without a test fails here."""

from __future__ import annotations

import ast
import functools
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

import imgtar
from imgtar.answers.catalogue import kinds
from imgtar.cli.registry import NAMES
from imgtar.limits import MIB
from tests.audit.secrets.credential_samples import FILE_SAMPLES
from tests.audit.secrets.samples import SAMPLES
from tests.builders import (
    bzip2,
    digest,
    directory,
    docker_save,
    file,
    good_layers,
    image_config,
    layer,
    member,
    oci_archive,
    oci_layout,
    pax,
    tar,
    xz,
    zstd,
)
from tests.cli.command import imgtar as run
from tests.paths import FIXTURES, ROOT

TESTS = ROOT / "tests"


def codes(content: bytes, where: Path, **options: Any) -> set[str]:
    """The codes of what is found in an archive of this content."""
    where.write_bytes(content)
    report = imgtar.inspect(str(where), imgtar.InspectOptions(**options)).session
    return {finding.code for finding in report.document.findings}


@functools.cache
def literals() -> frozenset[str]:
    """Every text that stands alone between quotes in a test."""
    nodes = (node for path in TESTS.rglob("*.py") for node in ast.walk(ast.parse(path.read_bytes())))
    values = (node.value for node in nodes if isinstance(node, ast.Constant))
    texts = (value.decode("latin-1") if isinstance(value, bytes) else value for value in values)
    return frozenset(text for text in texts if isinstance(text, str))


def golden() -> set[str]:
    """The codes in the reports that were looked at."""
    documents = (json.loads(path.read_bytes()) for path in (TESTS / "golden").glob("*/*.json"))
    return {row["code"] for document in documents for row in document.get("findings", ())}


def test_every_code_is_named_by_a_test() -> None:
    by_samples = {
        f"secret.{kind}" for kind in (*SAMPLES, *FILE_SAMPLES)
    }  # each kind of secret is tested with samples of its own
    untested = set(kinds()) - literals() - by_samples - golden()
    assert untested == set(), "write a test for each that names its code"


def test_every_command_has_a_test_of_its_own() -> None:
    own = {path.stem for room in ("answers", "cli", "contract") for path in (TESTS / room).glob("test_*.py")}
    untested = [name for name in NAMES if f"test_{name}" not in own]
    assert untested == [], "add tests/answers/test_NAME.py for each"


def test_every_recorded_archive_is_told_about_and_read_by_a_test() -> None:
    recorded = {path.name for path in FIXTURES.iterdir()} - {"README.md", "truth", "forms", "packages", "dockerfile"}
    page = (FIXTURES / "README.md").read_text()
    assert {name for name in recorded if f"`{name}`" not in page and f"`{name}/`" not in page} == set()
    assert recorded - literals() == set()


# What nothing else tests: the codes that need no more than an archive that has the oddity.

LAYERS = good_layers()
ODD = {
    "image.history-repaired": docker_save(
        LAYERS[:1], history=[{"created_by": "/bin/sh -c #(nop) ADD file:0 in / "}, {"created_by": 'CMD ["x"]'}]
    ),
    "layer.aufs-metadata": docker_save([layer(file(".wh..wh.aufs"))]),
    "layer.overlay-opaque": docker_save(
        [layer(directory("d/", pax_records={"SCHILY.xattr.trusted.overlay.opaque": "y"}))]
    ),
    "oci.rootfs-type": docker_save(
        LAYERS, config=image_config(LAYERS, rootfs={"type": "floors", "diff_ids": [digest(one) for one in LAYERS]})
    ),
    "tar.global-header": docker_save([layer(pax({"comment": "x"}, typeflag=b"g"), file("f"))]),
    "tar.refused-type": docker_save([layer(member("f", b"x", typeflag=b"7"))]),
    "bzip2.trailing-zeros": docker_save([bzip2(LAYERS[0]) + bytes(512)], config=image_config(LAYERS[:1])),
    "xz.trailing-zeros": docker_save([xz(LAYERS[0]) + bytes(511)], config=image_config(LAYERS[:1])),
    "zstd.trailing-zeros": docker_save([zstd(LAYERS[0]) + bytes(512)], config=image_config(LAYERS[:1])),
    "bzip2.bad-check": docker_save([bzip2(LAYERS[0])[:-3] + bytes(3)], config=image_config(LAYERS[:1])),
}


@pytest.mark.parametrize("code", ODD)
def test_an_oddity_is_told(code: str, tmp_path: Path) -> None:
    assert code in codes(ODD[code], tmp_path / "odd.tar")
    assert code not in codes(docker_save(LAYERS), tmp_path / "even.tar")


@pytest.mark.parametrize(
    ("code", "limits"),
    [
        ("limit.metadata-bytes", imgtar.Limits(metadata_bytes=10)),
        ("limit.total-bytes", imgtar.Limits(total_bytes=MIB)),
    ],
)
def test_a_limit_is_told(code: str, limits: imgtar.Limits, tmp_path: Path) -> None:
    content = oci_archive([tar(*(file(f"file-{number}", bytes(MIB)) for number in range(3)))], compression="gzip")
    assert code in codes(content, tmp_path / "large.tar", limits=limits)
    assert code not in codes(content, tmp_path / "large.tar")


class Writer:
    """A progress bar that writes to the archive while it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def start(self, total: int | None) -> None:
        with self.path.open("ab") as archive:
            archive.write(bytes(512))

    def advance(self, size: int) -> None:
        pass


def test_an_archive_that_changes_while_it_is_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "written.tar"
    assert "input.changed" in codes(docker_save(LAYERS), path, progress=Writer(path))


def test_a_digest_that_a_pipe_cannot_check_is_told() -> None:
    long = hashlib.sha512(LAYERS[0]).hexdigest()
    layout = oci_layout(
        LAYERS[:1], compression="none", edit_layers=lambda rows: [rows[0] | {"digest": f"sha512:{long}"}]
    )
    layout.blobs[f"blobs/sha512/{long}"] = LAYERS[0]
    ran = run("-", "--verify", "--format", "json", stdin=layout.tar())
    assert "oci.unchecked-digest" in {row["code"] for row in json.loads(ran.stdout)["findings"]}


def test_a_directory_has_no_checksum(tmp_path: Path) -> None:
    sums = tmp_path / "SHA256SUMS"
    sums.write_text(f"{'0' * 64}  s5-oci\n")
    ran = run("verify", FIXTURES / "s5-oci", "--checksums", sums, "--format", "json")
    assert ran.returncode == 4
    assert "verify.no-checksum" in {row["code"] for row in json.loads(ran.stdout)["findings"]}
