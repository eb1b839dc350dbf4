"""Referrers that are indexes: everything below them, at any depth, belongs to them (image-spec, image-index.md)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.archive.opening import archive
from tests.builders import INDEX, MANIFEST, Layout, document, good_layers, oci_layout

EMPTY = "application/vnd.oci.empty.v1+json"
SBOM = "application/spdx+json"


def artifact(layout: Layout, content: bytes, **fields: Any) -> dict[str, Any]:
    """Stores an artifact of one blob; returns its descriptor."""
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "artifactType": SBOM,
        "config": layout.add(b"{}", EMPTY),
        "layers": [layout.add(content, SBOM)],
        **fields,
    }
    return layout.add(document(manifest), MANIFEST)


def index(layout: Layout, manifests: list[dict[str, Any]], **fields: Any) -> dict[str, Any]:
    """Stores an index; returns its descriptor."""
    return layout.add(document({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests, **fields}), INDEX)


def nested(layout: Layout, depth: int, **fields: Any) -> dict[str, Any]:
    """An index in an index, `depth` deep, each with an artifact beside it; `fields` are those of the outermost."""
    below = [artifact(layout, b"innermost", annotations={"depth": "0"})]
    for level in range(1, depth):
        below = [index(layout, below), artifact(layout, b"%d" % level)]
    return index(layout, below, **fields)


@pytest.mark.parametrize("depth", [1, 2, 5])
@pytest.mark.parametrize("listed", [False, True])
def test_everything_below_an_index_that_refers_belongs_to_it(depth: int, listed: bool, tmp_path: Path) -> None:
    layout = oci_layout(good_layers())
    subject = layout.manifests[0]
    referrer = nested(layout, depth, subject=subject)
    if listed:
        annotations = {"io.containerd.manifest.subject": subject["digest"]}
        layout.manifests.append({**referrer, "annotations": annotations})
    catalog = archive(layout.tar(), tmp_path).catalog
    (other,) = catalog.other
    assert (other.kind, other.digest, other.refers_to) == ("referrer", referrer["digest"], subject["digest"])
    stored = {str(blob.stated) for blob in other.blobs}
    assert {"sha256:" + name.rpartition("/")[2] for name in layout.blobs} == stored | image_blobs(layout, stored)
    codes = [finding.code for finding in catalog.findings]
    assert codes == ([] if listed else ["oci.unlisted-referrer"])


def image_blobs(layout: Layout, others: set[str]) -> set[str]:
    """The digests of the image: its manifest, config and layers."""
    image = {"sha256:" + name.rpartition("/")[2] for name in oci_layout(good_layers()).blobs}
    assert not image & others
    return image


@pytest.mark.parametrize("first", ["inner", "outer"])
def test_a_referrer_below_another_is_not_listed_twice(first: str, tmp_path: Path) -> None:
    """Whichever of them comes first among the members."""
    for salt in range(40):
        layout = oci_layout(good_layers())
        subject = layout.manifests[0]
        inner = artifact(layout, b"x", subject=subject, annotations={"salt": str(salt)})
        outer = nested_in(layout, inner, subject)
        if (inner["digest"] < outer["digest"]) == (first == "inner"):
            break
    catalog = archive(layout.tar(), tmp_path).catalog
    assert [other.digest for other in catalog.other] == [outer["digest"]]


def nested_in(layout: Layout, inner: dict[str, Any], subject: dict[str, Any]) -> dict[str, Any]:
    return index(layout, [index(layout, [inner])], subject=subject)


def test_what_many_indexes_share_is_read_once(tmp_path: Path) -> None:
    sizes = []
    for count in (5, 10, 20):
        layout = oci_layout(good_layers())
        subject = layout.manifests[0]
        shared = nested(layout, 5)
        for number in range(count):
            index(layout, [shared], subject=subject, annotations={"number": str(number)})
        others = archive(layout.tar(), tmp_path).catalog.other
        assert len(others) == count
        sizes.append(sum(len(other.blobs) for other in others))
    assert sizes[2] - sizes[1] == 2 * (sizes[1] - sizes[0])
    assert sizes[1] - sizes[0] == 5 * 2  # each has itself and the shared index


def test_indexes_that_name_each_other_do_not_vanish(tmp_path: Path) -> None:
    """Only wrong digests can do that."""
    layout = oci_layout(good_layers())
    subject = layout.manifests[0]
    names = ["sha256:" + letter * 64 for letter in "ab"]
    for name, other in zip(names, reversed(names), strict=True):
        below = [{"mediaType": INDEX, "digest": other, "size": 1}]
        content = document({"schemaVersion": 2, "mediaType": INDEX, "manifests": below, "subject": subject})
        layout.blobs["blobs/sha256/" + name[7:]] = content
    assert len(archive(layout.tar(), tmp_path).catalog.other) == 1
