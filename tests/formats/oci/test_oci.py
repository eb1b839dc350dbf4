"""Descriptors, media types, image names and the documents that hold them."""

from __future__ import annotations

import pytest

from imgtar.formats.docker import familiar, is_name
from imgtar.formats.json_document.document import parse
from imgtar.formats.json_document.fields import Reading
from imgtar.formats.oci import media_types
from imgtar.formats.oci.documents import Descriptor, read_manifest, type_by_content
from imgtar.formats.oci.platform import Platform
from imgtar.limits import DEFAULT

OCI = "application/vnd.oci.image.layer.v1.tar"
DOCKER = "application/vnd.docker.image.rootfs.diff.tar"


@pytest.mark.parametrize(
    ("media_type", "declared"),
    [
        (OCI, "none"),
        (OCI + "+gzip", "gzip"),
        (OCI + "+zstd", "zstd"),
        (OCI + "+gzip+encrypted", "gzip"),
        (DOCKER, None),
        (DOCKER + ".gzip", "gzip"),
        (DOCKER + ".zstd", "zstd"),
        ("application/x-foo", None),
    ],
)
def test_declared_compression(media_type: str, declared: str | None) -> None:
    assert media_types.declared_compression(media_type) == declared


def test_layers_that_hold_no_tar() -> None:
    unreadable = [OCI + "+encrypted", "application/vnd.erofs.layer.v1", "application/vnd.oci.image.layer.nydus.blob.v1"]
    assert not any(media_types.is_readable(kind) for kind in unreadable)
    assert all(media_types.is_layer(kind) for kind in [*unreadable, OCI, DOCKER])
    assert media_types.is_readable(OCI)


def test_foreign_layers() -> None:
    assert media_types.is_foreign("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip")
    assert media_types.is_foreign("application/vnd.oci.image.layer.nondistributable.v1.tar+zstd")
    assert not media_types.is_foreign(OCI)
    assert Descriptor(media_type=OCI, urls=("https://example.invalid/x",)).foreign


@pytest.mark.parametrize(
    "name",
    ["a", "a:1", "docker.io/library/mysql:8.0", "localhost:5000/a/b_c:v-1", "[::1]:5000/a", "a/b@sha256:" + "0" * 64],
)
def test_names(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize("name", ["", "A", "a b", "a:", "-a", "a//b", "<script>", "a\n", "a" * 600, "a:" + "b" * 129])
def test_no_names(name: str) -> None:
    assert not is_name(name)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("docker.io/library/mysql:8", "mysql:8"),
        ("index.docker.io/library/mysql:8", "mysql:8"),
        ("docker.io/r/a:1", "r/a:1"),
        ("library/mysql", "library/mysql"),
        ("quay.io/library/a", "quay.io/library/a"),
    ],
)
def test_familiar_form(name: str, shown: str) -> None:
    assert familiar(name) == shown


@pytest.mark.parametrize(
    ("text", "guess"),
    [
        (b'{"manifests": []}', "index"),
        (b'{"config": {}, "layers": []}', "manifest"),
        (b'{"manifests": null, "config": {}}', "manifest"),
        (b'{"manifests": [], "layers": []}', "ambiguous"),
        (b'{"schemaVersion": 1, "fsLayers": []}', "schema1"),
        (b"{}", "unknown"),
        (b"[]", "unknown"),
    ],
)
def test_what_a_document_without_a_type_is(text: bytes, guess: str) -> None:
    assert type_by_content(parse(text, DEFAULT)) == guess


def test_a_manifest_with_null_layers_is_an_image_without_layers() -> None:
    document = parse(b'{"config": {"digest": "sha256:%s", "size": 2}, "layers": null}' % (b"a" * 64), DEFAULT)
    reading = Reading(document)
    manifest = read_manifest(document, reading)
    assert manifest is not None
    assert (manifest.layers, list(reading.log)) == ((), [])


def test_a_descriptor_of_an_unknown_algorithm_keeps_its_path() -> None:
    document = parse(b'{"config": {"digest": "blake3:%s", "size": 2}}' % (b"a" * 64), DEFAULT)
    reading = Reading(document)
    manifest = read_manifest(document, reading)
    assert manifest is not None
    assert manifest.config is not None
    assert (manifest.config.digest, manifest.config.path) == (None, b"blobs/blake3/" + b"a" * 64)
    assert [finding.code for finding in reading.log] == ["oci.unsupported-digest"]


def test_platforms_are_parsed_written_and_matched() -> None:
    arm = Platform.parse("linux/arm/v7")
    assert (arm.os, arm.architecture, arm.variant, arm.text) == ("linux", "arm", "v7", "linux/arm/v7")
    assert arm.matches(Platform.parse("linux/arm"))
    assert not arm.matches(Platform.parse("linux/arm/v6"))
    assert not Platform.parse("linux/arm").matches(arm)
    assert (Platform(os="linux").text, Platform().text) == ("linux", "")
    assert Platform.parse("arm64") == Platform("linux", "arm64")


@pytest.mark.parametrize(
    ("config", "stated", "completed", "contradicts"),
    [
        ("linux amd64 -", "linux arm64 v8", "linux amd64 -", True),
        ("linux arm64 -", "linux arm64 v8", "linux arm64 v8", False),
        ("linux arm v7", "linux arm v6", "linux arm v7", True),
        ("- - -", "linux arm64 v8", "linux arm64 v8", False),
        ("linux - -", "windows amd64 -", "linux - -", True),
        ("- arm64 -", "linux arm64 v8", "linux arm64 v8", False),
        ("linux amd64 -", "- - v8", "linux amd64 -", False),
        ("linux arm64 -", "windows arm64 v8", "linux arm64 -", True),
    ],
)
def test_a_platform_is_never_one_that_nobody_stated(
    config: str, stated: str, completed: str, contradicts: bool
) -> None:
    one, two, both = (
        Platform(*(None if key == "-" else key for key in text.split())) for text in (config, stated, completed)
    )
    assert one.completed(two) == both
    assert one.contradicts(two) is two.contradicts(one) is contradicts


@pytest.mark.parametrize("text", ["", "linux", "linux/", "/amd64", "linux/arm/", "linux/arm/v7/x"])
def test_a_text_that_is_not_a_platform(text: str) -> None:
    with pytest.raises(ValueError, match="os/architecture"):
        Platform.parse(text)
