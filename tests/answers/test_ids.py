"""`ids`: what docker shows for an image and its layers, computed here by hand."""

from __future__ import annotations

from pathlib import Path

from imgtar.answers.ids import ids_content
from tests.answers.asking import content_of
from tests.builders import digest, docker_save, file, layer, oci_archive

LAYERS = [layer(file("a", b"first")), layer(file("b", b"second"))]
DIFF_IDS = [digest(content) for content in LAYERS]
CHAIN_IDS = [DIFF_IDS[0], digest(" ".join(DIFF_IDS).encode())]


def test_each_layer_has_its_ids_and_their_short_forms(tmp_path: Path) -> None:
    [image] = content_of(ids_content, docker_save(LAYERS), tmp_path).document.images
    assert [layer.diff_id for layer in image.layers] == DIFF_IDS
    assert [layer.chain_id for layer in image.layers] == CHAIN_IDS
    assert [layer.short.load for layer in image.layers] == [name[7:19] for name in DIFF_IDS]
    assert [layer.short.pull for layer in image.layers] == [None, None]  # no manifest states the digests of blobs


def test_a_manifest_states_what_pull_shows(tmp_path: Path) -> None:
    [image] = content_of(ids_content, oci_archive(LAYERS, compression="gzip"), tmp_path).document.images
    digests = [layer.digest for layer in image.layers]
    assert not set(digests) & set(DIFF_IDS)
    assert [layer.short.pull for layer in image.layers] == [name and name[7:19] for name in digests]


def test_docker_rmi_untags_then_deletes_from_the_top(tmp_path: Path) -> None:
    [image] = content_of(ids_content, docker_save(LAYERS, names=["app:1"]), tmp_path).document.images
    deleted = [f"Deleted: {name}" for name in (image.id, *reversed(CHAIN_IDS))]
    assert image.docker.graphdriver.rmi == ["Untagged: app:1", *deleted]
    assert image.docker.containerd.rmi is None  # no index.json names the image
