"""`packages --compare-attested`: what SBOMs claim beside what the files say."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from imgtar.analysis.inventory.claims import Claimed, Found, compare
from imgtar.analysis.inventory.sbom_files import is_sbom_file
from imgtar.errors import ImgtarError
from imgtar.formats.sbom_packages import SbomPackage
from imgtar.limits import DEFAULT
from imgtar.packages.inventories import TYPES
from tests.answers.attesting import (
    CYCLONEDX,
    SCANNED,
    SPDX,
    attested_layout,
    claims,
    compared,
    cyclonedx,
    differences,
    json_file,
    spdx,
)
from tests.answers.inventories import dpkg
from tests.builders import Layout, docker_save, file, layer, whiteout
from tests.growth import assert_linear
from tests.paths import FIXTURES

LAYERS = [layer(dpkg("a=1", "b=1:2", "c=3"), file("n/node_modules/x/package.json", b'{"name":"x","version":"1"}'))]
SAME = ("pkg:deb/debian/a@1?arch=amd64", "pkg:deb/debian/b@1%3A2", "pkg:deb/debian/c@3", "pkg:npm/x@1")
REDIS = "opt/bitnami/redis/.spdx-redis.spdx"


def test_an_sbom_that_names_the_packages_of_the_files_is_equal(tmp_path: Path) -> None:
    report = claims(attested_layout(LAYERS, spdx(*SAME)).tar(), tmp_path)
    assert report.equal
    assert report.differences == report.uncompared == []
    [sbom] = report.sboms
    assert (sbom.source, sbom.format, sbom.state, sbom.packages) == ("attestation", "spdx", "read", 4)
    counts = report.counts
    assert (counts.claimed, counts.found, counts.same) == (4, 4, 4)


@pytest.mark.parametrize(
    ("name", "form", "packages"), [("syft.spdx.json", "spdx", 8), ("syft.cdx.json", "cyclonedx", 8)]
)
def test_what_another_program_wrote_is_equal(name: str, form: str, packages: int, tmp_path: Path) -> None:
    """The recorded SBOM of a scanner, about packages of four types."""
    sbom = json.loads((FIXTURES / "packages" / name).read_bytes())
    kind = CYCLONEDX if form == "cyclonedx" else SPDX
    report = claims(attested_layout(SCANNED, sbom, predicate_type=kind).tar(), tmp_path)
    assert differences(report) == []
    assert [(row.format, row.packages) for row in report.sboms] == [(form, packages)]
    assert (report.counts.same, report.counts.found) == (7, 7)


def test_differences_are_of_three_kinds(tmp_path: Path) -> None:
    purls = ("pkg:deb/debian/a@1", "pkg:deb/debian/b@2?epoch=2", "pkg:deb/debian/gone@1", "pkg:npm/X@1")
    report = claims(attested_layout(LAYERS, cyclonedx(*purls), predicate_type=CYCLONEDX).tar(), tmp_path)
    assert not report.equal
    assert differences(report) == [
        ("version", "deb", "b", "2:2", "1:2"),
        ("not-claimed", "deb", "c", "", "3"),
        ("not-found", "deb", "gone", "1", ""),
    ]
    assert [row.sboms for row in report.differences] == [[0], [], [0]]
    counts = report.counts
    assert (counts.claimed, counts.found, counts.same) == (4, 4, 2)
    assert (counts.not_found, counts.not_claimed, counts.other_version) == (1, 1, 1)


def test_several_versions_of_one_package(tmp_path: Path) -> None:
    files = (file(f"{at}/node_modules/x/package.json", b'{"name":"x","version":"%d"}' % at) for at in (1, 2))
    layers = [layer(*files)]
    assert differences(claims(attested_layout(layers, spdx("pkg:npm/x@2")).tar(), tmp_path)) == [
        ("not-claimed", "npm", "x", "", "1")
    ]
    three = spdx("pkg:npm/x@2", "pkg:npm/x@3", "pkg:npm/x@1")
    assert differences(claims(attested_layout(layers, three).tar(), tmp_path)) == [("not-found", "npm", "x", "3", "")]


def test_a_claim_without_a_version_agrees_with_each(tmp_path: Path) -> None:
    unstated = spdx("pkg:deb/debian/a", "pkg:deb/debian/b@UNKNOWN", "pkg:deb/debian/c@3", "pkg:npm/x@1")
    assert claims(attested_layout(LAYERS, unstated).tar(), tmp_path).equal
    beside = spdx("pkg:deb/debian/a@UNKNOWN", *SAME, "pkg:deb/debian/gone@1", "pkg:deb/debian/gone")
    assert differences(claims(attested_layout(LAYERS, beside).tar(), tmp_path)) == [
        ("not-found", "deb", "gone", "1", "")
    ]


def test_a_claim_without_a_purl_can_only_agree(tmp_path: Path) -> None:
    report = claims(attested_layout(LAYERS, spdx(*SAME[1:], a="1", image="latest", c="4")).tar(), tmp_path)
    assert report.equal
    assert [(row.type, row.packages) for row in report.uncompared] == [(None, 2)]


def test_types_that_are_not_asked_for_or_not_read_are_not_compared(tmp_path: Path) -> None:
    archive = attested_layout(LAYERS, spdx(*SAME, "pkg:gem/g@1", "pkg:oci/app@1")).tar()
    report = claims(archive, tmp_path, types=("deb",))
    assert report.equal
    assert [(row.type, row.packages) for row in report.uncompared] == [("gem", 1), ("npm", 1), ("oci", 1)]


def test_packages_that_are_gone_are_not_found(tmp_path: Path) -> None:
    layers = [LAYERS[0], layer(dpkg("b=1:2", "c=3"))]
    assert differences(claims(attested_layout(layers, spdx(*SAME)).tar(), tmp_path)) == [
        ("not-found", "deb", "a", "1", "")
    ]


def test_packages_whose_database_is_deleted_are_there(tmp_path: Path) -> None:
    layers = [LAYERS[0], layer(whiteout("var/lib/dpkg/status"))]
    assert claims(attested_layout(layers, spdx(*SAME)).tar(), tmp_path).equal


def test_files_in_the_image_are_sboms_as_the_last_layer_has_them(tmp_path: Path) -> None:
    lower = [file(REDIS, json_file(spdx("pkg:deb/debian/old@1"))), file("var/lib/db/sbom/x.spdx.json", b"{}")]
    upper = [file(REDIS, json_file(spdx(*SAME))), whiteout("var/lib/db/sbom/x.spdx.json")]
    report = claims([layer(*lower), LAYERS[0], layer(*upper)], tmp_path)
    assert report.equal
    [sbom] = report.sboms
    assert (sbom.source, sbom.path, sbom.layer, sbom.digest) == ("file", f"/{REDIS}", 2, None)


def test_all_sboms_together_are_the_claim(tmp_path: Path) -> None:
    layers = [*LAYERS, layer(file("var/lib/db/sbom/a.spdx.json", json_file(spdx(SAME[0], "pkg:apk/wolfi/w@1"))))]
    report = claims(attested_layout(layers, spdx(*SAME[1:]), cyclonedx(SAME[1])).tar(), tmp_path)
    assert [sbom.source for sbom in report.sboms] == ["attestation", "attestation", "file"]
    assert [(row.name, row.sboms) for row in report.differences] == [("w", [2])]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (b"var/lib/db/sbom/a-1.spdx.json", True),
        (b"var/lib/db/sbom/a/b.spdx.json", False),
        (b"var/lib/db/sbom/a.json", False),
        (b"opt/bitnami/a/b/.spdx-a.spdx", True),
        (b"opt/bitnami/.spdx-a.spdx", True),
        (b"opt/bitnami/a.spdx", False),
        (b"opt/.spdx-a.spdx", False),
    ],
)
def test_where_sboms_lie(path: bytes, expected: bool) -> None:
    assert is_sbom_file(path) is expected


def _spoiled(layout: Layout) -> bytes:
    """The layout, after a byte of each statement changed."""
    for name, content in layout.blobs.items():
        layout.blobs[name] = content.replace(b"pkg:deb/debian/a@1", b"pkg:deb/debian/a@2")
    return layout.tar()


def _without(layout: Layout) -> bytes:
    """The layout without the blobs of its statements."""
    for name in [name for name, content in layout.blobs.items() if b"predicateType" in content]:
        del layout.blobs[name]
    return layout.tar()


UNUSABLE = {
    "nothing": (docker_save(LAYERS), "none is attached to the image, and none lies in /var/lib/db/sbom", 3),
    "another-image": (attested_layout(LAYERS, spdx(), subject="e" * 64).tar(), "is about another image", 3),
    "absent": (_without(attested_layout(LAYERS, spdx())), "is not in the archive", 3),
    "spoiled": (_spoiled(attested_layout(LAYERS, spdx(*SAME))), "cannot be read", 3),
    "no-sbom": (attested_layout(LAYERS, {"a": 1}).tar(), "that is attached to the image cannot be read", 3),
    "file": (docker_save([layer(file(REDIS, b"PackageName: a"))]), "an SBOM in the image cannot be read", 3),
    "provenance": (
        attested_layout(LAYERS, {}, predicate_type="https://slsa.dev/provenance/v1").tar(), "none is attached", 3,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", UNUSABLE)
def test_without_an_sbom_the_error_says_what_is_there(case: str, tmp_path: Path) -> None:
    archive, words, exit_code = UNUSABLE[case]
    with pytest.raises(ImgtarError, match=words) as raised:
        compared(archive, tmp_path)
    assert (raised.value.code, raised.value.exit_code) == ("input.sbom", exit_code)
    assert "imgtar attach" in raised.value.remedy


def test_an_sbom_beside_the_read_one_that_is_not_used_is_a_finding(tmp_path: Path) -> None:
    good = layer(file(REDIS, json_file(spdx(*SAME))))
    for archive, code, effect in (
        (attested_layout([*LAYERS, good], {"a": 1}).tar(), "packages.unreadable-sbom", "incomplete"),
        (attested_layout([*LAYERS, good], spdx(), subject="e" * 64).tar(), "supply.attestation-subject", "none"),
        (_spoiled(attested_layout([*LAYERS, good], spdx(*SAME))), "oci.digest-mismatch", "inconsistent"),
    ):
        found = {row.code: row.effect for row in compared(archive, tmp_path).findings}
        assert found[code] == effect


def test_what_is_larger_than_the_limit_is_not_read(tmp_path: Path) -> None:
    limits = msgspec.structs.replace(DEFAULT, package_list_bytes=20_000)
    large = spdx(*(f"pkg:deb/debian/p{number}@1" for number in range(1_000)))
    for archive in (
        attested_layout([*LAYERS], large).tar(),
        docker_save([layer(file(REDIS, json_file(large)))]),
    ):
        with pytest.raises(ImgtarError, match="package-list-bytes") as raised:
            compared(archive, tmp_path, limits)
        assert raised.value.exit_code == 5
    both = [*LAYERS, layer(file(REDIS, json_file(spdx(*SAME))))]
    report = compared(attested_layout(both, large).tar(), tmp_path, limits)
    assert "limit.package-list-bytes" in {row.code for row in report.findings}


@pytest.mark.parametrize("purl", [True, False])
def test_the_work_is_linear(purl: bool) -> None:
    def prepare(count: int) -> Callable[[], object]:
        found = [Found("deb", f"p{number}", "1") for number in range(count)]
        stated = [SbomPackage(f"p{number}", "2", f"pkg:deb/p{number}@2" * purl) for number in range(count)]
        return lambda: compare(found, [Claimed(one, 0) for one in stated], TYPES)

    assert_linear(prepare, 200)
