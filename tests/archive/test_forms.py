"""Archives of real tools that lack content, hold other content than images, or are not archives at all."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from imgtar.formats.magic import looks_like
from tests.archive.forms import FORMS, ran, text
from tests.builders import (
    digest,
    docker_members,
    docker_save,
    document,
    file,
    good,
    good_layers,
    gzip,
    members_tar,
    tar,
    xz,
)
from tests.cli.command import imgtar, one_line
from tests.paths import FIXTURES
from tests.runs import LISTING_IMAGES, NEEDED

CONFIG = "sha256:12ac2f514d0e24b173539bd849dad78e3b0f97eaef9875d50052c6a661916b0f"
LAYERS = [
    "sha256:fc195fea9f4425aa4d8b568b0e89c414a7d10124f4c33279612105167e46b05f",
    "sha256:bd4d9482b04b4d804e84fb7aad22db0df12d8b393b49dffb93f0137c44c35c3c",
]
IMAGE = "sha256:adea7eab86365697362e25fa3568b541cd3892010127fa68e906bb01d86115be"


def put(raw: bytes, folder: Path, name: str = "x.tar") -> Path:
    """The path of a file with these bytes."""
    path = folder / name
    path.write_bytes(raw)
    return path


# What is named and not here


@pytest.mark.parametrize("command", LISTING_IMAGES)
def test_an_image_whose_manifest_alone_is_here_is_listed(command: str) -> None:
    found = ran(command, "save-without-blobs", *NEEDED.get(command, ()))
    assert found.code == 4
    (image,) = found.images
    assert (image["names"], image["id"]) == (["vllm/demo:flash"], CONFIG)


def test_every_missing_blob_is_told_once_with_its_size() -> None:
    found = ran("inspect", "save-without-blobs")
    (image,) = found.images
    rows = [
        (row["digest"], row["blob_size"], row["present"], row["tar_size"], row["changes"]) for row in image["layers"]
    ]
    assert rows == [(LAYERS[0], 175, False, None, []), (LAYERS[1], 117, False, None, [])]
    assert found.codes == ["image.missing-member"] * 3
    assert found.messages("image.missing-member") == [
        f"the config {CONFIG} (496 bytes) is not in the archive",
        f"the layer {LAYERS[0]} (175 bytes) is not in the archive",
        f"the layer {LAYERS[1]} (117 bytes) is not in the archive",
    ]
    assert ran("inspect", "save-without-blobs", "--allow-missing").code == 0


def test_a_layer_that_two_images_and_two_positions_lack_is_told_once(tmp_path: Path) -> None:
    layers = good_layers()
    documents = docker_members([layers[0], layers[0]], layer_names=["l", "l"])
    raw = members_tar([member for member in documents if not (isinstance(member, tuple) and member[0] == "l")])
    found = ran("inspect", put(raw, tmp_path))
    assert found.code == 4
    assert found.messages("image.missing-member") == ["the layer l is not in the archive"]


def test_a_foreign_stub_is_absent() -> None:
    found = ran("inspect", "foreign-stub")
    assert found.code == 4
    stub = found.images[0]["layers"][0]
    assert (stub["present"], stub["blob_size"], stub["tar_size"], stub["content_size"]) == (False, None, None, None)
    assert stub["stored"] == {"foreign": True}
    message = "the foreign layer 0.tar is not in the archive; a file of 0 bytes is in its place"
    assert found.messages("image.missing-member") == [message]
    assert ran("inspect", "foreign-stub", "--allow-missing").code == 0


@pytest.mark.parametrize("command", ["inspect", "verify"])
def test_a_link_that_leads_nowhere_is_named_with_its_target(command: str) -> None:
    target = ".9e818769a0b625ffcff0e4762950c797a32f91358b927a13d98e7787024b4318.tar"
    found = ran(command, "link-target-at-root", "--allow-missing")
    assert found.code == 4
    message = f"the layer e37c/layer.tar is a link to {target}, which leads to no file of the archive"
    assert found.messages("image.missing-member") == [message]
    assert found.images[0]["layers"][0]["stored"] == {"link": target}
    assert "not in the archive" not in text(command, "link-target-at-root")


def test_blobs_that_are_links_out_of_the_layout_are_named_with_their_targets(tmp_path: Path) -> None:
    with_blobs = tmp_path / "layout" / "blobs" / "sha256"
    with_blobs.mkdir(parents=True)
    store = tmp_path / "store"
    store.mkdir()
    manifest = b'{"schemaVersion":2}'
    (store / ("1" * 64)).write_bytes(manifest)
    os.symlink("../../../store/" + "1" * 64, with_blobs / ("1" * 64))
    kind = "application/vnd.oci.image.manifest.v1+json"
    entry = {"mediaType": kind, "digest": "sha256:" + "1" * 64, "size": len(manifest)}
    (tmp_path / "layout" / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [entry]}))
    (tmp_path / "layout" / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    found = ran("inspect", tmp_path / "layout")
    assert (found.code, found.images) == (4, [])
    (message,) = found.messages("image.missing-member")
    assert "is a link to ../../../store/1111" in message
    assert "not in the archive" not in message


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"Layers": [""]}, "manifest.json gives a layer an empty name"),
        ({"Layers": [" "]}, "manifest.json gives a layer an empty name"),
        ({"Config": ""}, "manifest.json gives the config an empty name"),
    ],
)
def test_a_blank_name_is_said_to_be_blank(entry: dict[str, object], message: str, tmp_path: Path) -> None:
    found = ran("inspect", put(docker_with(entry), tmp_path))
    assert found.code == 4
    assert found.messages("image.empty-name") == [message]
    assert not any("  " in row["message"] for row in found.document["findings"])


def docker_with(entry: dict[str, object], *extra: tuple[str, bytes]) -> bytes:
    """A docker save of one layer whose entry of manifest.json has these values."""
    *members, (name, raw) = docker_members(good_layers()[:1])
    assert name == "manifest.json"
    changed = {**json.loads(raw)[0], **entry}
    return members_tar([*members, *extra, ("manifest.json", json.dumps([changed]).encode())])


@pytest.mark.parametrize("tags", ["app:1", {"app": "1"}, 7])
def test_what_engines_refuse_in_manifest_json_is_said(tags: object, tmp_path: Path) -> None:
    found = ran("inspect", put(docker_with({"RepoTags": tags}), tmp_path))
    assert found.images[0]["names"] == []
    (message,) = found.messages("json.wrong-type")
    assert message.endswith("; docker, containerd and podman refuse it")


@pytest.mark.parametrize("tags", [[""], [" "], [None], ["\t"]])
def test_a_blank_tag_is_no_name(tags: list[object], tmp_path: Path) -> None:
    found = ran("inspect", put(docker_with({"RepoTags": tags}), tmp_path))
    assert found.images[0]["names"] == []
    assert found.codes == ["image.bad-tag"]


# v1 archives, and those that are cut before their manifest


def v1(*layers: tuple[str, str | None], names: object = None) -> bytes:
    """A v1 archive: IDs with their parents, and the content of `repositories`."""
    members: list[bytes] = []
    for layer_id, parent in layers:
        document = {"id": layer_id} | ({"parent": parent} if parent else {})
        members += [file(f"{layer_id}/json", json.dumps(document).encode()), file(f"{layer_id}/layer.tar", tar())]
    return tar(*members, file("repositories", json.dumps(names).encode())) if names is not None else tar(*members)


@pytest.mark.parametrize("others", [(), (("1" * 64, None),)], ids=["alone", "beside an image"])
@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("2" * 64, "image.missing-member"),
        ("../../etc", "image.bad-v1-id"),
        ("/etc", "image.bad-v1-id"),
        ("..", "image.bad-v1-id"),
        ("", "image.bad-v1-id"),
    ],
)
def test_repositories_that_names_no_image_here_is_damage(
    target: str, code: str, others: tuple[tuple[str, str | None], ...], tmp_path: Path
) -> None:
    found = ran("inspect", put(v1(*others, names={"app": {"1": target}}), tmp_path))
    assert found.code == 4
    assert code in found.codes
    assert [image["id"] for image in found.images] == [layer_id for layer_id, _ in others]


def test_a_file_called_repositories_makes_no_image(tmp_path: Path) -> None:
    raw = tar(file("repositories", b"https://dl-cdn.alpinelinux.org/alpine/v3.20/main\n"), file("keys", b""))
    assert imgtar("inspect", put(raw, tmp_path)).returncode == 3


def test_a_cut_docker_save_begins_with_the_cut_and_shows_no_image(tmp_path: Path) -> None:
    raw = (FIXTURES / "mysql.tar").read_bytes()
    for size in (200_000, 900_000, 1_790_000):
        path = put(raw[:size], tmp_path)
        found = ran("inspect", path)
        assert (found.code, found.images, found.document["source"]["form"]) == (4, [], "docker-archive")
        assert found.codes[0] == "image.cut-before-manifest"
        assert "image.parent-missing" not in found.codes
        first = text("inspect", path).splitlines()[1].strip()
        assert first == f"the file is cut off at byte {size:,}; manifest.json, which comes last, is missing"


def test_a_cut_layout_begins_with_the_cut(tmp_path: Path) -> None:
    raw = (FIXTURES / "p5-oci-archive.tar").read_bytes()
    for stored in (raw[:100_000], gzip(raw)[:60_000]):
        found = ran("inspect", put(stored, tmp_path))
        assert (found.code, found.images) == (4, [])
        assert "index.json, which comes last" in found.messages("image.cut-before-manifest")[0]


@pytest.mark.parametrize("pack", [bytes, gzip], ids=["plain", "gzip"])
def test_a_save_that_ends_between_two_entries_before_its_manifest_is_cut(
    pack: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    """No entry is cut, so only the missing end marker tells."""
    mysql = (FIXTURES / "mysql.tar").read_bytes()
    before_manifest = mysql[:1_814_528]
    podman = tar(*(file(name, body) for name, body in docker_members(good_layers()) if name != "manifest.json"))
    layout = tar(file(f"blobs/sha256/{digest(b'x')[7:]}", b"x"))
    for raw in (before_manifest, podman[:-1024], layout[:-1024]):
        path = put(pack(raw), tmp_path)
        found = ran("verify", path)
        assert (found.code, found.images, found.document["complete"]) == (4, [], False)
        (message,) = found.messages("image.cut-before-manifest")
        assert message.startswith(f"the file ends without its end marker at byte {len(raw):,}")
        assert "no data is missing" not in text("verify", path)


def test_offsets_of_a_compressed_archive_say_that_they_count_what_comes_out(tmp_path: Path) -> None:
    raw = (FIXTURES / "mysql.tar").read_bytes()[:700_000]
    path = put(gzip(raw), tmp_path)
    found = ran("verify", path)
    assert [message for code in found.codes for message in found.messages(code)] == [
        "the file is cut off at byte 700,000 of the decompressed archive; manifest.json, which comes last, is missing",
        "the tar ends at byte 700,000 of the decompressed archive in the middle of an entry",
    ]
    for form in ("table", "markdown", "html"):
        assert "700,000 (700 kB) decompressed: every byte is accounted for" in text("verify", path, "--format", form)
    assert "decompressed" not in text("verify", put(raw, tmp_path))
    cut = put(gzip(raw)[:-20], tmp_path)
    assert "decompressed" not in ran("verify", cut).messages("gzip.truncated")[0]
    twice = put(gzip(members_tar([("a", b"1"), ("a", b"2"), *docker_members(good_layers())])), tmp_path)
    (message,) = ran("inspect", twice).messages("image.duplicate-member")
    assert "at bytes 0 and 1,024 of the decompressed archive" in message


def test_a_tar_without_its_end_marker_that_has_no_part_of_an_image_is_not_an_image(tmp_path: Path) -> None:
    assert imgtar("inspect", put(tar(file("README", b"x"))[:-1024], tmp_path)).returncode == 3


def test_verify_says_that_nothing_was_checked_where_no_image_is_found(tmp_path: Path) -> None:
    path = put((FIXTURES / "mysql.tar").read_bytes()[:900_000], tmp_path)
    assert ran("verify", path).document["integrity"] == "not-checked"
    for form in ("table", "markdown", "html"):
        shown = " ".join(text("verify", path, "--format", form).split())
        assert "no digest was checked, because no image could be read" in shown
        assert "every digest verified" not in shown


def test_verify_says_where_an_archive_states_no_digest(tmp_path: Path) -> None:
    path = put(v1(("a" * 64, None), names={"app": {"1": "a" * 64}}), tmp_path)
    found = ran("verify", path)
    assert (found.code, found.document["integrity"]) == (0, "verified")
    assert "this form states no digests to check" in text("verify", path)
    lines = text("verify", path, path).splitlines()
    assert "complete, states no digests" in lines[-1]


# What is not an image


def test_a_missing_oci_layout_is_told_of_both_forms() -> None:
    found = ran("inspect", "hauler-no-oci-layout")
    assert (found.code, found.document["source"]["form"], found.codes) == (0, "docker+oci", ["oci.layout-missing"])


def test_a_referrer_that_no_index_names_is_one(tmp_path: Path) -> None:
    for command in ("inspect", "verify"):
        found = ran(command, "referrer-only-in-blobs")
        assert found.code == 0
        (other,) = found.document["other"]
        assert (other["kind"], other["refers_to"], other["size"]) == ("referrer", IMAGE, 619)
        assert other["artifact_type"] == "application/vnd.dev.sigstore.bundle.v0.3+json"
        assert found.codes == ["oci.unlisted-referrer"]


def test_a_signature_is_named_as_such() -> None:
    found = ran("inspect", "cosign-save")
    assert (found.code, len(found.images)) == (0, 1)
    (other,) = found.document["other"]
    assert (other["kind"], other["artifact_type"]) == ("referrer", "application/vnd.dev.cosign.simplesigning.v1+json")
    assert other["refers_to"].startswith("sha256:856f6512f95a")
    assert "cosign signature" in text("inspect", "cosign-save")


def test_configs_of_old_registries_are_those_of_images() -> None:
    found = ran("inspect", "config-of-old-types")
    assert found.code == 0
    (image,) = found.images
    assert image["id"].startswith("sha256:5708c4c3da1c")
    assert image["names"] == ["application-octet-stream", "application-json", "text-html"]
    assert [other["kind"] for other in found.document["other"]] == ["alternate-manifest"] * 2


def test_artifacts_without_a_config_are_no_images_and_no_damage() -> None:
    run = imgtar("inspect", FORMS / "configless-artifacts.tar")
    assert run.returncode == 3
    assert "no image, but 2 of another kind (application/vnd.example.thing.v1)" in one_line(run)


def test_schema_1_is_named() -> None:
    run = imgtar("inspect", FORMS / "schema1.tar")
    assert run.returncode == 3
    assert "docker schema 1" in one_line(run)
    assert "skopeo copy --format v2s2" in one_line(run)


def test_a_squashfs_layer_is_unreadable_by_design() -> None:
    found = ran("inspect", "squashfs-layer")
    assert (found.code, found.codes) == (4, ["layer.unreadable"])
    assert "squashfs" in found.messages("layer.unreadable")[0]
    excused = ran("inspect", "squashfs-layer", "--allow-missing")
    assert (excused.code, excused.codes) == (0, ["layer.unreadable"])
    assert "ebuild" not in text("inspect", "squashfs-layer")


# What is not an archive

WRONG: dict[str, tuple[bytes, str, str]] = {
    "lz4": (b"\x04\x22\x4d\x18" + b"x" * 600, "lz4 data", "lz4 -d"),
    "SIF": (b"#!/usr/bin/env run-singularity\n\0SIF_MAGIC\0" + bytes(600), "SIF image", "docker save"),
    "squashfs": (b"hsqs" + bytes(600), "a squashfs image", "docker save"),
    "UTF-16 without its mark": ("blobs/".encode("utf-16-be") * 100, "PowerShell", "docker save -o"),
    "Git LFS": (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 9\n", "Git LFS", "git lfs pull"),
    "300 bytes of a tar": (
        good()[:300],
        "the file is cut off after 300 bytes, within the first tar header",
        "copy or save the image again",
    ),
    "100 bytes of a tar": (good()[:100], "100 bytes, less than one tar header", ""),
    "a wrong checksum": (
        good()[:100] + b"x" + good()[101:600],
        "a tar archive with a damaged first header",
        "compare the file size",
    ),
    "zeros, 513": (bytes(513), "only zero bytes", "docker save"),
    "zeros, 1000": (bytes(1000), "only zero bytes", "docker save"),
    "zeros, 1023": (bytes(1023), "only zero bytes", "docker save"),
    "a page": (b"<!DOCTYPE html>" + b"x" * 600, "HTML", "download it again"),
    "xz with another filter": (xz(good())[:14] + b"\x0c" + xz(good())[15:], "xz stream", ""),
}


@pytest.mark.parametrize(("raw", "what", "remedy"), WRONG.values(), ids=WRONG)
def test_a_wrong_file_is_named_with_what_to_do(raw: bytes, what: str, remedy: str, tmp_path: Path) -> None:
    run = imgtar("inspect", put(raw, tmp_path))
    assert run.returncode == 3
    line = one_line(run)
    assert what in line
    assert remedy in line
    assert "looks like a tar archive;" not in line


def test_powershell_s_redirection_is_named() -> None:
    run = imgtar("ids", FORMS / "powershell-utf16.tar")
    assert run.returncode == 3
    assert "written through a text pipe (PowerShell's >)" in one_line(run)
    assert "docker save -o" in one_line(run)


@pytest.mark.parametrize("size", [262, 300, 511, 512, 2048])
def test_what_is_no_tar_never_looks_like_a_tar_archive(size: int) -> None:
    assert looks_like(good()[:size]) in ("a tar archive that is cut", "a tar archive with a damaged first header")


def sync_tree(folder: Path, *paths: str) -> Path:
    for path in paths:
        image = folder / "sync" / path
        image.mkdir(parents=True)
        (image / "version").write_text("Directory Transport Version: 1.1\n")
        (image / "manifest.json").write_text("{}")
    return folder / "sync"


@pytest.mark.parametrize(
    ("paths", "says"),
    [
        (("a/alpine:3", "r/app:1"), "like a tree of skopeo sync, it has 2 folders with an image each"),
        (("host:5000/team/app:1", "host:5000/team/app:2"), "it has 2 folders with an image each"),
        (("host/team/app:1",), "its folder host/team/app:1 has one; give imgtar that folder"),
    ],
)
def test_a_tree_of_skopeo_sync_is_named(paths: tuple[str, ...], says: str, tmp_path: Path) -> None:
    run = imgtar("inspect", sync_tree(tmp_path, *paths))
    assert run.returncode == 3
    assert says in one_line(run)
    assert paths[0] in one_line(run)


# Prefixes


PREFIXES = [
    ("oci:", "mysql.tar", 3),
    ("oci:", "p5-oci-archive.tar", 3),
    ("oci:", "d26c-mysqlish.tar", 3),
    ("oci:", "s5-oci", 0),
    ("oci-archive:", "p5-oci-archive.tar", 0),
    ("oci-archive:", "d26c-mysqlish.tar", 0),
    ("oci-archive:", "mysql.tar", 3),
    ("docker-archive:", "mysql.tar", 0),
    ("docker-archive:", "d26c-mysqlish.tar", 0),
    ("docker-archive:", "p5-oci-archive.tar", 3),
    ("dir:", "p5-docker-dir", 0),
    ("dir:", "s5-oci", 3),
]


@pytest.mark.parametrize(("prefix", "name", "code"), PREFIXES)
def test_a_prefix_asserts_a_form(prefix: str, name: str, code: int) -> None:
    run = imgtar("ids", f"{prefix}{FIXTURES / name}")
    assert run.returncode == code
    if code:
        assert f"which {prefix} does not accept; leave out the prefix {prefix}" in one_line(run)


@pytest.mark.parametrize(
    ("argument", "code"),
    [
        ("docker-archive:PATH:r/mysqlish:classic", 0),
        ("docker-archive:PATH:mysqlish", 0),
        ("docker-archive:PATH:@0", 0),
        ("docker-archive:PATH:", 0),
        ("docker-archive:PATH:other", 3),
        ("docker-archive:-:mysqlish", 0),
        ("docker-archive:-", 0),
        ("oci:-", 3),
    ],
)
def test_a_reference_behind_a_prefix_chooses_the_image(argument: str, code: int) -> None:
    path = FIXTURES / "mysql.tar"
    stdin = path.read_bytes() if ":-" in argument else b""
    assert imgtar("ids", argument.replace("PATH", str(path)), stdin=stdin).returncode == code


# What the text says about absent content


def test_a_second_platform_without_its_layers_is_named_in_the_head() -> None:
    lines = text("inspect", FIXTURES / "ctr5-export-platform.tar").splitlines()
    assert lines[1].startswith("  named but not in the archive: linux/")


@pytest.mark.parametrize("name", ["save-without-blobs", "link-target-at-root", "squashfs-layer"])
def test_no_footer_names_a_command_that_cannot_help(name: str) -> None:
    shown = text("inspect", name)
    assert "lists the largest layer" not in shown
    assert "shows docker's IDs; -o json=FILE saves all" in shown


# Over-alarm


def test_absolute_names_are_told_once_for_an_image(tmp_path: Path) -> None:
    """ko writes every name of its layers with a slash in front."""
    layers = [tar(file("/ko-app/a", b"x"), file("/ko-app/b")), tar(*(file(f"/var/run/ko/{n}") for n in range(150)))]
    for command in ("inspect", "audit", "verify"):
        found = ran(command, put(docker_save(layers), tmp_path))
        assert found.code == 0
        (row,) = (row for row in found.document["findings"] if row["code"] == "layer.absolute-name")
        assert (row["count"], row["where"]["image"], row["where"]["layer"]) == (1, 0, 0)
        said = "the name /ko-app/a is absolute, and so are 151 more of the image; it is taken relative to the root"
        assert row["message"] == said


def test_one_absolute_name_counts_no_others(tmp_path: Path) -> None:
    found = ran("inspect", put(docker_save([tar(file("/a"))]), tmp_path))
    message = "the name /a is absolute; it is taken relative to the root"
    assert found.messages("layer.absolute-name") == [message]


# Pointers, and layers of other kinds, inside an archive

LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"1" * 64 + b"\nsize 9\n"
OCI = "application/vnd.oci.image."
WASM = "application/vnd.wasm.content.layer.v1+wasm"


def blob_of(content: bytes, kind: str) -> tuple[dict[str, object], tuple[str, bytes]]:
    """A descriptor, and the blob that it describes."""
    stated = digest(content)
    return {"mediaType": kind, "digest": stated, "size": len(content)}, (stated.replace(":", "/"), content)


def oci_image(*layers: tuple[str, bytes], **changes: object) -> tuple[dict[str, object], list[tuple[str, bytes]]]:
    """The descriptor of an image with layers of these types, and its blobs."""
    config = document(
        {"os": "linux", "architecture": "arm64", "rootfs": {"type": "layers", "diff_ids": []}}
        | {"rootfs": {"type": "layers", "diff_ids": [digest(content) for _, content in layers]}}
    )
    parts = [blob_of(config, OCI + "config.v1+json"), *(blob_of(content, kind) for kind, content in layers)]
    manifest = {"schemaVersion": 2, "config": parts[0][0], "layers": [part[0] for part in parts[1:]]} | changes
    described, blob = blob_of(document(manifest), OCI + "manifest.v1+json")
    return described, [blob, *(part[1] for part in parts)]


def oci_tar(entries: list[dict[str, object]], blobs: list[tuple[str, bytes]]) -> bytes:
    """An OCI archive with these entries of index.json and these blobs."""
    index = document({"schemaVersion": 2, "manifests": entries})
    members = [(f"blobs/{name}", content) for name, content in dict(blobs).items()]
    return members_tar([*members, ("index.json", index), ("oci-layout", b'{"imageLayoutVersion":"1.0.0"}')])


@pytest.mark.parametrize("name", ["manifest.json", "config"])
def test_a_git_lfs_pointer_in_place_of_a_document_is_named(name: str, tmp_path: Path) -> None:
    if name == "config":
        raw = docker_with({"Config": "c.json"}, ("c.json", LFS))
    else:
        raw = members_tar([("manifest.json", LFS)])
    found = ran("inspect", put(raw, tmp_path))
    assert found.code == 4
    (message,) = found.messages("json.invalid")
    assert message.endswith("it looks like a Git LFS pointer, not the file itself; get the file: git lfs pull")


def test_a_git_lfs_pointer_in_place_of_a_layer_is_named(tmp_path: Path) -> None:
    found = ran("inspect", put(docker_save([LFS]), tmp_path))
    assert found.code == 4
    assert "look like a Git LFS pointer" in found.messages("layer.not-tar")[0]


@pytest.mark.parametrize(
    "kind",
    [WASM, "application/wasm", "application/vnd.stacker.image.layer.squashfs+zstd+verity", "application/vnd.foo+json"],
)
def test_a_layer_of_a_known_kind_that_is_no_tar_is_unreadable_by_design(kind: str, tmp_path: Path) -> None:
    entry, blobs = oci_image((OCI + "layer.v1.tar", tar(file("a"))), (kind, b"\0asm\1\0\0\0" + bytes(600)))
    path = put(oci_tar([entry], blobs), tmp_path)
    found = ran("inspect", path)
    assert (found.code, found.codes) == (4, ["layer.unreadable"])
    assert kind in found.messages("layer.unreadable")[0]
    assert ran("inspect", path, "--allow-missing").code == 0
    assert ran("ls", path, "--allow-missing").code == 0


@pytest.mark.parametrize(
    "kind", ["application/vnd.dsse.envelope.v1+json", "application/vnd.dev.cosign.simplesigning.v1+json"]
)
def test_a_signature_with_the_config_of_an_image_is_none(kind: str, tmp_path: Path) -> None:
    image, blobs = oci_image((OCI + "layer.v1.tar", tar(file("a"))))
    payload = {"critical": {"image": {"docker-manifest-digest": image["digest"]}}}
    signature, more = oci_image((kind, document(payload)))
    found = ran("inspect", put(oci_tar([image, signature], [*blobs, *more]), tmp_path))
    assert (found.code, len(found.images)) == (0, 1)
    (other,) = found.document["other"]
    assert (other["kind"], other["artifact_type"]) == ("referrer", kind)
    assert other["refers_to"] == (image["digest"] if "simplesigning" in kind else None)


def test_an_artifact_without_a_config_stands_beside_an_image(tmp_path: Path) -> None:
    image, blobs = oci_image((OCI + "layer.v1.tar", tar(file("a"))))
    thing, blob = blob_of(document({"schemaVersion": 2, "artifactType": "a/b", "layers": []}), OCI + "manifest.v1+json")
    found = ran("inspect", put(oci_tar([image, thing], [*blobs, blob]), tmp_path))
    assert (found.code, len(found.images), found.codes) == (0, 1, [])
    assert [(other["kind"], other["artifact_type"]) for other in found.document["other"]] == [("artifact", "a/b")]


def test_a_manifest_with_neither_config_nor_type_is_damage(tmp_path: Path) -> None:
    thing, blob = blob_of(document({"schemaVersion": 2, "layers": []}), OCI + "manifest.v1+json")
    assert ran("inspect", put(oci_tar([thing], [blob]), tmp_path)).code == 4


def test_the_head_names_the_platform_whose_layers_are_missing(tmp_path: Path) -> None:
    layers = [(OCI + "layer.v1.tar", tar(file(name))) for name in "ab"]
    (first, blobs), (second, others) = (oci_image(layer) for layer in layers)
    index = document({"schemaVersion": 2, "manifests": [first, second]})
    entry, blob = blob_of(index, OCI + "index.v1+json")
    path = put(oci_tar([entry], [blob, *blobs, *others[:-1]]), tmp_path)
    found = ran("inspect", path)
    assert (found.code, len(found.images), found.codes) == (4, 2, ["image.missing-member"])
    assert found.images[1]["layers"][0]["blob_size"] == len(layers[1][1])
    assert text("inspect", path).splitlines()[1].startswith("  image @1, linux/arm64: layer 0: the layer sha256:")


def test_schema_1_without_a_media_type_is_named(tmp_path: Path) -> None:
    image, blobs = oci_image((OCI + "layer.v1.tar", tar(file("a"))))
    layer, layer_blob = blob_of(tar(file("b")), "")
    old, blob = blob_of(document({"schemaVersion": 1, "fsLayers": [{"blobSum": layer["digest"]}], "history": []}), "")
    found = ran("inspect", put(oci_tar([image, old], [*blobs, blob, layer_blob]), tmp_path))
    assert (found.code, len(found.images), found.codes) == (0, 1, [])
    (other,) = found.document["other"]
    assert other["artifact_type"] == "application/vnd.docker.distribution.manifest.v1+json"
    assert "docker schema 1 manifest" in text("inspect", tmp_path / "x.tar")
