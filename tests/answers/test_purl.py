"""Package URLs, read back by the library of their specification."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packageurl import PackageURL

from imgtar.answers.purl import purl

KINDS = ("deb", "apk", "rpm", "python", "npm", "java", "go", "rust")


@pytest.mark.parametrize(
    ("given_", "url"),
    [
        (("deb", "a+b", "1:2~3", "all", "debian", "12"), "pkg:deb/debian/a%2Bb@1:2~3?arch=all&distro=debian-12"),
        (("deb", "libc6", "2", "", "debian", "", "glibc"), "pkg:deb/debian/libc6@2?upstream=glibc"),
        (("deb", "bash", "5", "", "debian", "", "bash"), "pkg:deb/debian/bash@5"),
        (("rpm", "a", "1:2-3", "x86_64", "fedora", "41"), "pkg:rpm/fedora/a@2-3?arch=x86_64&epoch=1&distro=fedora-41"),
        (("python", "Zope_X", "1", "", "", ""), "pkg:pypi/zope-x@1"),
        (("go", "example.org/x/y", "v1", "", "debian", ""), "pkg:golang/example.org/x/y@v1"),
        (("java", "org.a:b", "1", "", "", ""), "pkg:maven/org.a/b@1"),
        (("java", "org.a:", "1", "", "", ""), "pkg:maven/org.a:@1"),
        (("npm", "@a/b", "1", "", "", ""), "pkg:npm/%40a/b@1"),
        (("npm", "a/", "1", "", "", ""), "pkg:npm/a%2F@1"),
        (("rust", "a", "1", "", "", ""), "pkg:cargo/a@1"),
    ],
)
def test_purl(given_: tuple[str, str, str, str, str, str], url: str) -> None:
    assert purl(*given_) == url


NAMES = st.text(min_size=1, max_size=20).filter(lambda name: name.replace("/", "").strip())
PARTS = st.text(max_size=5)


@given(st.sampled_from(KINDS), NAMES, st.text(min_size=1, max_size=10), PARTS, PARTS, PARTS, PARTS)
def test_any_purl_can_be_read(
    kind: str, name: str, version: str, arch: str, system: str, release: str, source: str
) -> None:
    url = purl(kind, name, version, arch, system, release, source)
    read = PackageURL.from_string(url)
    assert url.isascii()
    assert "#" not in url
    if kind == "rust" and name == name.strip("/ ") and "/" not in name:
        assert (read.name, read.namespace) == (name, None)
