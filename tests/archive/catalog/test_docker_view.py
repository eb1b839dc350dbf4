"""manifest.json and the v1 documents, damaged and odd ones too: image-formats.md 1.2 to 1.4."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from imgtar.limits import DEFAULT
from tests.archive.opening import archive, images, outcome
from tests.builders import (
    digest,
    docker_members,
    docker_save,
    document,
    file,
    good_layers,
    history_of,
    image_config,
    members_tar,
    tar,
)

LAYER = good_layers()[0]


def saved(**options: Any) -> bytes:
    return docker_save([LAYER], **options)


def with_config(**changes: Any) -> bytes:
    return saved(**changes)


def entry(**changes: Any) -> list[dict[str, Any]]:
    """The list in manifest.json of a save of LAYER, with changed keys (None: removed)."""
    found = json.loads(dict(docker_members([LAYER]))["manifest.json"])[0]
    found.update(changes)
    return [{key: value for key, value in found.items() if value is not None}]


CONFIG_NAME = docker_members([LAYER])[1][0]
LAYER_NAME = docker_members([LAYER])[0][0]
TWICE = b'[{"Config":"x","Config":"%s","Layers":[],"Layers":["%s"]}]' % (
    str(CONFIG_NAME).encode(),
    str(LAYER_NAME).encode(),
)

HISTORY = "image.history-mismatch"
TWO = good_layers()[:2]
COUNT = "image.layer-count-mismatch"
CONFIG = document(image_config([LAYER]))
LONE = CONFIG.replace(b'"Cmd"', b'"Labels":{"a":"\\ud800"},"Cmd"')
EVIL = ["\x1b]0;x\x07:1", "<script>", "a" * 200_000, "a\u202eb", "", None, "ok:1"]
WRONG = {"Env": {}, "Cmd": "sh", "ExposedPorts": [], "Labels": [], "User": 7}

CASES: list[tuple[str, Callable[[], bytes], int, set[str]]] = [
    ("B02-manifest-null", lambda: saved(manifest=b"null"), 4, {"json.wrong-type"}),
    ("B02-manifest-object", lambda: saved(manifest=b"{}"), 4, {"json.wrong-type"}),
    ("B02-manifest-number", lambda: saved(manifest=b"42"), 4, {"json.wrong-type"}),
    ("B02-manifest-string", lambda: saved(manifest=b'"x"'), 4, {"json.wrong-type"}),
    ("B02-manifest-list-null", lambda: saved(manifest=b"[null]"), 4, {"json.wrong-type"}),
    ("B02-manifest-list-str", lambda: saved(manifest=b'["x"]'), 4, {"json.wrong-type"}),
    ("B02-manifest-empty", lambda: saved(manifest=b""), 4, {"json.wrong-type"}),
    ("B02-manifest-emptylist", lambda: saved(manifest=[]), 3, {"image.no-images"}),
    ("B03-bad-utf8", lambda: saved(manifest=b'[{"Config":"\xff"}]'), 4, {"json.not-utf8"}),
    ("B05-utf8-bom", lambda: saved(manifest=b"\xef\xbb\xbf" + document(entry())), 0, {"json.bom"}),
    ("B06-dup-key", lambda: saved(manifest=TWICE), 0, {"json.duplicate-key"}),
    ("B08-nested-100k", lambda: saved(manifest=b"[" * 100_000), 5, {"limit.json-depth"}),
    ("B09-manifest-32MiB", lambda: saved(manifest=b" " * (32 << 20)), 5, {"limit.json-size"}),
    ("B11-int", lambda: saved(config=b'{"a":%s,' % (b"9" * 5000) + CONFIG[1:]), 0, {"json.huge-number"}),
    ("B12-lone-surrogate", lambda: with_config(config=LONE), 0, set()),
    (
        "B14-layers-types",
        lambda: saved(manifest=entry(Layers=[1, None, {}, ["x"]])),
        4,
        {"json.wrong-type", COUNT, HISTORY},
    ),
    (
        "B15-layers-traversal",
        lambda: saved(manifest=entry(Layers=["../../../etc/passwd", "/etc/passwd"])),
        4,
        {"image.missing-member", COUNT, HISTORY},
    ),
    ("B17-no-config-key", lambda: saved(manifest=entry(Config=None)), 4, {"json.missing-key"}),
    ("B18", lambda: docker_save(TWO, config=image_config([LAYER])), 4, {COUNT, HISTORY}),
    ("B20-history-short", lambda: docker_save(TWO, history=history_of(1)), 0, {HISTORY}),
    ("B21-history-long", lambda: saved(history=[{"created_by": "RUN x"}] * 10), 0, {HISTORY}),
    ("B23-created-text", lambda: saved(created="not a date"), 0, {"image.bad-date"}),
    ("B23-created-year0", lambda: saved(created="0000-00-00T00:00:00Z"), 0, {"image.bad-date"}),
    ("B23-created-year99999", lambda: saved(created="99999-01-01T00:00:00Z"), 0, {"image.bad-date"}),
    ("B23-created-nanos", lambda: saved(created="2024-01-02T03:04:05.123456789+05:30"), 0, set()),
    ("B23-created-leap", lambda: saved(created="2016-12-31T23:59:60Z"), 0, set()),
    ("B23-created-notz", lambda: saved(created="2024-01-02T03:04:05"), 0, {"image.bad-date"}),
    ("B24-trailing-doc", lambda: saved(manifest=document(entry()) + b" {}"), 0, {"json.trailing-data"}),
    ("trailing NULs", lambda: saved(manifest=document(entry()) + b"\0\n"), 0, set()),
    ("B26-evil-tags", lambda: saved(manifest=entry(RepoTags=EVIL)), 0, {"image.bad-tag"}),
    ("B27-config-types", lambda: saved(config=image_config([LAYER], config=WRONG)), 0, {"json.wrong-type"}),
    ("B29-rootfs-missing", lambda: saved(rootfs=None), 4, {"json.missing-key"}),
    ("C18-docker-config-name", lambda: saved(config_name="a" * 64 + ".json"), 0, {"image.config-name-mismatch"}),
    ("config absent", lambda: saved(manifest=entry(Config="b" * 64 + ".json")), 4, {"image.missing-member"}),
    ("key case", lambda: saved(manifest=document(entry()).replace(b"Layers", b"layers")), 0, {"json.key-case"}),
    ("null lists", lambda: docker_save([], manifest=None, history=None, rootfs={"type": "layers"}), 0, set()),
]


@pytest.fixture(params=[case[1:] for case in CASES], ids=[case[0] for case in CASES])
def case(request: pytest.FixtureRequest) -> tuple[Callable[[], bytes], int, set[str]]:
    found: tuple[Callable[[], bytes], int, set[str]] = request.param
    return found


def test_documents(case: tuple[Callable[[], bytes], int, set[str]], tmp_path: Path) -> None:
    build, code, codes = case
    assert outcome(build(), tmp_path) == (code, codes)


def test_layers_without_a_config_are_read(tmp_path: Path) -> None:
    image = images(saved(manifest=entry(Config=None)), tmp_path).images[0]
    assert image.record.image_id is None
    assert [layer.scan is not None for layer in image.layers] == [True]


def test_an_absent_config_gives_its_claimed_digest(tmp_path: Path) -> None:
    image = images(saved(manifest=entry(Config="b" * 64 + ".json")), tmp_path).images[0]
    assert image.record.image_id == "sha256:" + "b" * 64


def test_wrong_types_are_none_or_empty(tmp_path: Path) -> None:
    """B27: what is stored stands in the finding."""
    image = images(saved(config=image_config([LAYER], config=WRONG)), tmp_path).images[0]
    run = image.execution
    assert (run.env, run.cmd, run.exposed_ports, run.labels, run.user) == ((), (), (), {}, None)
    assert {finding.arguments["stored"] for finding in image.findings} == {"{}", '"sh"', "[]", "7"}


def test_names_are_familiar_and_unique(tmp_path: Path) -> None:
    names = ("docker.io/library/mysql:8", "mysql:8", "index.docker.io/r/x:1", "localhost/a:1")
    assert images(saved(names=names), tmp_path).images[0].record.names == ("mysql:8", "r/x:1", "localhost/a:1")


def test_surplus_diff_ids_are_absent_layers(tmp_path: Path) -> None:
    config = image_config([LAYER, LAYER])
    image = images(saved(config=config), tmp_path).images[0]
    assert [layer.present for layer in image.layers] == [True, False]
    assert str(image.layers[1].diff_id) == digest(LAYER)


def test_surplus_layers_have_no_diff_id(tmp_path: Path) -> None:
    image = images(docker_save([LAYER, good_layers()[1]], config=image_config([LAYER])), tmp_path).images[0]
    assert [layer.diff_id is None for layer in image.layers] == [False, True]
    assert [layer.chain_id is None for layer in image.layers] == [False, True]
    assert all(layer.scan is not None for layer in image.layers)


def test_a_thousand_images_over_one_layer_read_it_once(tmp_path: Path) -> None:
    """B30."""
    opened = images(saved(manifest=entry() * 500 + entry(RepoTags=["b:2"]) * 500), tmp_path)
    assert [image.record.names for image in opened.images] == [("app:1", "b:2")]
    configs = [(f"c{n}.json", document(image_config([LAYER], author=str(n)))) for n in range(1000)]
    entries = [{"Config": name, "RepoTags": [f"a:{n}"], "Layers": ["l"]} for n, (name, _) in enumerate(configs)]
    many = images(members_tar([("l", LAYER), *configs, ("manifest.json", document(entries))]), tmp_path)
    assert len(many.images) == 1000
    assert len({id(image.layers[0].scan) for image in many.images}) == 1


def test_limits_of_images_layers_and_history(tmp_path: Path) -> None:
    few = msgspec.structs.replace(DEFAULT, images=1, layers=1, history=1)
    two = entry() + entry(Config="x")
    assert outcome(saved(manifest=two), tmp_path, few) == (5, {"limit.images"})
    long = docker_save(good_layers()[:2])
    assert {"limit.layers", "limit.history"} <= outcome(long, tmp_path, few)[1]


def v1(layers: dict[str, dict[str, Any]], repositories: object = None) -> bytes:
    members = []
    for name, text in layers.items():
        members += [(f"{name}/VERSION", b"1.0"), (f"{name}/json", document(text)), (f"{name}/layer.tar", LAYER)]
    return members_tar([*members, *([("repositories", document(repositories))] if repositories else [])])


IDS = ["a" * 64, "b" * 64, "c" * 64]
CHAIN: dict[str, dict[str, Any]] = {
    IDS[1]: {"id": IDS[1], "parent": IDS[0], "container_config": {"Cmd": ["/bin/sh", "-c", "make"]}, "os": "linux"},
    IDS[0]: {"id": IDS[0], "created": "2013-01-01T00:00:00Z"},
    IDS[2]: {"id": IDS[2], "parent": IDS[1], "config": {"User": "u"}, "architecture": "amd64"},
}


def test_a_v1_chain_is_base_first(tmp_path: Path) -> None:
    opened = images(v1(CHAIN, {"old": {"1": IDS[2]}}), tmp_path)
    assert opened.form == "docker-legacy"
    assert outcome(v1(CHAIN, {"old": {"1": IDS[2]}}), tmp_path) == (0, set())
    (image,) = opened.images
    assert (image.record.names, image.record.image_id) == (("old:1",), IDS[2])
    assert [layer.ref.named.decode()[0] for layer in image.layers] == ["a", "b", "c"]
    assert [step.entry.created_by for step in image.pairing.steps] == [None, "/bin/sh -c make", None]
    assert [step.layer for step in image.pairing.steps] == [0, 1, 2]
    assert image.execution.user == "u"
    assert image.layers[0].diff_id is None
    verified = images(v1(CHAIN), tmp_path, verify=True).images[0]
    assert str(verified.layers[0].diff_id) == digest(LAYER)


def test_v1_heads_are_no_parents_or_have_a_name(tmp_path: Path) -> None:
    named = images(v1(CHAIN, {"base": {"1": IDS[0]}}), tmp_path).images
    assert {image.record.image_id for image in named} == {IDS[0], IDS[2]}
    assert [image.record.names for image in named if image.record.image_id == IDS[2]] == [()]


def test_a_broken_v1_chain_shows_what_is_above_the_gap(tmp_path: Path) -> None:
    raw = v1({key: value for key, value in CHAIN.items() if key != IDS[1]})
    assert outcome(raw, tmp_path) == (4, {"image.parent-missing"})
    looped = {IDS[0]: CHAIN[IDS[0]] | {"parent": IDS[2]}, IDS[1]: CHAIN[IDS[1]], IDS[2]: CHAIN[IDS[2]]}
    assert outcome(v1(looped, {"x": {"1": IDS[2]}}), tmp_path) == (4, {"image.link-cycle"})


def test_no_layer_is_read_to_list_images(tmp_path: Path) -> None:
    big = tar(file("big", bytes(1 << 20)))
    opened = archive(docker_save([big]), tmp_path)
    assert opened.catalog.images[0].layers[0].blob is not None
