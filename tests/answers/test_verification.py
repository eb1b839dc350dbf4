"""What recomputing shows of each document and layer: stated, computed, and whether both agree."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import imgtar as product
from imgtar.contract.verification import DigestPair, ImageChecks
from imgtar.limits import Limits
from tests.builders import (
    digest,
    docker_members,
    docker_save,
    file,
    layer,
    members_tar,
    oci_layout,
)

LAYERS = [layer(file("good", b"good")), layer(file("other", b"other" * 9))]


def checks(archive: bytes, folder: Path, **options: Any) -> list[ImageChecks]:
    path = folder / "image.tar"
    path.write_bytes(archive)
    return product.inspect(str(path), product.InspectOptions(verify=True, **options)).session.checks()


def states(image: ImageChecks) -> tuple[str | None, str | None, list[str]]:
    config = None if image.config is None else image.config.state
    manifest = None if image.manifest is None else image.manifest.state
    return config, manifest, [one.state for one in image.layers]


def layout(**changes: tuple[bytes, bytes]) -> bytes:
    """An OCI archive whose blobs, by the words `config` and `manifest`, have other bytes than their names say."""

    def marked(document: dict[str, Any]) -> dict[str, Any]:
        return {**document, "annotations": {"made-for": "amd64"}}

    members = dict(oci_layout(LAYERS, edit_manifest=marked).members())
    manifest = json.loads(members["index.json"])["manifests"][0]["digest"]
    config = json.loads(members[f"blobs/sha256/{manifest[7:]}"])["config"]["digest"]
    for name, (old, new) in changes.items():
        member = f"blobs/sha256/{(config if name == 'config' else manifest)[7:]}"
        assert old in members[member]
        members[member] = members[member].replace(old, new)
    return members_tar(list(members.items()))


def test_what_agrees_is_ok_with_both_digests(tmp_path: Path) -> None:
    (image,) = checks(docker_save(LAYERS), tmp_path)
    assert states(image) == ("ok", None, ["ok", "ok"])
    assert [one.diff_id for one in image.layers] == [
        DigestPair(stated=digest(content), computed=digest(content)) for content in LAYERS
    ]
    assert [one.digest for one in image.layers] == [
        DigestPair(stated=None, computed=digest(content)) for content in LAYERS
    ]
    assert all(one.has_one_digest for one in image.layers)


def test_a_config_that_hashes_to_something_else_is_wrong(tmp_path: Path) -> None:
    (image,) = checks(layout(config=(b"amd64", b"arm64")), tmp_path)
    assert states(image) == ("wrong", "ok", ["ok", "ok"])
    assert image.config is not None
    assert image.config.digest.differs


def test_a_manifest_that_hashes_to_something_else_is_wrong(tmp_path: Path) -> None:
    (image,) = checks(layout(manifest=(b"amd64", b"arm64")), tmp_path)
    assert states(image) == ("ok", "wrong", ["ok", "ok"])
    assert image.manifest is not None
    assert image.manifest.digest.stated != image.manifest.digest.computed


def test_a_config_that_is_not_there_is_absent(tmp_path: Path) -> None:
    members = [
        member
        for member in docker_members(LAYERS)
        if str(member[0]) == "manifest.json" or not str(member[0]).endswith(".json")
    ]
    (image,) = checks(members_tar(members), tmp_path)
    assert states(image) == ("absent", None, ["ok", "ok"])


def test_a_layer_of_another_algorithm_is_compared_by_it(tmp_path: Path) -> None:
    members = dict(oci_layout(LAYERS).members())
    manifest_digest = json.loads(members["index.json"])["manifests"][0]["digest"]
    manifest = json.loads(members.pop(f"blobs/sha256/{manifest_digest[7:]}"))
    blob = members.pop(f"blobs/sha256/{manifest['layers'][0]['digest'][7:]}")
    for right in (True, False):
        encoded = hashlib.sha512(blob if right else b"").hexdigest()
        manifest["layers"][0]["digest"] = f"sha512:{encoded}"
        text = json.dumps(manifest).encode()
        index = {"schemaVersion": 2, "manifests": [{"digest": digest(text), "size": len(text)}]}
        index["manifests"][0]["mediaType"] = manifest["mediaType"]  # type: ignore[index]
        members |= {"index.json": json.dumps(index).encode(), f"blobs/sha256/{digest(text)[7:]}": text}
        archive = members_tar([*members.items(), (f"blobs/sha512/{encoded}", blob)])
        (image,) = checks(archive, tmp_path)
        assert image.layers[0].state == ("ok" if right else "wrong")
        computed = f"sha512:{hashlib.sha512(blob).hexdigest()}"
        assert image.layers[0].digest == DigestPair(stated=f"sha512:{encoded}", computed=computed)


def test_a_layer_behind_a_limit_is_not_checked(tmp_path: Path) -> None:
    (image,) = checks(docker_save([*LAYERS, layer(file("third"))]), tmp_path, limits=Limits(image_entries=1))
    assert states(image)[2] == ["ok", "ok", "unchecked"]


def test_a_layer_that_is_cut_is_wrong(tmp_path: Path) -> None:
    cut = LAYERS[1][:530]
    (image,) = checks(docker_save([LAYERS[0], cut]), tmp_path)
    assert states(image)[2] == ["ok", "wrong"]
