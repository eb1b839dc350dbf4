"""Classes B and C: the JSON documents of a docker save, OCI layouts, digests and descriptors."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from tests.builders import (
    CONFIG,
    INDEX,
    LAYER,
    MANIFEST,
    Layout,
    digest,
    docker_members,
    docker_oci,
    docker_save,
    document,
    good_layers,
    history_of,
    image_config,
    layer,
    members_tar,
    oci_archive,
    oci_layout,
    raw,
)
from tests.hostile.case import Case, Report, codes_of
from tests.hostile.shapes import with_config, with_manifest

MISSING = ("image.missing-member",)
WRONG = ("json.wrong-type",)


def _entry(**changes: Any) -> dict[str, Any]:
    """The good image's entry of manifest.json."""
    members = docker_members(good_layers())
    entry = {"Config": members[-2][0], "RepoTags": ["app:1"], "Layers": [name for name, _ in members[:-2]]}
    entry.update(changes)
    return {key: value for key, value in entry.items() if value is not ...}


def _layers_analysed(report: Report, count: int = 3) -> None:
    layers = report["images"][0]["layers"]
    assert len(layers) == count
    assert all(one["present"] and one["changes"] for one in layers)


def _config_bytes(text: bytes) -> bytes:
    return docker_save(good_layers(), config=text)


def _patched_config(old: bytes, new: bytes) -> bytes:
    text = document(image_config(good_layers()))
    assert old in text
    return _config_bytes(text.replace(old, new, 1))


def _created(value: str) -> Callable[[Report], None]:
    def check(report: Report) -> None:
        assert report["images"][0]["created"] == value

    return check


def _no_command(report: Report) -> None:
    layers = report["images"][0]["layers"]
    assert [one["history_index"] for one in layers] == [0, None, None]
    assert [one["created_by"] is None for one in layers] == [False, True, True]
    assert len(report["images"][0]["history"]) == 1


def _tags(report: Report) -> None:
    assert len(report["images"]) == 1


def _surplus(report: Report) -> None:
    layers = report["images"][0]["layers"]
    assert [one["diff_id"] is None for one in layers] == [False, True]
    assert all(one["present"] for one in layers)


def _absent_surplus(report: Report) -> None:
    layers = report["images"][0]["layers"]
    assert [one["present"] for one in layers] == [True, True, True, False]
    assert layers[3]["diff_id"] == digest(b"absent")


def _whole_config_null(report: Report) -> None:
    config = report["images"][0]["config"]
    assert config["env"] == []
    assert config["labels"] == {}
    assert config["exposed_ports"] == []
    _layers_analysed(report)


def _thousand_images() -> bytes:
    content = layer(*good_layers()[:0], raw(good_layers()[0])[:-1024])
    entries = []
    members: list[tuple[str, bytes]] = [("l/layer.tar", content)]
    for number in range(1000):
        config = document(image_config([content], author=f"author {number}"))
        name = digest(config)[7:] + ".json"
        members.append((name, config))
        entries.append({"Config": name, "RepoTags": [f"image{number}:1"], "Layers": ["l/layer.tar"]})
    return members_tar([*members, ("manifest.json", document(entries))])


def _thousand(report: Report) -> None:
    assert len(report["images"]) == 1000


_CREATED = {
    "text": ("not a date", True),
    "year0": ("0000-00-00T00:00:00Z", True),
    "year99999": ("99999-01-01T00:00:00Z", True),
    "nanos": ("2024-01-02T03:04:05.123456789+05:30", False),
    "leap": ("2016-12-31T23:59:60Z", False),
    "notz": ("2024-01-02T03:04:05", True),
    "escape": ("\x1b]0;x\x07", True),
}

DOCKER_CASES = (
    *(
        Case(f"B02-manifest-{name}", lambda text=text: with_manifest(text), (4,), WRONG, also=("json.invalid",))
        for name, text in {
            "null": b"null",
            "object": b"{}",
            "number": b"42",
            "string": b'"x"',
            "list-null": b"[null]",
            "list-str": b'["x"]',
        }.items()
    ),
    Case("B02-manifest-empty", lambda: with_manifest(b""), (4,), WRONG, also=("json.invalid",)),
    Case("B02-manifest-emptylist", lambda: with_manifest([]), (3,), ("image.no-images",)),
    Case("B02-manifest-cut", lambda: with_manifest(b'[{"Config":"'), (4,), ("json.invalid",)),
    Case("B02-manifest-nan", lambda: with_manifest(b'[{"Config":NaN}]'), (4,), ("json.invalid",)),
    Case("B03-bad-utf8", lambda: with_manifest(b'[{"Config":"\xff"}]'), (4,), ("json.not-utf8",)),
    Case("B03-utf16", lambda: with_manifest(document([_entry()]).decode().encode("utf-16")), (4,), ("json.not-utf8",)),
    Case(
        "B05-utf8-bom",
        lambda: with_manifest(b"\xef\xbb\xbf" + document([_entry()])),
        (0,),
        ("json.bom",),
        _layers_analysed,
    ),
    Case(
        "B06-dup-key",
        lambda: with_manifest(b'[{"Layers":[],' + document(_entry())[1:] + b"]"),
        (0,),
        ("json.duplicate-key",),
        _layers_analysed,
    ),
    Case(
        "B07-key-case",
        lambda: with_manifest(document([_entry()]).replace(b'"Layers"', b'"layers"')),
        (0,),
        ("json.key-case",),
        _layers_analysed,
    ),
    Case("B08-nested-100k", lambda: with_manifest(b"[" * 100_000), (5,), ("limit.json-depth",), cpu=2),
    Case(
        "B08-config-nested-100k",
        lambda: _patched_config(b'"os":', b'"x":' + b"[" * 100_000 + b"]" * 100_000 + b',"os":'),
        (5,),
        ("limit.json-depth",),
        cpu=2,
    ),
    Case(
        "B08-many-nodes",
        lambda: _patched_config(b'"os":', b'"x":[' + b"0," * 300_000 + b'0],"os":'),
        (5,),
        ("limit.json-nodes",),
        cpu=2,
    ),
    Case(
        "B09-manifest-32MiB",
        lambda: with_manifest(b" " * (32 << 20) + document([_entry()])),
        (4, 5),
        ("limit.json-size",),
    ),
    Case(
        "B11-int-5000-digits",
        lambda: _patched_config(b'"os":', b'"x":' + b"1" * 5000 + b',"os":'),
        (0, 4),
        ("json.invalid",),
    ),
    Case("B11-float-1e999", lambda: _patched_config(b'"os":', b'"x":1e999,"os":'), (0,), ("json.huge-number",)),
    Case(
        "B12-lone-surrogate",
        lambda: _patched_config(b'"Cmd":', b'"Labels":{"\\udc80":"\\ud800"},"Cmd":'),
        (0,),
        (),
        _layers_analysed,
    ),
    Case(
        "B14-layers-types",
        lambda: with_manifest([_entry(Layers=[1, None, {}, ["x"]])]),
        (4,),
        WRONG,
        also=(*MISSING, "image.layer-count-mismatch"),
    ),
    Case(
        "B15-layers-traversal",
        lambda: with_manifest([_entry(Layers=["../../../etc/passwd", "/etc/passwd"])]),
        (4,),
        MISSING,
        also=("image.layer-count-mismatch",),
    ),
    Case(
        "B16-config-traversal",
        lambda: with_manifest([_entry(Config="../../../etc/passwd")]),
        (4,),
        MISSING,
        _layers_analysed,
    ),
    Case(
        "B17-no-config-key", lambda: with_manifest([_entry(Config=...)]), (4,), ("json.missing-key",), _layers_analysed
    ),
    Case(
        "B18-more-layers-than-diffids",
        lambda: docker_save(good_layers()[:2], rootfs={"type": "layers", "diff_ids": [digest(good_layers()[0])]}),
        (4,),
        ("image.layer-count-mismatch",),
        _surplus,
    ),
    Case(
        "B18-more-diffids-than-layers",
        lambda: docker_save(
            good_layers(), rootfs={"type": "layers", "diff_ids": [*map(digest, good_layers()), digest(b"absent")]}
        ),
        (4,),
        ("image.layer-count-mismatch",),
        _absent_surplus,
        also=MISSING,
    ),
    Case(
        "B19-bad-diff-id",
        lambda: docker_save(good_layers()[:1], rootfs={"type": "layers", "diff_ids": ["sha256:../x"]}),
        (4,),
        ("oci.bad-digest",),
    ),
    Case(
        "B20-history-short", lambda: with_config(history=history_of(1)), (0,), ("image.history-mismatch",), _no_command
    ),
    Case("B20-history-null", lambda: with_config(history=[]), (0,), (), _layers_analysed),
    Case(
        "B21-history-long",
        lambda: docker_save(good_layers()[:1], history=history_of(10)),
        (0,),
        ("image.history-mismatch",),
    ),
    Case(
        "B22-history-types",
        lambda: with_config(history=[1, None, {"created_by": 5}, "x"]),
        (0, 4),
        WRONG,
        _layers_analysed,
        always=True,
    ),
    *(
        Case(
            f"B23-created-{name}",
            lambda value=value: with_config(created=value),
            (0,),
            ("image.bad-date",) if bad else (),
            _created(value),
        )
        for name, (value, bad) in _CREATED.items()
    ),
    Case(
        "B24-trailing-doc",
        lambda: with_manifest(document([_entry()]) + b" {}"),
        (0,),
        ("json.trailing-data",),
        _layers_analysed,
    ),
    Case("B24-trailing-nul", lambda: with_manifest(document([_entry()]) + b"\0 \n\0"), (0,), (), _layers_analysed),
    Case(
        "B26-evil-tags",
        lambda: with_manifest(
            [
                _entry(
                    RepoTags=[
                        "\x1b]0;owned\x07:1",
                        "<script>alert(1)</script>",
                        "x" * 200_000,
                        "a\u202egnp.exe:1",
                        "",
                        None,
                        "| a | b |",
                        "[x](http://x)",
                        "=cmd|' /C calc'!A0",
                    ]
                )
            ]
        ),
        (0,),
        ("image.bad-tag",),
        _tags,
    ),
    Case(
        "B27-config-types",
        lambda: with_config(
            execution={
                "Env": {"a": 1},
                "Cmd": "sh",
                "ExposedPorts": [1],
                "Labels": ["x"],
                "User": 7,
                "Entrypoint": 1.5,
                "Volumes": "v",
                "Healthcheck": [],
                "Shell": {},
                "OnBuild": 1,
            }
        ),
        (0, 4),
        WRONG,
        _whole_config_null,
        always=True,
    ),
    Case(
        "B27-config-scalars",
        lambda: with_config(architecture=1, os=[], created={}, author=False),
        (0, 4),
        WRONG,
        _layers_analysed,
        always=True,
    ),
    Case(
        "B28-config-not-json",
        lambda: _config_bytes(b"\x7fELF not json"),
        (4,),
        ("json.invalid",),
        _layers_analysed,
        also=("json.not-utf8",),
    ),
    Case("B28-config-list", lambda: _config_bytes(b"[]"), (4,), WRONG, _layers_analysed),
    Case("B29-rootfs-missing", lambda: with_config(rootfs=None), (4,), ("json.missing-key",), _layers_analysed),
    Case("B29-rootfs-list", lambda: with_config(rootfs=[]), (4,), WRONG, _layers_analysed, also=("json.missing-key",)),
    Case(
        "B29-diff-ids-null",
        lambda: with_config(rootfs={"type": "layers", "diff_ids": None}),
        (4,),
        (),
        _layers_analysed,
        also=("image.layer-count-mismatch", "json.missing-key"),
    ),
    Case("B30-1000-images-one-layer", _thousand_images, (0, 5), (), _thousand),
)


# --- OCI --------------------------------------------------------------------------------------------------------------


def _edit_layer(**changes: Any) -> Callable[[Any], Any]:
    """Changes the descriptor of the second layer; the key `mediaType` stands for itself."""

    def edit(descriptors: list[dict[str, Any]]) -> list[dict[str, Any]]:
        second = {**descriptors[1], **changes}
        return [descriptors[0], {key: value for key, value in second.items() if value is not ...}, *descriptors[2:]]

    return edit


def _size_off(by: int) -> bytes:
    return oci_archive(
        good_layers(),
        edit_layers=lambda all_of: [{**all_of[0], "size": all_of[0]["size"] + by}, *all_of[1:]],
    )


def _with_size(value: object) -> bytes:
    return oci_archive(good_layers(), edit_layers=_edit_layer(size=value))


def _layout_file(text: bytes) -> bytes:
    layout = oci_layout(good_layers())
    layout.layout = text
    return layout.tar()


def _index(edit: Callable[[Any], Any]) -> bytes:
    layout = oci_layout(good_layers())
    layout.index = edit
    return layout.tar()


def _tampered(media_type: str, old: bytes, new: bytes) -> bytes:
    """The good layout with a document changed behind its digest's back."""
    layout = oci_layout(good_layers())
    for name, content in layout.blobs.items():
        is_manifest = b'"layers":[' in content
        if old in content and is_manifest == (media_type == MANIFEST):
            layout.blobs[name] = content.replace(old, new, 1)
            return layout.tar()
    raise AssertionError("nothing to change")


def _wrong_kind() -> bytes:
    layout = oci_layout(good_layers())
    nested = document({"schemaVersion": 2, "mediaType": INDEX, "manifests": [layout.manifests[0]]})
    layout.manifests = [layout.add(nested, MANIFEST)]
    return layout.tar()


def _ambiguous() -> bytes:
    layout = oci_layout(good_layers(), edit_manifest=lambda manifest: manifest | {"manifests": []})
    return layout.tar()


def _without_layer() -> bytes:
    layout = oci_layout(good_layers())
    manifest = next(content for content in layout.blobs.values() if b'"layers":[' in content)
    gone = manifest.split(b'"layers":[')[1].split(b"sha256:")[1][:64].decode()
    del layout.blobs["blobs/sha256/" + gone]
    return layout.tar()


def _first_absent(report: Report) -> None:
    layers = report["images"][0]["layers"]
    assert [one["present"] for one in layers] == [False, True, True]
    assert layers[0]["tar_size"] is None
    assert layers[0]["blob_size"]
    assert report["images"][0]["dive"] is None


def _artifact() -> bytes:
    layout = Layout()
    empty = layout.add(b"{}", "application/vnd.oci.empty.v1+json")
    text = layout.add(b"notes", "text/plain")
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "artifactType": "application/x-notes",
        "config": empty,
        "layers": [text],
    }
    layout.manifests.append(layout.add(document(manifest), MANIFEST))
    return layout.tar()


def _attested() -> bytes:
    layout = Layout()
    image = layout.add_image(good_layers())
    image["platform"] = {"os": "linux", "architecture": "amd64"}
    layout.manifests = [image, layout.add_attestation(image)]
    return layout.tar()


def _provenance(materials: list[Any]) -> bytes:
    layout = Layout()
    image = layout.add_image(good_layers())
    statement = {
        "subject": [{"name": "_", "digest": {"sha256": image["digest"][7:]}}],
        "predicateType": "https://slsa.dev/provenance/v0.2",
        "predicate": {"materials": materials},
    }
    layout.manifests = [
        image,
        layout.add_attestation(image, [layout.add(document(statement), "application/vnd.in-toto+json")]),
    ]
    return layout.tar()


def _base_named(name: str | None) -> Callable[[Report], None]:
    def check(report: Report) -> None:
        base = report["images"][0]["base"]
        assert (base["name"], base["confidence"]) == (name, "guess")

    return check


def _attestation_listed(report: Report) -> None:
    assert len(report["images"]) == 1
    assert [one["kind"] for one in report["other"]] == ["attestation"]
    assert report["other"][0]["refers_to"].startswith("sha256:")


def _ten_thousand() -> bytes:
    layout = oci_layout(good_layers(), name=None)
    layout.manifests = layout.manifests * 10_000
    return layout.tar()


def _one_image(report: Report) -> None:
    assert len(report["images"]) == 1


def _both_forms() -> bytes:
    """manifest.json and index.json that name two different images by one tag."""
    layout = oci_layout(good_layers(), name="app:1")
    other = docker_members([good_layers()[0]], names=("app:1",))
    return members_tar([*layout.members(), *other])


def _unreferenced() -> bytes:
    layout = oci_layout(good_layers())
    layout.add(b"u" * 10_000, "application/octet-stream")
    return layout.tar()


def _blob_named(report: Report) -> None:
    found = [one for one in report["other"] if one["kind"] == "unreferenced-blob"]
    assert [one["size"] for one in found] == [10_000]


def _nested(depth: int) -> bytes:
    layout = oci_layout(good_layers())
    for _ in range(depth):
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": layout.manifests}
        layout.manifests = [layout.add(document(index), INDEX)]
    return layout.tar()


def _self_reference() -> bytes:
    """An index whose digest cannot be right names itself by the name of its blob."""
    layout = oci_layout(good_layers())
    name = "sha256:" + "a" * 64
    descriptor = {"mediaType": INDEX, "digest": name, "size": 0}
    text = document({"schemaVersion": 2, "mediaType": INDEX, "manifests": [descriptor, *layout.manifests]})
    layout.blobs["blobs/sha256/" + "a" * 64] = text
    layout.manifests = [descriptor]
    return layout.tar()


def _data(value: object, *, drop: bool = False) -> bytes:
    layout = oci_layout(good_layers())
    name = next(name for name, content in layout.blobs.items() if b'"rootfs"' in content)
    content = layout.blobs[name]
    carried = base64.b64encode(content).decode() if value is ... else value
    edited = oci_layout(good_layers(), edit_manifest=lambda one: one | {"config": one["config"] | {"data": carried}})
    if drop:
        del edited.blobs[name]
    return edited.tar()


def _unsupported(report: Report) -> None:
    layers = report["images"][0]["layers"]
    assert layers[0]["present"] is True


_DIGESTS: dict[str, tuple[object, str]] = {
    "traversal": ("sha256:../../../../etc/passwd", "oci.bad-digest"),
    "short": ("sha256:abc", "oci.bad-digest"),
    "upper": ("sha256:" + "A" * 64, "oci.bad-digest"),
    "noalg": ("a" * 64, "oci.bad-digest"),
    "emptyenc": ("sha256:", "oci.bad-digest"),
    "md5": ("md5:" + "a" * 32, "oci.unsupported-digest"),
    "unknown": ("xyz+1:" + "a" * 40, "oci.unsupported-digest"),
    "empty": ("", "oci.bad-digest"),
    "int": (7, "oci.bad-digest"),
    "null": (None, "oci.bad-digest"),
    "esc": ("sha256:\x1b[2J", "oci.bad-digest"),
    "slash": ("sha256:" + "a" * 60 + "/../", "oci.bad-digest"),
    "list": (["sha256:" + "a" * 64], "oci.bad-digest"),
    "newline": ("sha256:" + "a" * 64 + "\n", "oci.bad-digest"),
}


def _layers_kept(report: Report) -> None:
    layers = report["images"][0]["layers"]
    assert len(layers) == 3
    assert layers[0]["present"]


def _tampered_layer() -> bytes:
    layout = oci_layout(good_layers(), compression="none")
    name = next(name for name, content in layout.blobs.items() if b"etc/hosts" in content and b"127.0.0.1" in content)
    layout.blobs[name] = layout.blobs[name].replace(b"127.0.0.1", b"127.0.0.2")
    return layout.tar()


def _id_of_content(report: Report) -> None:
    assert report["images"][0]["id"] == digest(document(image_config(good_layers())))


def _foreign() -> bytes:
    foreign = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"

    def edit(all_of: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{**all_of[0], "mediaType": foreign, "urls": ["https://example.invalid/\x1b[2J"]}, *all_of[1:]]

    layout = oci_layout(good_layers(), edit_layers=edit)
    manifest = next(content for content in layout.blobs.values() if b'"layers":[' in content)
    gone = manifest.split(b'"layers":[')[1].split(b"sha256:")[1][:64].decode()
    del layout.blobs["blobs/sha256/" + gone]
    return layout.tar()


def _unreadable(report: Report) -> None:
    second = report["images"][0]["layers"][1]
    assert second["blob_size"]
    assert second["tar_size"] is None
    assert second["content_size"] is None


def _schema1() -> bytes:
    layout = Layout()
    text = document(
        {"schemaVersion": 1, "name": "x", "tag": "1", "fsLayers": [{"blobSum": digest(b"x")}], "history": []}
    )
    layout.manifests.append(layout.add(text, "application/vnd.docker.distribution.manifest.v1+prettyjws"))
    return layout.tar()


def _two_named(report: Report) -> None:
    assert len(report["images"]) == 2
    assert "image.forms-disagree" in codes_of(report)


OCI_CASES = (
    Case("C02-good-gzip", lambda: oci_archive(good_layers()), (0,), (), _layers_analysed),
    Case("C03-good-zstd", lambda: oci_archive(good_layers(), compression="zstd"), (0,), (), _layers_analysed),
    Case(
        "C03-mixed",
        lambda: oci_archive(good_layers(), compression=["none", "gzip", "zstd"]),
        (0,),
        (),
        _layers_analysed,
    ),
    Case("C04-docker-oci", lambda: docker_oci(good_layers()), (0,), (), _layers_analysed),
    Case(
        "C05-layout-version",
        lambda: _layout_file(b'{"imageLayoutVersion":"9.9.9"}'),
        (0,),
        ("oci.layout-version",),
        _layers_analysed,
    ),
    Case("C05-layout-missing", lambda: _layout_file(b""), (0,), ("oci.layout-missing",), _layers_analysed),
    Case("C06-layout-garbage", lambda: _layout_file(b"\x00garbage"), (0, 4), ("json.invalid",), _layers_analysed),
    Case("C07-index-garbage", lambda: _index(lambda _: b"\x00garbage"), (4,), ("json.invalid",)),
    Case("C07-index-list", lambda: _index(lambda _: []), (4,), ("json.wrong-type",)),
    Case(
        "C07-index-manifests-object",
        lambda: _index(lambda index: index | {"manifests": {}}),
        (3, 4),
        ("json.wrong-type",),
    ),
    Case(
        "C07-descriptor-null",
        lambda: _index(lambda index: index | {"manifests": [None, 1, *index["manifests"]]}),
        (4,),
        ("json.wrong-type",),
        _layers_analysed,
    ),
    Case("C08-mediatype-mismatch", _wrong_kind, (4,), ("oci.mediatype-mismatch",)),
    Case("C08-ambiguous", _ambiguous, (4,), ("oci.ambiguous-document",)),
    *(
        Case(
            f"C09-digest-{name}",
            lambda value=value: oci_archive(good_layers(), edit_layers=_edit_layer(digest=value)),
            (4,),
            (code,),
            _layers_kept,
            also=MISSING,
        )
        for name, (value, code) in _DIGESTS.items()
    ),
    Case(
        "C10-manifest-digest",
        lambda: _index(lambda index: index | {"manifests": [index["manifests"][0] | {"digest": "sha256:../x"}]}),
        (4,),
        ("oci.bad-digest",),
    ),
    Case(
        "C10-config-digest",
        lambda: oci_archive(good_layers(), edit_manifest=lambda one: one | {"config": one["config"] | {"digest": "x"}}),
        (4,),
        ("oci.bad-digest",),
        _layers_analysed,
    ),
    Case("C11-size-small", lambda: _size_off(-1), (4,), ("oci.size-mismatch",), _layers_analysed),
    Case("C12-size-large", lambda: _size_off(1), (4,), ("oci.size-mismatch",), _layers_analysed),
    *(
        Case(f"C13-size-{name}", lambda value=value: _with_size(value), (4,), ("oci.bad-size",), _layers_kept)
        for name, value in {"negative": -1, "float": 1.5, "text": "10", "null": None, "2^63": 2**63}.items()
    ),
    Case(
        "C14-config-digest-mismatch",
        lambda: _tampered(CONFIG, b"/bin/sh", b"/bin/su"),
        (4,),
        ("oci.digest-mismatch",),
        _layers_analysed,
    ),
    Case(
        "C15-manifest-digest-mismatch",
        lambda: _tampered(MANIFEST, b'"schemaVersion":2', b'"schemaVersion":3'),
        (4,),
        ("oci.digest-mismatch",),
        _layers_analysed,
    ),
    Case(
        "C16-layer-digest-mismatch",
        _tampered_layer,
        (0,),
        (),
        _layers_analysed,
        verified=(4,),
        verified_codes=("oci.digest-mismatch", "image.diffid-mismatch"),
    ),
    Case(
        "C17-docker-diffid-mismatch",
        lambda: docker_save(good_layers(), config=image_config([b"x", *good_layers()[1:]])),
        (0,),
        (),
        _layers_analysed,
        verified=(4,),
        verified_codes=("image.diffid-mismatch",),
    ),
    Case(
        "C18-docker-config-name",
        lambda: docker_save(good_layers(), config_name="0" * 64 + ".json"),
        (0,),
        ("image.config-name-mismatch",),
        _id_of_content,
    ),
    Case("C19-data-only", lambda: _data(..., drop=True), (0,), (), _layers_analysed),
    Case("C20-data-bad-b64", lambda: _data("***"), (0,), ("oci.data-mismatch",), _layers_analysed),
    Case("C20-data-other", lambda: _data("e30="), (0,), ("oci.data-mismatch",), _layers_analysed),
    Case(
        "C20-data-bad-alone",
        lambda: _data("***", drop=True),
        (4,),
        (),
        _layers_analysed,
        also=(*MISSING, "oci.data-mismatch"),
    ),
    Case("C21-blob-missing", _without_layer, (4,), MISSING, _first_absent),
    Case("C22-foreign-layer", _foreign, (4,), MISSING, _first_absent),
    Case("C22-foreign-layer-allowed", _foreign, (0,), MISSING, arguments=("--allow-missing",)),
    Case(
        "C23-unknown-mediatype",
        lambda: oci_archive(good_layers(), edit_layers=_edit_layer(mediaType="application/x-foo")),
        (0,),
        ("oci.unknown-mediatype",),
        _layers_analysed,
    ),
    Case(
        "C24-lying-mediatype",
        lambda: oci_archive(good_layers(), compression="none", edit_layers=_edit_layer(mediaType=LAYER + "+gzip")),
        (0,),
        ("oci.mediatype-lie",),
        _layers_analysed,
    ),
    Case(
        "C25-encrypted",
        lambda: oci_archive(good_layers(), edit_layers=_edit_layer(mediaType=LAYER + "+gzip+encrypted")),
        (4,),
        ("layer.unreadable",),
        _unreadable,
    ),
    Case(
        "C25-encrypted-allowed",
        lambda: oci_archive(good_layers(), edit_layers=_edit_layer(mediaType=LAYER + "+encrypted")),
        (0,),
        ("layer.unreadable",),
        arguments=("--allow-missing",),
    ),
    Case("C26-artifact", _artifact, (3,), ("oci.not-an-image",)),
    Case("C27-attestation", _attested, (0,), (), _attestation_listed),
    Case(
        "C27-provenance-hostile-name",
        lambda: _provenance([{"uri": "pkg:docker/%1b[31m%0a%0a::error::%E2%80%AE%ff@1"}]),
        (0,),
        (),
        _base_named("\x1b[31m\n\n::error::\u202e\ufffd:1"),
    ),
    Case(
        "C27-provenance-of-all",
        lambda: _provenance([{"uri": f"pkg:docker/a{number}@1"} for number in range(100_000)]),
        (0,),
        (),
        _base_named(None),
    ),
    Case("C28-index-depth-8", lambda: _nested(7), (0,), (), _layers_analysed),
    Case("C28-index-depth-12", lambda: _nested(12), (5,), ("limit.index-depth",)),
    Case("C28-index-cycle", _self_reference, (4,), (), also=("oci.digest-mismatch", "oci.size-mismatch")),
    Case("C29-index-10000", _ten_thousand, (0, 5), ("limit.manifests",), _one_image),
    Case("C30-index-empty", lambda: _index(lambda index: index | {"manifests": []}), (3,), ("image.no-images",)),
    Case("C30-index-null", lambda: _index(lambda index: index | {"manifests": None}), (3,), ("image.no-images",)),
    Case("C31-schema-1", _schema1, (3, 4), ("oci.not-an-image",)),
    Case("C32-both-forms", _both_forms, (4,), ("image.forms-disagree",), _two_named),
    Case("C33-blob-unreferenced", _unreferenced, (0,), ("oci.unreferenced-blob",), _blob_named),
)

CASES = (*DOCKER_CASES, *OCI_CASES)
