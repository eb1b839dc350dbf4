"""Which source tells the base, how certain that is, and that no claim makes it more certain than it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import imgtar
from imgtar.analysis.base.base import Base
from imgtar.errors import UsageError
from tests import builders
from tests.analysis.base.archives import (
    BASE_DIGEST,
    BASE_NAME,
    COPIED,
    DIGEST,
    LAYERS,
    annotated,
    attested,
    base,
    bases,
    labelled,
    provenance,
    purl,
)
from tests.builders import docker_save
from tests.paths import FIXTURES

GUESS = Base(layers=1, by="history", confidence="guess")


def test_the_number_is_what_a_person_states(tmp_path: Path) -> None:
    for count in (0, 3):
        found = base(tmp_path, docker_save(LAYERS), base=count)
        assert found == Base(layers=count, by="given", confidence="stated")
    with pytest.raises(UsageError, match="base 4: the image has 3 layers"):
        base(tmp_path, docker_save(LAYERS), base=4)


@pytest.mark.parametrize("by", ["label", "annotation"])
def test_an_image_of_the_archive_is_the_base_where_a_claim_has_its_digest(by: str, tmp_path: Path) -> None:
    layout = builders.Layout()
    below = layout.add_image(LAYERS[:2])
    claim = {BASE_DIGEST: below["digest"], BASE_NAME: "debian:12"}
    edits: dict[str, Any] = (
        {"edit_manifest": annotated(claim)} if by == "annotation" else {"execution": {"Labels": claim}}
    )
    layout.manifests = [layout.add_image(LAYERS, **edits), below]
    expected = Base(layers=2, by="archive", confidence="exact", name="debian:12", digest=below["digest"], named_by=by)
    assert base(tmp_path, layout.tar()) == expected
    assert bases(tmp_path, layout.tar(), image="@0") == [expected], "whichever image is chosen"


def test_the_provenance_leads_to_an_image_of_the_archive(tmp_path: Path) -> None:
    layout = builders.Layout()
    below = layout.add_image(LAYERS[:2])
    layout.manifests.append({**below, "annotations": {"org.opencontainers.image.ref.name": "base:1"}})
    archive = attested(provenance([purl("base@1", below["digest"][7:])]), layout=layout)
    assert base(tmp_path, archive) == Base(
        layers=2, by="archive", confidence="exact", name="base:1", digest=below["digest"], named_by="provenance"
    )


def test_a_digest_whose_layers_are_not_the_lowest_is_only_a_name(tmp_path: Path) -> None:
    layout = builders.Layout()
    other = layout.add_image(LAYERS[1:2])
    labels = {BASE_DIGEST: other["digest"], BASE_NAME: "x"}
    layout.manifests = [layout.add_image(LAYERS, execution={"Labels": labels}), other]
    found = base(tmp_path, layout.tar())
    assert found == Base(layers=1, by="history", confidence="guess", name="x", digest=other["digest"], named_by="label")


def test_images_that_claim_each_other_are_no_base_of_each_other(tmp_path: Path) -> None:
    """The digest that index.json states may be a lie, so that a circle is possible."""
    layout = builders.Layout()
    lie = ["sha256:" + digit * 64 for digit in "12"]
    for own, other in ((lie[0], lie[1]), (lie[1], lie[0])):
        image = layout.add_image(LAYERS, execution={"Labels": {BASE_DIGEST: other, BASE_NAME: "x"}}, author=own)
        layout.blobs[f"blobs/sha256/{own[7:]}"] = layout.blobs[f"blobs/sha256/{image['digest'][7:]}"]
        layout.manifests.append({**image, "digest": own})
    found = bases(tmp_path, layout.tar())
    assert len(found) == 2
    assert all(one is not None and one.confidence == "guess" for one in found)


@pytest.mark.parametrize("by", ["label", "annotation", "provenance"])
def test_a_base_that_is_not_in_the_archive_has_a_name(by: str, tmp_path: Path) -> None:
    claim = {BASE_NAME: "debian:12", BASE_DIGEST: DIGEST}
    archive = {
        "label": lambda **more: builders.oci_archive(LAYERS, execution={"Labels": claim}, **more),
        "annotation": lambda **more: builders.oci_archive(LAYERS, edit_manifest=annotated(claim), **more),
        "provenance": lambda **more: attested(provenance([purl("debian@12")]), **more),
    }[by]
    named: dict[str, Any] = {"name": "debian:12", "digest": DIGEST, "named_by": by}
    assert base(tmp_path, archive()) == Base(layers=1, by="history", confidence="guess", **named)
    # Where a step of the build made the lowest layer, what the provenance names was a stage, and the base is scratch.
    scratch = None if by == "provenance" else Base(layers=None, by=by, confidence="stated", **named)  # type: ignore[arg-type]
    assert base(tmp_path, archive(history=COPIED)) == scratch
    assert base(tmp_path, archive(), base=2) == Base(layers=2, by="given", confidence="stated", **named)


def test_the_base_by_the_label_of_buildpacks(tmp_path: Path) -> None:
    metadata = '{"runImage":{"topLayer":"%s","image":"paketo/run"}}'
    for index in (0, 1, 2):
        label = {"io.buildpacks.lifecycle.metadata": metadata % builders.digest(LAYERS[index])}
        assert labelled(tmp_path, label) == Base(
            layers=index + 1, by="label", confidence="stated", name="paketo/run", named_by="label"
        )
    for lie in ("", "{", "[]", metadata % DIGEST, '{"runImage":null}', "[" * 100_000, '{"runImage":{"topLayer":9}}'):
        assert labelled(tmp_path, {"io.buildpacks.lifecycle.metadata": lie}) == GUESS


def test_nothing_tells_of_a_base(tmp_path: Path) -> None:
    assert base(tmp_path, docker_save([])) is None
    assert labelled(tmp_path, {}, history=COPIED) is None


def test_a_committed_container_is_built_on_its_image() -> None:
    session = imgtar.open_session(FIXTURES / "d20-commit.tar")
    assert [one and (one.layers, one.confidence) for one in session.bases] == [(10, "guess")]
    options = imgtar.InspectOptions(base_images=[str(FIXTURES / "d20-two-images-shared.tar")])
    [found] = imgtar.open_session(FIXTURES / "d20-commit.tar", options).bases
    assert found is not None
    assert (found.layers, found.confidence, found.name) == (10, "exact", "r/mysqlish:bk")


def test_what_builders_wrote_names_the_base() -> None:
    [found] = imgtar.open_session(FIXTURES / "d26c-mysqlish.tar").bases
    assert found == Base(
        layers=1,
        by="history",
        confidence="guess",
        name="tinybase:1",
        digest="sha256:fee1acdee4a24a4d11c405acb311b0522297516342af56b368e4d02b584e0804",
        named_by="provenance",
    )
    [found] = imgtar.open_session(FIXTURES / "p5-oci-archive.tar").bases
    assert found is not None, "buildah writes annotations"
    assert (found.layers, found.confidence, found.name, found.named_by) == (1, "guess", "tinybase:1", "annotation")
    from_scratch = imgtar.open_session(FIXTURES / "d26c-buildx-oci-multiplatform.tar").bases
    assert from_scratch == (None, None, None)
