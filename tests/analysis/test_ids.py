"""IDs and `docker rmi` lines against what docker itself printed."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Iterator
from typing import Any

import pytest
import zstandard

from imgtar.analysis.ids import Identity, identify
from imgtar.formats.digest import Digest, known_chain
from tests.paths import FIXTURES

RECORDED = [
    (path.parent.name, path.stem)
    for path in sorted(FIXTURES.glob("truth/*/docker-*.json"))
    if json.loads(path.read_bytes()).get("rmi")
]
CLASSIC = [(name, store) for name, store in RECORDED if store in ("docker-d20", "docker-d26")]
CONTAINERD = [(name, store) for name, store in RECORDED if store == "docker-d26c"]


def documents(name: str) -> dict[str, bytes]:
    """The small members of an archive or directory by cleaned name."""
    path = FIXTURES / name
    if path.is_dir():
        return {str(file.relative_to(path)): file.read_bytes() for file in path.rglob("*") if file.is_file()}
    raw = path.read_bytes()
    if name.endswith(".zst"):
        raw = zstandard.ZstdDecompressor().decompressobj().decompress(raw)
    if name.endswith(".gz"):
        raw = gzip.decompress(raw)
    members = {}
    with tarfile.open(fileobj=io.BytesIO(raw)) as archive:
        for member in archive:
            stream = archive.extractfile(member) if member.isfile() else None
            if stream is not None and member.size < 1 << 20:
                members[member.name.removeprefix("./")] = stream.read()
    return members


def familiar(name: str) -> str:
    return name.removeprefix("docker.io/").removeprefix("library/")


def truth(name: str, store: str) -> tuple[list[str], list[str]]:
    """The recorded references in their order, and all lines of `docker rmi`."""
    recorded = json.loads((FIXTURES / "truth" / name / f"{store}.json").read_bytes())["rmi"]
    return [entry["ref"] for entry in recorded], [line for entry in recorded for line in entry["stdout"]]


def in_recorded_order(images: list[Identity], references: list[str]) -> list[Identity]:
    """As the truth's `rmi` list removes them, not as the archive lists them."""

    def place(image: Identity) -> int:
        known = [*image.names, str(image.image_id), str(image.target)]
        return min(references.index(name) for name in known if name in references)

    return sorted(images, key=place)


def docker_images(members: dict[str, bytes]) -> Iterator[Identity]:
    for entry in json.loads(members["manifest.json"]):
        config = members[entry["Config"]]
        diff_ids = [Digest.parse(text) for text in json.loads(config)["rootfs"].get("diff_ids") or []]
        yield Identity(
            names=[familiar(name) for name in entry["RepoTags"] or []],
            image_id=Digest.of(config),
            target=None,
            diff_ids=diff_ids,
            digests=[None] * len(diff_ids),
        )


def indexed_images(members: dict[str, bytes], references: list[str]) -> list[Identity]:
    """One image per digest that index.json names; names where they are whole, else the recorded one."""
    names: dict[str, list[str]] = {}
    for descriptor in json.loads(members["index.json"])["manifests"]:
        annotations: dict[str, Any] = descriptor.get("annotations") or {}
        name = annotations.get("io.containerd.image.name") or annotations.get("org.opencontainers.image.ref.name", "")
        known = names.setdefault(descriptor["digest"], [])
        if familiar(name) in references:
            known.append(familiar(name))
    if len(names) == 1 and not any(names.values()):
        names = {digest: [name for name in references if "sha256:" not in name] for digest in names}
    return [
        Identity(names=known, image_id=None, target=Digest.parse(digest), diff_ids=[], digests=[])
        for digest, known in names.items()
    ]


@pytest.mark.parametrize(("name", "store"), CLASSIC)
def test_classic_store_prints_what_docker_printed(name: str, store: str) -> None:
    references, lines = truth(name, store)
    images = in_recorded_order(list(docker_images(documents(name))), references)
    assert [line for ids in identify(images) for line in ids.graphdriver.rmi or ["missing"]] == lines


@pytest.mark.parametrize(("name", "store"), CONTAINERD)
def test_containerd_store_prints_what_docker_printed(name: str, store: str) -> None:
    members = documents(name)
    if "index.json" not in members:
        for ids in identify(list(docker_images(members))):
            assert (ids.containerd.image_id, ids.containerd.rmi) == (None, None)
        return
    references, lines = truth(name, store)
    images = in_recorded_order(indexed_images(members, references), references)
    assert [line for ids in identify(images) for line in ids.containerd.rmi or ["missing"]] == lines


def test_both_stores_are_covered_by_recorded_truth() -> None:
    assert len(CLASSIC) > 20
    assert len(CONTAINERD) > 15


def digest(text: str) -> Digest:
    return Digest.of(text.encode())


def image(name: str, *layers: str, **changes: Any) -> Identity:
    fields: dict[str, Any] = {
        "names": [f"{name}:1"],
        "image_id": digest(name),
        "target": None,
        "diff_ids": [digest(layer) for layer in layers],
        "digests": [None] * len(layers),
    }
    return Identity(**fields | changes)


def deleted(*digests: Digest | None) -> list[str]:
    return [f"Deleted: {one}" for one in digests]


def test_first_chain_id_is_the_diff_id_and_the_next_hashes_the_prefixed_text() -> None:
    base, top = digest("base"), digest("top")
    assert known_chain([base, top]) == [base, Digest.of(f"{base} {top}".encode())]


def test_short_digits() -> None:
    (ids,) = identify([image("a", "x", digests=[digest("blob")])])
    layer = ids.layers[0]
    assert layer.pull == digest("blob").encoded[:12]
    assert layer.load == layer.chain == digest("x").encoded[:12]


def test_pull_digits_are_unknown_where_no_manifest_states_the_blob() -> None:
    assert identify([image("a", "x")])[0].layers[0].pull is None


def test_a_shared_layer_goes_with_the_last_image_that_needs_it() -> None:
    first, second = image("a", "base", "a"), image("b", "base", "b", "c")
    chain_a, chain_b = known_chain(first.diff_ids), known_chain(second.diff_ids)
    ids = identify([first, second])
    assert ids[0].graphdriver.rmi == ("Untagged: a:1", *deleted(first.image_id, chain_a[1]))
    assert ids[1].graphdriver.rmi == ("Untagged: b:1", *deleted(second.image_id, *reversed(chain_b)))


def test_same_diff_id_above_another_layer_is_not_shared() -> None:
    first, second = image("a", "x", "y"), image("b", "z", "y")
    ids = identify([first, second])
    assert len(ids[0].graphdriver.rmi or ()) == 4


def test_image_without_names_is_only_deleted() -> None:
    only = image("a", "x", names=[])
    assert identify([only])[0].graphdriver.rmi == tuple(deleted(only.image_id, digest("x")))


def test_image_without_layers() -> None:
    assert identify([image("a")])[0].graphdriver.rmi == ("Untagged: a:1", *deleted(digest("a")))


def test_one_image_listed_twice_goes_with_its_last_name() -> None:
    ids = identify([image("a", "x"), image("a", "x", names=["b:1"])])
    assert ids[0].graphdriver.rmi == ("Untagged: a:1",)
    assert ids[1].graphdriver.rmi == ("Untagged: b:1", *deleted(digest("a"), digest("x")))


def test_v1_image_has_no_place_in_a_store() -> None:
    ids = identify([image("a", "x", image_id=None)])[0]
    assert (ids.graphdriver.image_id, ids.graphdriver.rmi) == (None, None)


def test_unknown_diff_id_leaves_the_chain_and_the_lines_unknown() -> None:
    ids = identify([image("a", "x", "y", "z", diff_ids=[digest("x"), None, digest("z")])])[0]
    assert [layer.chain_id for layer in ids.layers] == [digest("x"), None, None]
    assert ids.layers[2].load == digest("z").encoded[:12]
    assert ids.graphdriver.image_id == digest("a")
    assert ids.graphdriver.rmi is None


def test_containerd_store_names_the_target_alone() -> None:
    ids = identify([image("a", "x", target=digest("index"), names=["a:1", "a:2"])])[0]
    assert ids.containerd.image_id == digest("index")
    assert ids.containerd.rmi == ("Untagged: a:1", "Untagged: a:2", *deleted(digest("index")))
