"""Spellings of one package that SBOMs and databases have, and spellings of two."""

from __future__ import annotations

import pytest

from imgtar.formats.purl import parse_purl
from imgtar.packages.inventories import TYPES
from imgtar.packages.names import PURL_TYPES, compared_name, compared_version, package_name, package_version


@pytest.mark.parametrize(
    ("url", "name", "version"),
    [
        ("pkg:deb/debian/libc6@2.36-9", "libc6", "2.36-9"),
        ("pkg:deb/debian/a@1%3A2", "a", "1:2"),
        ("pkg:deb/debian/a@2?epoch=1", "a", "1:2"),
        ("pkg:deb/debian/a@1:2?epoch=1", "a", "1:2"),
        ("pkg:npm/%40scope/name@1", "@scope/name", "1"),
        ("pkg:golang/github.com/coreos/go-systemd@v22.5.0#v22", "github.com/coreos/go-systemd/v22", "v22.5.0"),
        ("pkg:maven/org.a/b@1", "org.a:b", "1"),
        ("pkg:maven/b@1", "b", "1"),
        ("pkg:pypi/Six@1", "Six", "1"),
    ],
)
def test_a_purl_has_the_name_and_version_of_the_database(url: str, name: str, version: str) -> None:
    read = parse_purl(url)
    assert read is not None
    assert package_name(PURL_TYPES[read.type], read) == name
    assert package_version(read) == version


def test_every_type_of_packages_has_a_purl() -> None:
    assert sorted(PURL_TYPES.values()) == sorted(TYPES)


@pytest.mark.parametrize(
    ("kind", "one", "other", "same"),
    [
        ("python", "Zope.Interface_X", "zope-interface-x", True),
        ("rust", "serde_json", "serde-json", True),
        ("go", "github.com/Azure/x", "github.com/azure/x", True),
        ("npm", "a-b", "a_b", False),
        ("deb", "a-b", "a.b", False),
        ("rpm", "PackageKit", "packagekit", False),
        ("java", "jsr305:jsr305", "jsr305", True),
        ("java", "org.a:b", "b", False),
    ],
)
def test_names(kind: str, one: str, other: str, same: bool) -> None:
    assert (compared_name(kind, one) == compared_name(kind, other)) is same


@pytest.mark.parametrize(
    ("kind", "one", "other", "same"),
    [
        ("go", "v1.2", "1.2", True),
        ("go", "go1.22", "1.22", True),
        ("go", "(devel)", "UNKNOWN", True),
        ("rpm", "0:1-2", "1-2", True),
        ("rpm", "1:1-2", "1-2", False),
        ("deb", "1-2", "1-2+b1", False),
        ("npm", "v1", "1", False),
    ],
)
def test_versions(kind: str, one: str, other: str, same: bool) -> None:
    assert (compared_version(kind, one) == compared_version(kind, other)) is same
