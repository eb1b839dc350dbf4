"""The packages of SBOMs, and statements whose predicate is one."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from imgtar.formats import sbom_packages
from imgtar.formats.sbom_packages import SbomPackage, read_sbom, read_sbom_statement

PURL = {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:deb/debian/a@1"}
CPE = {"referenceCategory": "SECURITY", "referenceType": "cpe23Type", "referenceLocator": "cpe:2.3:a:a:a:1"}
STATEMENT = {"predicateType": "https://spdx.dev/Document", "subject": [{"name": "x", "digest": {"sha256": "5"}}]}


def _document(**keys: Any) -> bytes:
    return json.dumps(keys).encode()


def test_spdx() -> None:
    packages = [{"name": "a", "versionInfo": "1", "externalRefs": [CPE, PURL], "x": [[{}]]}, {"name": "b"}, {}]
    sbom = read_sbom(b"\xef\xbb\xbf" + _document(spdxVersion="SPDX-2.3", packages=packages))
    assert sbom.format == "spdx"
    assert sbom.packages == (SbomPackage("a", "1", "pkg:deb/debian/a@1"), SbomPackage("b", "", ""))


def test_cyclonedx_has_components_in_components_and_leaves_out_those_that_are_excluded() -> None:
    inner = {"name": "b", "version": "2", "purl": "pkg:npm/b@2"}
    excluded = {"name": "c", "scope": "excluded", "components": [{"name": "d"}]}
    components = [{"name": "a", "components": [inner]}, excluded, {"name": "e"}]
    sbom = read_sbom(_document(bomFormat="CycloneDX", components=components))
    assert [(one.name, one.version, one.purl) for one in sbom.packages] == [
        ("a", "", ""), ("b", "2", "pkg:npm/b@2"), ("e", "", ""),
    ]  # fmt: skip


def test_of_a_text_that_is_too_long_the_begin_is_kept() -> None:
    [package] = read_sbom(_document(bomFormat="CycloneDX", components=[{"name": "a" * 10_000_000}])).packages
    assert package.name == "a" * 512


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"\x00\xff",
        b'{"bomFormat":"CycloneDX"',
        b'{"bomFormat":"CycloneDX","components":[{"name":5}]}',
        b'{"bomFormat":"CycloneDX","components":[{"name":"\xff"}]}',
        b'{"bomFormat":"CycloneDX","components":{}}',
        b'{"spdxVersion":"SPDX-3.0"}',
        b"SPDXVersion: SPDX-2.3\nPackageName: a\n",
        b'{"bomFormat":"CycloneDX","x":' + b"[" * 1_000_000,
        b'{"bomFormat":"CycloneDX","components":' + b'[{"components":' * 500_000,
    ],
)
def test_what_is_no_sbom_says_so(content: bytes) -> None:
    with pytest.raises(ValueError, match="neither CycloneDX nor SPDX"):
        read_sbom(content)


def test_too_many_objects_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sbom_packages, "MOST_OBJECTS", 3)
    three = _document(bomFormat="CycloneDX", components=[{"name": "a"}, {"name": "b"}])
    assert len(read_sbom(three).packages) == 2
    with pytest.raises(ValueError, match="more than"):
        read_sbom(three.replace(b"}, {", b"}, {}, {", 1))


@pytest.mark.parametrize("is_sealed", [False, True])
def test_a_statement_has_subjects_and_a_predicate(is_sealed: bool) -> None:
    content = _document(**STATEMENT, predicate={"spdxVersion": "SPDX-2.3"})
    if is_sealed:
        content = _document(payloadType="application/vnd.in-toto+json", payload=base64.b64encode(content).decode())
    statement = read_sbom_statement(content)
    assert statement.subjects == ("sha256:5",)
    assert statement.is_sbom
    assert read_sbom(statement.predicate).format == "spdx"


def test_a_statement_about_something_else_is_no_sbom() -> None:
    provenance = STATEMENT | {"predicateType": "https://slsa.dev/provenance/v1"}
    assert not read_sbom_statement(_document(**provenance, predicate={})).is_sbom
    assert not read_sbom_statement(_document(subject=[])).is_sbom


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b'{"subject":5}', b'{"payload":"*"}', b'{"payload":"e30="}', b'{"subject":[{"digest":{"a":1}}]}'],
)
def test_what_is_no_statement_says_so(content: bytes) -> None:
    with pytest.raises(ValueError, match="not an in-toto statement"):
        read_sbom_statement(content)
