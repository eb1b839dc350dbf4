"""Archives of many images: what they share is in memory once, and of the rest as little as possible at a time."""

from __future__ import annotations

import gc
import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from imgtar.analysis import stacks
from imgtar.answers.options import InspectOptions
from imgtar.answers.session import Session
from imgtar.api import inspect
from imgtar.cli.main import run
from imgtar.filesystem.tree import FileTree
from imgtar.limits import DEFAULT
from tests.builders import digest, document, file, gzip, image_config, layer, members_tar
from tests.growth import assert_linear

BASE = layer(*(file(f"d{number % 9}/{number}", b"x", mode=0o666) for number in range(1_000)))


def saved(folder: Path, images: list[list[bytes]]) -> Path:
    """A docker save of images with these layers, each stored once, and a config of their own."""
    members: dict[str, bytes] = {}
    manifest = []
    for number, layers in enumerate(images):
        names = [f"{digest(content)[7:]}.tar" for content in layers]
        text = document(image_config(layers, author=f"{number}"))
        config = f"{digest(text)[7:]}.json"
        members |= dict(zip(names, layers, strict=True)) | {config: text}
        manifest.append({"Config": config, "RepoTags": [f"app:{number}"], "Layers": names})
    path = folder / f"{len(images)}.tar"
    path.write_bytes(members_tar([*members.items(), ("manifest.json", document(manifest))]))
    return path


def alike(count: int) -> list[list[bytes]]:
    return [[BASE]] * count


def different(count: int) -> list[list[bytes]]:
    return [[BASE, layer(file(f"own{number}", b"y"))] for number in range(count)]


def quietly(*arguments: str) -> None:
    """Runs the command line with its reports in the void."""
    assert run([*arguments, "-o", f"json={os.devnull}", "--quiet"]) == 0


def peak(work: Callable[[], object]) -> int:
    gc.collect()
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def trees() -> int:
    gc.collect()
    return sum(isinstance(thing, FileTree) for thing in gc.get_objects())


@pytest.mark.parametrize("command", ["inspect", "audit", "check"])
def test_images_with_the_same_layers_cost_no_tree(command: str, tmp_path: Path) -> None:
    options = ("--max-layers", "9") if command == "check" else ()
    few, many = (saved(tmp_path, alike(count)) for count in (10, 40))
    quietly(command, str(few), *options)  # modules are imported
    one, four = (peak(lambda path=path: quietly(command, str(path), *options)) for path in (few, many))
    assert four - one < 30 * 15_000  # the tree of 1,000 paths and its changes take some 100 kB


@pytest.mark.parametrize("options", [InspectOptions(summary=True), InspectOptions(summary=True, audit=True)])
def test_a_summary_keeps_one_tree_at_a_time(options: InspectOptions, tmp_path: Path) -> None:
    few, many = (saved(tmp_path, different(count)) for count in (10, 40))
    inspect(few, options)
    one, four = (peak(lambda path=path: inspect(path, options).session) for path in (few, many))
    assert four - one < 30 * 30_000
    before = trees()
    session = inspect(many, options).session
    assert trees() - before <= 1
    assert len(session.document.images) == 40


def rows(session: Session) -> list[object]:
    images = [msgspec.to_builtins(image) for image in session.document.images]
    findings = msgspec.to_builtins(session.document.findings)
    changes = [[*session.changes(number, 0), *session.changes(number, 1)] for number in range(len(images))]
    return [images, findings, changes, [list(session.files(number)) for number in range(len(images))]]


def test_stacks_that_were_dropped_are_made_again_and_equal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path, different(5))
    kept = inspect(path, InspectOptions(audit=True)).session
    before = trees()
    everything = rows(kept)
    assert trees() == before
    monkeypatch.setattr(stacks, "KEPT_ROWS", 4_500)  # two stacks
    dropped = inspect(path, InspectOptions(audit=True)).session
    assert trees() - before == 3
    assert rows(dropped) == everything


def test_copies_of_a_layer_share_one_tree_where_digests_are_known(tmp_path: Path) -> None:
    """Forty images of one config, each with a layer of its own name and the same bytes; a stream is hashed."""
    text = document(image_config([BASE], history=[{"created_by": "COPY a /"}] * 500))
    layers = {f"l{number}.tar": BASE for number in range(40)}
    manifest = [{"Config": "c.json", "RepoTags": [f"app:{name}"], "Layers": [name]} for name in layers]
    path = tmp_path / "forty.tar.gz"
    path.write_bytes(gzip(members_tar([*layers.items(), ("c.json", text), ("manifest.json", document(manifest))])))
    before = trees()
    session = inspect(path).session
    assert trees() - before == 1
    images = session.document.images
    assert len(images) == 40
    assert len({id(image.history) for image in images}) == 1
    assert images[0].totals == images[39].totals


@pytest.mark.parametrize("audit", [False, True])
def test_images_with_the_same_layers_cost_linear_time(audit: bool, tmp_path: Path) -> None:
    def prepare(count: int) -> Callable[[], object]:
        path = saved(tmp_path, alike(count))
        return lambda: inspect(path, InspectOptions(audit=audit)).document

    prepare(2)()
    assert_linear(prepare, 10)


def test_entries_of_all_images_are_limited(tmp_path: Path) -> None:
    layers = [layer(file("a")), layer(file("b"))]
    path = saved(tmp_path, [layers] * 3)
    session = inspect(path, InspectOptions(limits=msgspec.structs.replace(DEFAULT, archive_entries=2))).session
    document = session.document
    assert not document.complete
    assert [[layer.entry_count for layer in image.layers] for image in document.images] == [
        [1, 1],
        [1, None],
        [None] * 2,
    ]
    reached = [finding for finding in document.findings if finding.code == "limit.archive-entries"]
    assert [(finding.where.image, finding.where.layer, finding.effect) for finding in reached] == [
        (1, 1, "limit"),
        (2, 0, "limit"),
    ]
    assert inspect(path, InspectOptions(limits=msgspec.structs.replace(DEFAULT, archive_entries=6))).document.complete
