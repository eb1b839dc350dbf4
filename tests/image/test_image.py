"""Images: which view is right, what verifying finds, and which image is meant."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from imgtar.archive.archive import Archive
from imgtar.errors import InputError, UsageError
from imgtar.findings import Effect
from imgtar.image.selection import select
from imgtar.limits import DEFAULT
from tests.archive.opening import archive, every_finding, images, outcome
from tests.builders import (
    LAYER,
    digest,
    docker_oci,
    docker_save,
    document,
    good,
    good_layers,
    gzip,
    image_config,
    members_tar,
    oci_archive,
    oci_layout,
)

LAYERS = good_layers()
PATHS = ["blobs/sha256/" + digest(raw)[7:] for raw in LAYERS]


def docker25(order: Callable[[list[Any]], list[Any]], **changes: Any) -> bytes:
    """What Docker 25.0.0 wrote: the right list in manifest.json, another one in the OCI manifest."""
    layout = oci_layout(LAYERS, compression="none", edit_layers=order, **changes)
    config = json.loads(layout.blobs["blobs/sha256/" + layout.manifests[0]["digest"][7:]])["config"]
    entry = {"Config": "blobs/sha256/" + config["digest"][7:], "RepoTags": ["app:1"], "Layers": PATHS}
    return members_tar([*layout.members(), ("manifest.json", document([entry]))])


SHUFFLES: dict[str, Callable[[list[Any]], list[Any]]] = {
    "reversed": lambda layers: layers[::-1],
    "dropped": lambda layers: layers[:-1],
    "repeated": lambda layers: [*layers, layers[0]],
}


@pytest.mark.parametrize("compress", [bytes, gzip])
@pytest.mark.parametrize("shuffle", SHUFFLES.values(), ids=SHUFFLES)
def test_shuffled_layers_of_docker_25_are_put_right(
    shuffle: Callable[[list[Any]], list[Any]], compress: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    raw = compress(docker25(shuffle))
    image = images(raw, tmp_path).images[0]
    assert [str(found.digest) for found in image.layers] == [digest(content) for content in LAYERS]
    assert image.layers[0].media_type == LAYER
    assert outcome(raw, tmp_path) == (4, {"image.forms-disagree"})


def test_the_oci_list_wins_where_it_alone_fits(tmp_path: Path) -> None:
    layout = oci_layout(LAYERS, compression="none")
    config = json.loads(layout.blobs["blobs/sha256/" + layout.manifests[0]["digest"][7:]])["config"]
    entry = {"Config": "blobs/sha256/" + config["digest"][7:], "RepoTags": ["app:1"], "Layers": PATHS[::-1]}
    raw = members_tar([*layout.members(), ("manifest.json", document([entry]))])
    image = images(raw, tmp_path).images[0]
    assert [str(found.digest) for found in image.layers] == [digest(content) for content in LAYERS]


def test_manifest_json_wins_where_neither_fits(tmp_path: Path) -> None:
    changed = {"type": "layers", "diff_ids": ["sha256:" + "a" * 64] * 3}
    raw = docker25(lambda layers: layers[::-1], rootfs=changed)
    image = images(raw, tmp_path).images[0]
    assert [str(found.digest) for found in image.layers] == [digest(content) for content in LAYERS]
    assert outcome(raw, tmp_path) == (4, {"image.forms-disagree"})


def test_verify_compares_diff_ids(tmp_path: Path) -> None:
    """C17: without --verify nothing is known of it."""
    raw = docker_save(LAYERS, config=image_config([*LAYERS[:2], b"other"]))
    assert outcome(raw, tmp_path) == (0, set())
    assert not images(raw, tmp_path).verified
    assert outcome(raw, tmp_path, verify=True) == (4, {"image.diffid-mismatch"})
    found = next(finding for finding in every_finding(images(raw, tmp_path, verify=True)) if finding.code[0] == "i")
    assert found.where.layer == 2


@pytest.mark.parametrize("compress", [bytes, gzip])
def test_verify_finds_a_changed_blob(compress: Callable[[bytes], bytes], tmp_path: Path) -> None:
    """X41: one bit in a layer, a config or an attestation."""
    layout = oci_layout(LAYERS, compression="none")
    layout.manifests.append(layout.add_attestation(layout.manifests[0]))
    layout.add(b"nothing refers to this", "x")
    for name in layout.blobs:
        stored = layout.blobs[name]
        layout.blobs[name] = stored[:-1] + bytes([stored[-1] ^ 1])
        code, codes = outcome(compress(layout.tar()), tmp_path, verify=True)
        layout.blobs[name] = stored
        assert code == 4
        assert codes & {"oci.digest-mismatch", "image.diffid-mismatch"}


def test_verify_covers_blobs_that_only_manifest_json_names(tmp_path: Path) -> None:
    raw = docker_save([LAYERS[0]], layer_names=["blobs/sha256/" + "c" * 64])
    assert outcome(raw, tmp_path) == (0, set())
    assert outcome(raw, tmp_path, verify=True) == (4, {"oci.digest-mismatch"})


def test_absent_layers_and_allow_missing(tmp_path: Path) -> None:
    layout = oci_layout(LAYERS, compression="none")
    del layout.blobs[PATHS[1]]
    raw = layout.tar()
    found = images(raw, tmp_path).images[0].layers
    assert [entry.present for entry in found] == [True, False, True]
    assert (found[1].scan, found[1].blob_size) == (None, len(LAYERS[1]))
    assert outcome(raw, tmp_path) == (4, {"image.missing-member"})
    assert outcome(raw, tmp_path, allow_missing=True) == (0, {"image.missing-member"})


def test_a_docker_archive_may_not_lack_layers(tmp_path: Path) -> None:
    raw = docker_save(LAYERS, layer_names=["a", "b", "c"]).replace(b'"c"', b'"d"')
    assert outcome(raw, tmp_path, allow_missing=True) == (4, {"image.missing-member"})


def test_unreadable_layers_are_named(tmp_path: Path) -> None:
    def encrypt(layers: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [layers[0] | {"mediaType": LAYER + "+encrypted"}, *layers[1:]]

    raw = oci_archive(LAYERS, compression="none", edit_layers=encrypt)
    first = images(raw, tmp_path).images[0].layers[0]
    assert (first.present, first.scan, first.blob_size) == (True, None, len(LAYERS[0]))
    assert outcome(raw, tmp_path) == (4, {"layer.unreadable"})
    assert outcome(raw, tmp_path, allow_missing=True) == (0, {"layer.unreadable"})


def test_a_layer_that_is_no_tar(tmp_path: Path) -> None:
    """D26, D05; the same from a stream."""
    for content in (b'{"a": 1}', gzip(gzip(LAYERS[0]))):
        raw = docker_save([content])
        for stored in (raw, gzip(raw)):
            code, codes = outcome(stored, tmp_path)
            assert (code, codes) == (4, {"layer.not-tar"})


def test_image_entries_are_limited(tmp_path: Path) -> None:
    few = msgspec.structs.replace(DEFAULT, image_entries=3)
    assert outcome(good(), tmp_path, few) == (5, {"limit.image-entries"})


def test_chain_ids_and_digests_of_a_plain_save(tmp_path: Path) -> None:
    image = images(good(), tmp_path).images[0]
    assert [str(found.diff_id) for found in image.layers] == [digest(raw) for raw in LAYERS]
    assert image.layers[0].chain_id == image.layers[0].diff_id
    assert [found.digest for found in image.layers] == [None] * 3
    verified = images(good(), tmp_path, verify=True).images[0]
    assert [str(found.digest) for found in verified.layers] == [digest(raw) for raw in LAYERS]


def several(tmp_path: Path) -> Archive:
    layout = oci_layout(LAYERS, name="docker.io/library/mysql:8")
    for name, machine in (("r/mysql:9", "arm64"), ("other:1", "s390x")):
        found = layout.add_image(LAYERS, architecture=machine, variant="v8" if machine == "arm64" else None)
        layout.manifests.append(found | {"annotations": {"org.opencontainers.image.ref.name": name}})
    return archive(layout.tar(), tmp_path)


REFERENCES: list[tuple[str, list[int]]] = [
    ("mysql:8", [0]),
    ("docker.io/library/mysql:8", [0]),
    ("mysql", [0, 1]),
    ("mysql:9", [1]),
    ("r/mysql:9", [1]),
    ("@2", [2]),
    ("library/mysql:8", [0]),
    ("library/mysql", [0]),
    ("docker.io/r/mysql:9", [1]),
    ("@0", [0]),
]


@pytest.mark.parametrize(("reference", "expected"), REFERENCES)
def test_choice_by_name(reference: str, expected: Sequence[int], tmp_path: Path) -> None:
    records = several(tmp_path).catalog.images
    assert select(records, reference) == [records[number] for number in expected]


def test_choice_by_id(tmp_path: Path) -> None:
    records = several(tmp_path).catalog.images
    image_id = records[1].image_id or ""
    for text in (image_id, image_id[7:], image_id[:19], image_id[7:19]):
        assert select(records, text) == [records[1]]


@pytest.mark.parametrize("reference", ["nothing", "@3", "@x", "sha256:abc", "0" * 12, "8", ""])
def test_a_choice_without_match_lists_what_there_is(reference: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no image") as caught:
        select(several(tmp_path).catalog.images, reference)
    assert caught.value.code == "image.not-found"
    assert "@1 r/mysql:9 (linux/arm64/v8)" in caught.value.remedy


@pytest.mark.parametrize(
    ("platform", "expected"),
    [("linux/amd64", [0]), ("arm64", [1]), ("linux/arm64", [1]), ("linux/arm64/v8", [1]), ("linux/s390x", [2])],
)
def test_choice_by_platform(platform: str, expected: Sequence[int], tmp_path: Path) -> None:
    records = several(tmp_path).catalog.images
    assert select(records, platform=platform) == [records[number] for number in expected]


def test_platforms_that_are_not_there_or_none(tmp_path: Path) -> None:
    records = several(tmp_path).catalog.images
    for platform in ("linux/arm64/v7", "windows/amd64"):
        with pytest.raises(InputError):
            select(records, platform=platform)
    for platform in ("linux", "linux/", "a/b/c/d", ""):
        with pytest.raises(UsageError):
            select(records, platform=platform)


def test_findings_of_a_sound_image_have_no_effect(tmp_path: Path) -> None:
    for raw in (good(), docker_oci(LAYERS), oci_archive(LAYERS)):
        assert all(finding.effect is Effect.NONE for finding in every_finding(images(raw, tmp_path, verify=True)))
