"""SPDX: valid by its own library, and says of each package where it comes from."""

from __future__ import annotations

from pathlib import Path

from tests.analysis.base.archives import BASE_DIGEST, BASE_NAME, DIGEST
from tests.builders import docker_save, file, image_config, layer, oci_archive
from tests.report.sbom.boms import LAYERS, annotations, bom, named


def _related(document: dict[str, list[dict[str, str]]]) -> set[tuple[str, str, str]]:
    """The relationships by the names of both sides."""
    names = {package["SPDXID"]: package["name"] for package in document["packages"]}
    return {
        (
            names.get(row["spdxElementId"], "document"),
            row["relationshipType"],
            names.get(row["relatedSpdxElement"], ""),
        )
        for row in document["relationships"]
    }


def test_an_image_without_packages_is_valid(fixtures: Path, tmp_path: Path) -> None:
    document = bom(fixtures / "d20-scratch.tar", tmp_path, "spdx")
    assert [package["SPDXID"] for package in document["packages"]] == ["SPDXRef-Image"]
    assert document["comment"].startswith("imgtar read everything")


def test_the_document_names_the_image(tmp_path: Path) -> None:
    document = bom(oci_archive(LAYERS), tmp_path, "spdx")
    image = document["packages"][0]
    assert (document["name"], image["name"]) == ("app:1", "app:1")
    assert image["versionInfo"] == "sha256:" + image["checksums"][0]["checksumValue"]
    assert document["creationInfo"]["created"] == "2024-01-02T03:04:05Z"
    assert annotations(document)["coverage:deb"] == "read /var/lib/dpkg/status"


def test_a_package_says_where_it_comes_from(tmp_path: Path) -> None:
    libc = named(bom(LAYERS, tmp_path, "spdx")["packages"], "libc6")
    assert libc["sourceInfo"] == "deb package found at /var/lib/dpkg/status"
    assert libc["externalRefs"][0]["referenceLocator"].startswith("pkg:deb/debian/libc6@2.36-9?")
    said = annotations(libc)
    assert (said["layer"], said["instruction"], said["upgraded_from"]) == ("1", "RUN make layer1", "2.36")


def test_licenses_are_expressions_or_references(tmp_path: Path) -> None:
    document = bom(LAYERS, tmp_path, "spdx")
    declared = {package["licenseDeclared"] for package in document["packages"]}
    assert declared == {"MIT", "(MIT OR Apache-2.0)", "LicenseRef-imgtar-1", "NOASSERTION"}
    [extracted] = document["hasExtractedLicensingInfos"]
    assert (extracted["licenseId"], extracted["extractedText"]) == ("LicenseRef-imgtar-1", "as you like")


def test_relationships(tmp_path: Path) -> None:
    execution = {"Labels": {BASE_NAME: "debian:12", BASE_DIGEST: DIGEST}}
    archive = docker_save(LAYERS, config=image_config(LAYERS, execution=execution))
    related = _related(bom(archive, tmp_path, "spdx", deleted=True))
    assert related >= {
        ("document", "DESCRIBES", "app:1"),
        ("app:1", "DESCENDANT_OF", "debian:12"),
        ("app:1", "CONTAINS", "libc6"),
        ("python3-six", "CONTAINS", "six"),
        ("app:1", "OTHER", "old"),
    }
    assert ("app:1", "CONTAINS", "old") not in related
    assert "old" not in {name for row in _related(bom(LAYERS, tmp_path, "spdx")) for name in row}


def test_identifiers_are_unique(tmp_path: Path) -> None:
    ids = [package["SPDXID"] for package in bom(LAYERS, tmp_path, "spdx")["packages"]]
    assert len(set(ids)) == len(ids) == 7


def test_what_the_list_lacks_is_said(tmp_path: Path) -> None:
    document = bom([layer(file("var/lib/rpm/Packages", b"damaged"))], tmp_path, "spdx")
    assert document["comment"].startswith("This list of packages is incomplete: packages of type rpm may be missing")


def test_an_image_without_a_time_says_so(tmp_path: Path) -> None:
    for created in (None, "0001-01-01T00:00:00Z", "2024-01-02", "2024-01-02T03:04:05", "no time"):
        document = bom(docker_save(LAYERS, created=created), tmp_path, "spdx")
        assert document["creationInfo"]["created"] == "1970-01-01T00:00:00Z"
        assert document["creationInfo"]["comment"].startswith("The time is unknown")
    document = bom(docker_save(LAYERS, created="0999-12-31T23:59:59.999999999-01:00"), tmp_path, "spdx")
    assert document["creationInfo"]["created"] == "1000-01-01T00:59:59Z"
