"""Package URLs, read as the library of their specification reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packageurl import PackageURL

from imgtar.answers.purl import purl
from imgtar.formats.purl import PackageUrl, parse_purl


@pytest.mark.parametrize(
    "url",
    [
        "pkg:deb/debian/libc6@2.36-9%2Bdeb12u4?arch=amd64&distro=debian-12&upstream=glibc",
        "pkg:deb/debian/a@1%3A2?epoch=1",
        "pkg:rpm/fedora/a@2-3?arch=x86_64&epoch=1",
        "pkg:npm/%40scope/name@1.0.0",
        "pkg:golang/github.com/coreos/go-systemd@v22.5.0#v22",
        "pkg:maven/org.apache/commons@1?type=jar",
        "pkg:pypi/six",
    ],
)
def test_the_parts_are_those_of_the_specification(url: str) -> None:
    read = PackageURL.from_string(url)
    assert isinstance(read.qualifiers, dict)
    assert parse_purl(url) == PackageUrl(
        type=read.type,
        namespace=read.namespace or "",
        name=read.name,
        version=read.version or "",
        epoch=read.qualifiers.get("epoch", ""),
        subpath=read.subpath or "",
    )


@pytest.mark.parametrize("text", ["", "deb/a@1", "pkg:", "pkg:deb", "pkg:deb/", "pkg:deb/@1", "pkg:?a", "PKG:deb/a"])
def test_what_has_no_type_or_no_name_is_none(text: str) -> None:
    assert parse_purl(text) is None


@given(st.text(max_size=60).map(lambda text: f"pkg:{text}") | st.text(max_size=60))
def test_any_text_has_parts_or_none(text: str) -> None:
    read = parse_purl(text)
    assert read is None or (read.type and read.type == read.type.lower())


@pytest.mark.parametrize(
    ("kind", "namespace", "name"),
    [
        ("npm", "@a", "@a/b"),
        ("java", "org.a", "org.a:b"),
        ("go", "example.org/a", "example.org/a/b"),
        ("rust", "", "b"),
    ],
)
def test_what_imgtar_writes_is_read_back(kind: str, namespace: str, name: str) -> None:
    read = parse_purl(purl(kind, name, "1+~b%", "", "", ""))
    assert read is not None
    assert (read.namespace, read.name, read.version) == (namespace, "b", "1+~b%")
