"""index.json, manifests and descriptors, damaged and odd ones too: image-formats.md 1.3 to 2.2."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from imgtar.archive.catalog.records import DigestCheck
from imgtar.formats.digest import Digest
from imgtar.limits import DEFAULT
from tests.archive.opening import archive, every_finding, images, outcome
from tests.builders import (
    CONFIG,
    INDEX,
    LAYER,
    MANIFEST,
    Layout,
    digest,
    docker_oci,
    document,
    good_layers,
    image_config,
    members_tar,
    oci_archive,
    oci_layout,
    write_directory,
)

LAYERS = good_layers()[:2]
MISSING = "sha256:" + "d" * 64


def with_layer(**changes: Any) -> bytes:
    """An archive whose first layer descriptor has changed fields (None: removed)."""

    def edit(descriptors: list[dict[str, Any]]) -> list[dict[str, Any]]:
        first = {key: value for key, value in (descriptors[0] | changes).items() if value is not ...}
        return [first, *descriptors[1:]]

    return oci_archive(LAYERS, edit_layers=edit)


def edited_blob(what: str) -> bytes:
    """A layout in which the config or manifest blob does not hash to its name, its size unchanged."""
    layout = oci_layout(LAYERS)
    name = "blobs/sha256/" + layout.manifests[0]["digest"][7:]
    if what == "config":
        name = "blobs/sha256/" + json.loads(layout.blobs[name])["config"]["digest"][7:]
    layout.blobs[name] = layout.blobs[name].replace(b"/bin/sh", b"/bin/su").replace(b'Version":2', b'Version":3')
    return layout.tar()


def index_edit(edit: Callable[[Any], Any]) -> bytes:
    layout = oci_layout(LAYERS)
    layout.index = edit
    return layout.tar()


def resized(change: int) -> bytes:
    layout = oci_layout(LAYERS)
    layout.manifests[0]["size"] += change
    return layout.tar()


def without(number: int) -> bytes:
    """Without the blob of one layer."""
    layout = oci_layout(LAYERS)
    manifest = json.loads(layout.blobs["blobs/sha256/" + layout.manifests[0]["digest"][7:]])
    del layout.blobs["blobs/sha256/" + manifest["layers"][number]["digest"][7:]]
    return layout.tar()


def layout_file(text: bytes) -> bytes:
    layout = oci_layout(LAYERS)
    layout.layout = text
    return layout.tar()


def artifact() -> bytes:
    layout = Layout()
    empty = layout.add(b"{}", "application/vnd.oci.empty.v1+json")
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "artifactType": "a/b", "config": empty, "layers": [empty]}
    layout.manifests.append(layout.add(document(manifest), MANIFEST))
    return layout.tar()


def ambiguous() -> bytes:
    return oci_archive(LAYERS, edit_manifest=lambda manifest: manifest | {"manifests": []})


def unreferenced() -> bytes:
    layout = oci_layout(LAYERS)
    layout.add(b"x" * 10240, "x")
    return layout.tar()


def nested(depth: int) -> bytes:
    layout = Layout()
    descriptor = layout.add_image(LAYERS)
    for _ in range(depth):
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [descriptor]}
        descriptor = layout.add(document(index), INDEX)
    layout.manifests.append(descriptor)
    return layout.tar()


LONG = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
BAD_DIGESTS: list[tuple[str, Any, str]] = [
    ("traversal", "sha256:../../../../etc/passwd", "oci.bad-digest"),
    ("short", "sha256:abc", "oci.bad-digest"),
    ("upper", "sha256:" + LONG.upper(), "oci.bad-digest"),
    ("noalg", LONG, "oci.bad-digest"),
    ("emptyenc", "sha256:", "oci.bad-digest"),
    ("md5", "md5:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "oci.unsupported-digest"),
    ("unknown", "xyz+1:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "oci.unsupported-digest"),
    ("empty", "", "oci.bad-digest"),
    ("int", 7, "oci.bad-digest"),
    ("null", None, "oci.bad-digest"),
    ("esc", "sha256:\x1b[2J", "oci.bad-digest"),
    ("slash", "sha256:" + LONG[:60] + "/../", "oci.bad-digest"),
]


@pytest.mark.parametrize(("value", "code"), [case[1:] for case in BAD_DIGESTS], ids=[case[0] for case in BAD_DIGESTS])
def test_c09_a_digest_that_is_none(value: Any, code: str, tmp_path: Path) -> None:
    exit_code, codes = outcome(with_layer(digest=value), tmp_path)
    assert exit_code == 4
    assert code in codes
    assert codes <= {code, "image.missing-member", "oci.unreferenced-blob"}


CASES: list[tuple[str, Callable[[], bytes], int, set[str]]] = [
    ("C02-good-gzip", lambda: oci_archive(LAYERS), 0, set()),
    ("C03-good-zstd", lambda: oci_archive(LAYERS, compression="zstd"), 0, set()),
    ("C05-layout-version", lambda: layout_file(b'{"imageLayoutVersion":"9.9.9"}'), 0, {"oci.layout-version"}),
    ("C06-layout-garbage", lambda: layout_file(b"garbage"), 0, {"json.invalid"}),
    ("layout missing", lambda: layout_file(b""), 0, {"oci.layout-missing"}),
    ("C11-size-small", lambda: resized(-1), 4, {"oci.size-mismatch"}),
    ("C12-size-large", lambda: resized(1), 4, {"oci.size-mismatch"}),
    ("layer size", lambda: with_layer(size=1), 4, {"oci.size-mismatch"}),
    ("negative size", lambda: with_layer(size=-1), 4, {"oci.bad-size"}),
    ("size as text", lambda: with_layer(size="1"), 4, {"oci.bad-size"}),
    ("no size", lambda: with_layer(size=...), 4, {"oci.bad-size"}),
    ("C14-config-digest", lambda: edited_blob("config"), 4, {"oci.digest-mismatch"}),
    ("C15-manifest-digest", lambda: edited_blob("manifest"), 4, {"oci.digest-mismatch"}),
    ("C20-data-bad-b64", lambda: with_layer(data="***"), 0, {"oci.data-mismatch"}),
    ("C21-blob-missing", lambda: without(0), 4, {"image.missing-member"}),
    ("C23-unknown-mediatype", lambda: with_layer(mediaType="application/x-foo"), 0, {"oci.unknown-mediatype"}),
    ("C24-lying-mediatype", lambda: with_layer(mediaType=LAYER), 0, {"oci.mediatype-lie"}),
    ("C26-artifact", artifact, 3, {"oci.not-an-image"}),
    ("C30-index-empty", lambda: Layout().tar(), 3, {"image.no-images"}),
    ("index null", lambda: index_edit(lambda index: index | {"manifests": None}), 3, {"image.no-images"}),
    ("C33-blob-unreferenced", unreferenced, 0, {"oci.unreferenced-blob"}),
    ("CVE-2021-41190", ambiguous, 4, {"oci.ambiguous-document"}),
    ("encrypted", lambda: with_layer(mediaType=LAYER + "+gzip+encrypted"), 4, {"layer.unreadable"}),
    ("index depth", lambda: nested(8), 0, set()),
    ("index too deep", lambda: nested(9), 5, {"limit.index-depth"}),
    ("other blob", lambda: index_edit(lambda i: i | {"manifests": [*i["manifests"], blob_entry()]}), 0, set()),
    ("no object", lambda: index_edit(lambda i: i | {"manifests": [*i["manifests"], 7]}), 4, {"json.wrong-type"}),
]


def blob_entry() -> dict[str, Any]:
    return {"mediaType": "text/plain", "digest": MISSING, "size": 3}


@pytest.mark.parametrize(("build", "code", "codes"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_layouts(build: Callable[[], bytes], code: int, codes: set[str], tmp_path: Path) -> None:
    exit_code, found = outcome(build(), tmp_path)
    unreferenced_is_expected = {"oci.unreferenced-blob"} if code in (4, 5) else set()
    assert exit_code == code
    assert codes <= found <= codes | unreferenced_is_expected


def test_c08_a_manifest_that_is_an_index(tmp_path: Path) -> None:
    layout = oci_layout(LAYERS)
    index = layout.add(document({"schemaVersion": 2, "mediaType": INDEX, "manifests": layout.manifests}), INDEX)
    layout.manifests = [index | {"mediaType": MANIFEST}]
    assert outcome(layout.tar(), tmp_path) == (4, {"oci.mediatype-mismatch"})
    assert len(images(layout.tar(), tmp_path).images) == 1


def test_c27_an_attestation_is_no_image(tmp_path: Path) -> None:
    layout = oci_layout(LAYERS)
    layout.manifests.append(layout.add_attestation(layout.manifests[0]))
    assert outcome(layout.tar(), tmp_path, verify=True) == (0, set())
    opened = images(layout.tar(), tmp_path)
    assert len(opened.images) == 1
    (other,) = opened.other
    assert (other.kind, other.refers_to, other.present) == ("attestation", layout.manifests[0]["digest"], True)


def test_the_catalog_says_which_digests_it_compared(tmp_path: Path) -> None:
    layout = oci_layout(LAYERS)
    manifest = layout.manifests[0]["digest"]
    config = json.loads(layout.blobs["blobs/sha256/" + manifest[7:]])["config"]["digest"]
    compared = {DigestCheck(stated.path, stated) for stated in (Digest.parse(manifest), Digest.parse(config))}
    assert archive(layout.tar(), tmp_path).catalog.checks == compared
    # The manifest of an attestation is not compared, so its difference is left for `verify` to report.
    layout.manifests.append(layout.add_attestation(layout.manifests[0]))
    assert archive(layout.tar(), tmp_path).catalog.checks == compared


def test_a_comparison_counts_only_where_its_difference_is_reported(tmp_path: Path) -> None:
    layout = oci_layout(LAYERS)
    alternate = layout.add_image(LAYERS, compression="zstd")
    layout.manifests.append(alternate)
    name = "blobs/sha256/" + alternate["digest"][7:]
    layout.blobs[name] = layout.blobs[name].replace(b'Version":2', b'Version":3')
    opened = archive(layout.tar(), tmp_path)
    assert name.encode() not in {check.member for check in opened.catalog.checks}
    assert outcome(layout.tar(), tmp_path, verify=True) == (4, {"oci.digest-mismatch"})


@pytest.mark.parametrize("what", ["config", "manifest"])
def test_a_difference_is_reported_once_by_catalog_and_verify(what: str, tmp_path: Path) -> None:
    codes = [finding.code for finding in every_finding(images(edited_blob(what), tmp_path, verify=True))]
    assert codes.count("oci.digest-mismatch") == 1


def test_c29_ten_thousand_equal_descriptors(tmp_path: Path) -> None:
    layout = oci_layout(LAYERS)
    layout.manifests *= 10_000
    assert outcome(layout.tar(), tmp_path) == (0, set())
    layout.manifests.append(layout.manifests[0])
    assert outcome(layout.tar(), tmp_path) == (5, {"limit.manifests"})


def test_shared_indexes_do_not_multiply(tmp_path: Path) -> None:
    layout = Layout()
    leaf = layout.add_image(LAYERS)
    shared = layout.add(document({"manifests": [leaf | {"digest": digest(bytes([n]))} for n in range(200)]}), INDEX)
    for number in range(200):
        top = {"manifests": [shared], "annotations": {"n": str(number)}}
        layout.manifests.append(layout.add(document(top), INDEX))
    limits = msgspec.structs.replace(DEFAULT, manifests=300)
    assert "limit.manifests" in outcome(layout.tar(), tmp_path, limits)[1]


def test_embedded_data_stands_for_an_absent_blob(tmp_path: Path) -> None:
    layout = oci_layout(LAYERS)
    name = "blobs/sha256/" + layout.manifests[0]["digest"][7:]
    layout.manifests[0]["data"] = base64.b64encode(layout.blobs.pop(name)).decode()
    assert outcome(layout.tar(), tmp_path) == (0, set())
    layout.manifests[0]["data"] = base64.b64encode(b"x").decode()
    assert "image.missing-member" in outcome(layout.tar(), tmp_path)[1]


def platforms(*present: bool, name: bool = True) -> Layout:
    """An index of images for amd64, arm64, …; of absent ones nothing is stored but the descriptor."""
    layout = Layout()
    listed = []
    for number, is_here in enumerate(present):
        machine = ["amd64", "arm64", "s390x"][number]
        blobs = dict(layout.blobs)
        descriptor = layout.add_image(LAYERS, architecture=machine)
        if not is_here:
            layout.blobs = blobs
        listed.append(descriptor | {"platform": {"os": "linux", "architecture": machine}})
    index = layout.add(document({"schemaVersion": 2, "mediaType": INDEX, "manifests": listed}), INDEX)
    if name:
        index["annotations"] = {"io.containerd.image.name": "docker.io/library/app:1"}
    layout.manifests = [index]
    return layout


def test_an_absent_platform_is_no_damage_while_another_is_here(tmp_path: Path) -> None:
    opened = images(platforms(True, False, True).tar(), tmp_path)
    assert [image.platform.architecture for image in opened.images] == ["amd64", "s390x"]
    assert [(other.kind, other.present) for other in opened.other] == [("absent-platform", False)]
    assert outcome(platforms(True, False).tar(), tmp_path) == (0, set())
    assert outcome(platforms(False, False).tar(), tmp_path) == (4, {"image.missing-member"})


def test_names_and_target_come_from_the_entry_of_the_index(tmp_path: Path) -> None:
    layout = platforms(True, True)
    opened = images(layout.tar(), tmp_path)
    assert {image.record.names for image in opened.images} == {("app:1",)}
    assert {str(image.record.target_digest) for image in opened.images} == {layout.manifests[0]["digest"]}


@pytest.mark.parametrize(
    ("annotations", "names"),
    [
        ({"org.opencontainers.image.ref.name": "latest"}, ("latest",)),
        ({"org.opencontainers.image.ref.name": "1", "io.containerd.image.name": "docker.io/r/a:1"}, ("r/a:1",)),
        ({"com.apple.containerization.image.name": "x/y:2", "io.containerd.image.name": "z:1"}, ("x/y:2",)),
        ({}, ()),
    ],
)
def test_one_name_per_descriptor(annotations: dict[str, str], names: Sequence[str], tmp_path: Path) -> None:
    layout = oci_layout(LAYERS, name=None)
    layout.manifests[0]["annotations"] = annotations
    assert images(layout.tar(), tmp_path).images[0].record.names == names


def test_several_names_of_one_manifest_are_one_image(tmp_path: Path) -> None:
    layout = oci_layout(LAYERS, name="latest")
    second = layout.manifests[0] | {"annotations": {"org.opencontainers.image.ref.name": "r/a:2"}}
    layout.manifests.append(second)
    assert [image.record.names for image in images(layout.tar(), tmp_path).images] == [("r/a:2",)]


def test_a_second_manifest_of_one_config_is_an_alternate(tmp_path: Path) -> None:
    layout = oci_layout(LAYERS)
    layout.manifests.append(layout.add_image(LAYERS, compression="zstd"))
    opened = images(layout.tar(), tmp_path)
    assert len(opened.images) == 1
    assert [other.kind for other in opened.other] == ["alternate-manifest"]
    assert outcome(layout.tar(), tmp_path) == (0, set())


def test_a_layout_in_a_directory(tmp_path: Path) -> None:
    folder = write_directory(oci_layout(LAYERS).members(), tmp_path / "layout")
    opened = images(folder, tmp_path, verify=True)
    assert (opened.form, opened.source.container, opened.source.size) == ("oci-layout", "directory", None)
    assert opened.verified
    assert outcome(folder, tmp_path) == (0, set())


def test_links_out_of_a_directory_are_not_followed(tmp_path: Path) -> None:
    layout = oci_layout(LAYERS)
    name, secret = next(iter(layout.blobs)), tmp_path / "secret"
    secret.write_bytes(layout.blobs.pop(name))
    folder = write_directory(layout.members(), tmp_path / "layout")
    (folder / name).symlink_to(secret)
    assert outcome(folder, tmp_path) == (4, {"image.missing-member"})


def flat(**changes: Any) -> dict[str, bytes]:
    config = document(image_config(LAYERS))
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": {"mediaType": CONFIG, "digest": digest(config), "size": len(config)},
        "layers": [{"mediaType": LAYER, "digest": digest(raw), "size": len(raw)} for raw in LAYERS],
    }
    blobs = {digest(raw)[7:]: raw for raw in (config, *LAYERS)}
    return {"version": b"Directory Transport Version: 1.1\n", "manifest.json": document(manifest | changes)} | blobs


def test_skopeos_dir_also_in_a_tar(tmp_path: Path) -> None:
    raw = members_tar(list(flat().items()))
    opened = images(raw, tmp_path, verify=True)
    assert (opened.form, opened.images[0].record.names, opened.images[0].record.target_digest) == (
        "docker-dir",
        (),
        None,
    )
    assert str(opened.images[0].record.manifest_digest) == digest(flat()["manifest.json"])
    assert outcome(raw, tmp_path) == (0, set())


def test_c32_two_forms_that_name_different_images(tmp_path: Path) -> None:
    other = dict(oci_layout(good_layers()).members())
    members = {**dict(oci_layout(LAYERS).members()), **other}
    config = document(image_config(LAYERS))
    entry = {"Config": "blobs/sha256/" + digest(config)[7:], "RepoTags": ["app:1"], "Layers": []}
    manifest = json.loads(next(raw for raw in members.values() if MANIFEST.encode() in raw and b"layers" in raw))
    entry["Layers"] = ["blobs/sha256/" + layer["digest"][7:] for layer in manifest["layers"]]
    raw = members_tar([*members.items(), ("manifest.json", document([entry]))])
    code, codes = outcome(raw, tmp_path)
    assert code == 4
    assert "image.forms-disagree" in codes
    assert len(images(raw, tmp_path).images) == 2


def test_docker_and_oci_of_one_image_are_one(tmp_path: Path) -> None:
    raw = docker_oci(LAYERS)
    opened = images(raw, tmp_path, verify=True)
    assert (opened.form, len(opened.images)) == ("docker+oci", 1)
    assert [layer.media_type for layer in opened.images[0].layers] == [LAYER, LAYER]
    assert outcome(raw, tmp_path) == (0, set())
