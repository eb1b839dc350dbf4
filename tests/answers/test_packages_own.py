"""`packages` and the base image: its packages are marked, and `--own` leaves them out."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from imgtar.contract.packages import PackagesReport
from imgtar.errors import UsageError
from tests.answers.inventories import asked, dpkg, listed, lives
from tests.builders import docker_save, file, image_config, layer

# The base has a, b and c. Above it a is upgraded, b is removed, d comes, and a file of c is stored again.
BASE = [
    layer(dpkg("a=1", "b=1"), listed("a", "usr/a"), file("usr/a", b"a" * 10), file("usr/base", b"u" * 3)),
    layer(dpkg("a=1", "b=1", "c=1"), listed("c", "usr/c"), file("usr/c", b"c" * 20)),
]
ABOVE = [
    layer(dpkg("a=2", "c=1", "d=1"), listed("d", "usr/d"), file("usr/a", b"A" * 30), file("usr/d", b"d" * 40)),
    layer(file("usr/c", b"C" * 50), file("usr/own", b"o" * 5)),
]
LAYERS = [*BASE, *ABOVE]


def marked(document: PackagesReport) -> dict[str, bool]:
    return {f"{row.name} {row.version}": row.base for row in document.packages}


@pytest.fixture
def base(tmp_path: Path) -> str:
    (tmp_path / "base.tar").write_bytes(docker_save(BASE, names=("base:1",)))
    return str(tmp_path / "base.tar")


def test_what_a_layer_of_the_base_installs_is_marked(tmp_path: Path, base: str) -> None:
    expected = {"a 1": True, "a 2": False, "b 1": True, "c 1": True, "d 1": False}
    by_number = asked(LAYERS, tmp_path, base=2)
    assert marked(by_number) == expected
    assert by_number.base_layers is msgspec.UNSET
    by_image = asked(LAYERS, tmp_path, base_images=[base])
    assert marked(by_image) == expected
    assert by_image.base is not None
    assert (by_image.base.layers, by_image.base.name, by_image.base.confidence) == (2, "base:1", "exact")
    assert not any(marked(asked(LAYERS, tmp_path, base=0)).values())


def test_a_base_that_is_only_guessed_marks_too(tmp_path: Path) -> None:
    steps = [("ADD file:1 in /", True), ("COPY . .", True), ("CMD sh", False), ("RUN b", True), ("RUN c", True)]
    history = [{"created_by": text, **({} if stores else {"empty_layer": True})} for text, stores in steps]
    archive = docker_save(LAYERS, config=image_config(LAYERS, history=history))
    document = asked(archive, tmp_path)
    assert document.base is not None
    assert (document.base.layers, document.base.by) == (2, "history")
    assert marked(document)["c 1"]


def test_own_leaves_out_what_lies_in_the_base(tmp_path: Path) -> None:
    whole, own = asked(LAYERS, tmp_path, base=2), asked(LAYERS, tmp_path, base=2, own=True)
    assert lives(own) == [("a", "2", "installed", 2, None), ("d", "1", "installed", 2, None)]
    assert own.base_layers == 2
    assert own.layers == whole.layers[2:]
    assert own.unowned == [row for row in whole.unowned if row.layer >= 2]
    assert own.totals.packages == 2
    assert own.totals.stored_bytes == sum(row.stored_bytes for row in whole.layers[2:])
    assert own.totals.owned_bytes == 30 + 40 + 50, "the bytes of c that an own layer stores are owned, too"
    assert own.coverage == whole.coverage, "what was read is the same"
    assert (own.layers[0].installed, own.layers[0].upgraded, own.layers[0].removed) == (1, 1, 1)


def test_own_within_a_view(tmp_path: Path) -> None:
    assert [row.name for row in asked(LAYERS, tmp_path, base=2, own=True, layer=3).packages] == []
    below = asked(LAYERS, tmp_path, base=2, own=True, layer=1)
    assert (below.packages, below.layers, below.unowned, below.totals.stored_bytes) == ([], [], [], 0)
    assert [row.name for row in asked(LAYERS, tmp_path, base=2, own=True, upto=2).packages] == ["a", "d"]


def test_own_without_a_known_base_leaves_nothing_out(tmp_path: Path) -> None:
    own = asked(LAYERS, tmp_path, base=0, own=True)
    assert own.base_layers == 0
    assert msgspec.structs.replace(own, base_layers=msgspec.UNSET) == asked(LAYERS, tmp_path, base=0)


def test_a_base_that_does_not_fit(tmp_path: Path) -> None:
    (tmp_path / "other.tar").write_bytes(docker_save([layer(file("x"))]))
    with pytest.raises(UsageError, match="the image has 4 layers"):
        asked(LAYERS, tmp_path, base=5)
    with pytest.raises(UsageError, match="not the lowest layers"):
        asked(LAYERS, tmp_path, base_images=[str(tmp_path / "other.tar")])
