"""dive's numbers against a literal reading of its recipe, and its known values."""

from __future__ import annotations

import json
import math
import random
import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from imgtar.analysis.dive.score import dive_score, members
from imgtar.analysis.dive.tally import NeedsTrees, PathCount, Scanned, layer_bytes
from imgtar.analysis.dive.tree import TreeCount
from tests.analysis.dive import literal as dive_literal
from tests.analysis.dive.literal import Entry
from tests.builders import device, directory, file, hardlink, symlink, tar
from tests.filesystem.stack import scan
from tests.growth import assert_linear

pytestmark = pytest.mark.slow

Image = list[list[Entry]]


def tar_of(layer: Sequence[Entry]) -> bytes:
    return tar(*(directory(name) if is_dir else file(name, bytes(size)) for name, size, is_dir in layer))


def linked_tar_of(layer: Sequence[Entry], rng: random.Random) -> bytes:
    """The same with a third of what has no size as links: dive sees a leaf of no size, imgtar follows them."""
    made = []
    for name, size, is_dir in layer:
        kind = rng.random() if not size and not is_dir else 1.0
        target = rng.choice([b"a", b"/b", b"../c", b"d/a", b"nowhere"])
        if kind < 0.3:
            made.append(symlink(name, target))
        elif kind < 0.35:
            made.append(device(name, 0, 0))
        else:
            made.append(tar_of([(name, size, is_dir)])[:-1024])
    return tar(*made)


def scans_of(image: Image) -> list[Scanned]:
    return [scan(tar_of(layer)) for layer in image]


def with_trees(scans: Sequence[Scanned]) -> tuple[float, int]:
    trees = TreeCount()
    for layer in scans:
        trees.add(members(layer))
    least, total, wasted = trees.sums()
    return (least / total if total else 1.0), wasted


def needs_no_trees(scans: Sequence[Scanned]) -> bool:
    paths = PathCount(10**9)
    try:
        for layer in scans:
            paths.add(layer, layer_bytes(layer))
    except NeedsTrees:
        return False
    return True


# --- random images --------------------------------------------------------------------------------------------------

PLAIN = [b"a", b"b", b"c", b"d"]
ODD = [b"-x", b".a", b"!", b"zz"]  # some sort before the whiteout prefix
MARKERS = [b".wh.", b".wh..", b".wh...", b".wh..wh.plnk", b".wh..wh.a", b".wh..wh..x", b".wh..wh.aufs"]


def odd_name(rng: random.Random, oddity: float) -> bytes:
    pool = PLAIN + (ODD if rng.random() < oddity else [])
    parts = [rng.choice(pool) for _ in range(rng.randint(1, 4))]
    kind = rng.random()
    if kind < 0.18:
        parts[-1] = b".wh." + parts[-1]
    elif kind < 0.23:
        parts[-1] = b".wh..wh..opq"
    elif kind < 0.23 + 0.1 * oddity:
        parts[-1] = rng.choice(MARKERS)
    if rng.random() < 0.08 * oddity and len(parts) > 1:
        at = rng.randrange(len(parts) - 1)
        parts[at] = rng.choice([b".wh." + parts[at], b".wh..wh..x", b".wh..wh.plnk"])
    return b"/".join(parts)


def odd_image(rng: random.Random) -> Image:
    """Any names in any order: duplicates, files with children, whiteouts of nothing."""
    oddity = rng.choice([0.0, 0.5, 1.0])
    image: Image = []
    for _ in range(rng.randint(1, 5)):
        layer: list[Entry] = []
        for _ in range(rng.randint(0, 14)):
            is_dir = rng.random() < 0.35
            layer.append((odd_name(rng, oddity), 0 if is_dir else rng.choice([0, 0, 1, 2, 3, 10, 100]), is_dir))
        image.append(layer)
    return image


class Build:
    """Layers as builders write them: what is there is changed, replaced or removed."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.paths: dict[bytes, bool] = {}

    def layer(self) -> list[Entry]:
        written: dict[bytes, Entry] = {}
        for _ in range(self.rng.randint(0, 10)):
            self.change(written)
        return sorted(written.values())

    def change(self, written: dict[bytes, Entry]) -> None:
        rng = self.rng
        below_dirs = [path for path, is_dir in self.paths.items() if is_dir] + [b""]
        old = [path for path in self.paths if path not in written]
        if old and rng.random() < 0.3:
            self.remove(rng.choice(old), written)
        elif old and rng.random() < 0.4:
            path = rng.choice(old)
            self.write(path, self.paths[path], written)
        else:
            above = rng.choice(below_dirs)
            name = rng.choice(PLAIN + ODD)
            self.write(above + b"/" + name if above else name, rng.random() < 0.4, written)

    def write(self, path: bytes, is_dir: bool, written: dict[bytes, Entry]) -> None:
        parts = path.split(b"/")
        for count in range(1, len(parts)):
            above = b"/".join(parts[:count])
            if not self.paths.get(above, True):
                return
            self.paths[above] = True
            if self.rng.random() < 0.8:
                written[above] = (above, 0, True)
        if self.paths.get(path) and not is_dir:
            for below in [one for one in self.paths if one.startswith(path + b"/")]:
                del self.paths[below]
                written.pop(below, None)
        self.paths[path] = is_dir
        written[path] = (path, 0 if is_dir else self.rng.choice([0, 1, 5, 70]), is_dir)
        if is_dir and self.rng.random() < 0.1:
            written[path + b"/.wh..wh..opq"] = (path + b"/.wh..wh..opq", 0, False)

    def remove(self, path: bytes, written: dict[bytes, Entry]) -> None:
        for below in [one for one in self.paths if one == path or one.startswith(path + b"/")]:
            del self.paths[below]
            written.pop(below, None)
        head, slash, base = path.rpartition(b"/")
        name = head + slash + b".wh." + base
        written[name] = (name, 0, False)


def built_image(rng: random.Random) -> Image:
    build = Build(rng)
    return [build.layer() for _ in range(rng.randint(2, 6))]


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("make", [odd_image, built_image])
def test_random_images_score_as_the_recipe_says(make: Callable[[random.Random], Image], seed: int) -> None:
    rng = random.Random(f"{make.__name__} {seed}")
    for _ in range(15):
        image = make(rng)
        scans = scans_of(image)
        expected = dive_literal.score(image)
        score = dive_score(scans)
        assert (score.efficiency, score.wasted_bytes) == pytest.approx(expected, rel=1e-12), image
        assert with_trees(scans) == pytest.approx(expected, rel=1e-12), image


@pytest.mark.parametrize("seed", range(40))
def test_links_change_nothing_in_the_names(seed: int) -> None:
    rng = random.Random(f"links {seed}")
    for _ in range(15):
        image = odd_image(rng)
        scans = [scan(linked_tar_of(layer, rng)) for layer in image]
        expected = dive_literal.score(image)
        score = dive_score(scans)
        assert (score.efficiency, score.wasted_bytes) == pytest.approx(expected, rel=1e-12), image
        assert score.size_bytes == sum(size for layer in image for _, size, _ in layer)


def test_most_images_of_builders_need_no_trees() -> None:
    rng = random.Random(1)
    images = [built_image(rng) for _ in range(200)]
    assert sum(needs_no_trees(scans_of(image)) for image in images) > 140


def test_exhausted_budget_falls_back_to_trees() -> None:
    image = [[(b"d", 0, True), *[(b"d/%d" % n, 1, False) for n in range(20)]], [(b".wh.d", 0, False)]]
    base, upper = scans_of(image)
    paths = PathCount(5)
    paths.add(base, layer_bytes(base))
    with pytest.raises(NeedsTrees):
        paths.add(upper, layer_bytes(upper))


# --- known values ---------------------------------------------------------------------------------------------------

KNOWN = {
    "upstream-unit-test": (
        [
            [(b"etc/nginx/nginx.conf", 2000, False), (b"etc/nginx/public", 3000, False)],
            [(b"etc/nginx/nginx.conf", 5000, False), (b"etc/athing", 10000, False)],
            [(b"etc/.wh.nginx", 0, False)],
        ],
        0.75,
        7000,
    ),
    "removed-file": ([[(b"a", 100, False), (b"b", 1, False)], [(b".wh.a", 0, False)]], 1 / 101, 100),
    "removed-directory-raises-the-score": (
        [[(b"d", 0, True), (b"d/a", 100, False), (b"b", 1, False)], [(b".wh.d", 0, False)]],
        1.0,
        0,
    ),
    "removed-directory-that-was-implied": (
        [[(b"d/a", 100, False), (b"b", 1, False)], [(b".wh.d", 0, False)]],
        1.0,
        0,
    ),
    "removed-directory-that-was-empty-before": (
        [[(b"d", 0, True), (b"b", 1, False)], [(b"d", 0, True), (b"d/a", 100, False)], [(b".wh.d", 0, False)]],
        101 / 201,
        100,
    ),
    "opaque-marker-removes-nothing": (
        [[(b"d", 0, True), (b"d/a", 100, False)], [(b"d", 0, True), (b"d/.wh..wh..opq", 0, False)]],
        1.0,
        0,
    ),
    "whiteout-of-nothing-ends-the-layer": (
        [[(b"a", 100, False)], [(b".wh.x", 0, False), (b"b", 10, False), (b"a", 100, False)]],
        99 / 100,
        0,
    ),
    "whiteout-of-nothing-comes-last": (
        [[(b"a", 100, False)], [(b"-", 10, False), (b".wh.x", 0, False)]],
        109 / 110,
        0,
    ),
    "changed-owner-counts-both-copies": ([[(b"a", 900, False)], [(b"a", 900, False)]], 0.5, 1800),
    "file-becomes-directory": ([[(b"a", 9, False)], [(b"a", 0, True), (b"a/b", 1, False)]], 1.0, 0),
    "file-becomes-empty-directory": ([[(b"a", 9, False)], [(b"a", 0, True)]], 0.0, 9),
    "directory-becomes-file-and-keeps-its-children": (
        [[(b"d", 0, True), (b"d/a", 7, False)], [(b"d", 3, False)], [(b"d/.wh.a", 0, False)]],
        3 / 10,
        7,
    ),
    "whiteout-sorted-before-its-path": (
        [[(b"x", 5, False)], [(b".wh.x", 0, False), (b"x", 6, False)], [(b".wh.x", 0, False)]],
        0.0,
        11,
    ),
    "whiteout-sorted-behind-its-path": (
        [[(b"-x", 5, False)], [(b".wh.-x", 0, False), (b"-x", 6, False)], [(b".wh.-x", 0, False), (b"b", 4, False)]],
        0.0,
        11,
    ),
    "nothing": ([[]], 1.0, 0),
    "no-layers": ([], 1.0, 0),
    "repeated-in-one-layer": ([[(b"a", 50, False), (b"a", 7, False)]], 1.0, 0),
    "whiteout-in-the-lowest-layer": ([[(b"a", 5, False), (b".wh.a", 0, False), (b"b", 5, False)]], 0.5, 5),
}


@pytest.mark.parametrize(("image", "efficiency", "wasted"), KNOWN.values(), ids=KNOWN)
def test_known_values(image: Image, efficiency: float, wasted: int) -> None:
    assert dive_literal.score(image) == pytest.approx((efficiency, wasted))
    score = dive_score(scans_of(image))
    assert (score.efficiency, score.wasted_bytes) == pytest.approx((efficiency, wasted))


def test_real_image_scores_as_dive_says(fixtures: Path) -> None:
    with tarfile.open(fixtures / "mysql.tar") as archive:
        manifest = archive.extractfile("manifest.json")
        assert manifest is not None
        layers = [archive.extractfile(name) for name in json.loads(manifest.read())[0]["Layers"]]
        score = dive_score([scan(layer.read()) for layer in layers if layer is not None])
    assert score.efficiency == pytest.approx(0.980625943041738, rel=1e-15)
    assert score.wasted_bytes == 30_090
    assert score.user_wasted_percent == pytest.approx(0.0261483914698368, rel=1e-15)


def test_user_percent_counts_waste_of_the_base() -> None:
    score = dive_score(scans_of([[(b"a", 100, False)], [(b"a", 100, False)]]))
    assert (score.size_bytes, score.user_size_bytes, score.user_wasted_percent) == (200, 100, 2.0)


def test_user_percent_without_user_bytes_is_no_number() -> None:
    assert math.isnan(dive_score(scans_of([[(b"a", 1, False)]])).user_wasted_percent)
    removed = dive_score(scans_of([[(b"a", 1, False)], [(b".wh.a", 0, False)]]))
    assert removed.user_wasted_percent == math.inf
    assert removed.finite_percent is None


def test_layer_size_counts_every_copy_and_the_payload_of_markers() -> None:
    image = [[(b"a", 50, False), (b"a", 7, False)], [(b".wh.b", 9, False), (b"d/.wh..wh..opq", 3, False)]]
    score = dive_score(scans_of(image))
    assert (score.size_bytes, score.user_size_bytes) == (69, 12)


def test_links_and_devices_have_no_size_and_a_device_0_0_is_no_whiteout() -> None:
    base = scan(tar(file("a", b"12345"), hardlink("b", "a"), symlink("c", "a"), device("n", 1, 3)))
    upper = scan(tar(device("a", 0, 0)))
    score = dive_score([base, upper])
    assert (score.efficiency, score.wasted_bytes) == (0.0, 5)
    assert dive_literal.score([[(b"a", 5, False)], [(b"a", 0, False)]]) == (0.0, 5)


def test_names_are_taken_lexically_where_a_link_leads_elsewhere() -> None:
    base = scan(tar(directory("usr"), directory("usr/lib"), symlink("lib", "usr/lib"), file("lib/x", b"123")))
    upper = scan(tar(file("usr/lib/x", b"1")))
    score = dive_score([base, upper])
    assert (score.efficiency, score.wasted_bytes) == (1.0, 0)
    score = dive_score([base, scan(tar(file("./lib//x", b"1")))])
    assert (score.efficiency, score.wasted_bytes) == (1 / 4, 4)


# --- cost -----------------------------------------------------------------------------------------------------------


def test_many_whiteouts_of_one_large_directory_tree_cost_linear_time() -> None:
    def work(count: int) -> Callable[[], object]:
        names = [b"d/%d" % n for n in range(count)]
        base: list[Entry] = [(b"d", 0, True), *((name, 3, False) for name in names)]
        upper: list[Entry] = [(b"d/.wh.%d" % n, 0, False) for n in range(count)]
        scans = scans_of([base, upper])
        score = dive_score(scans)
        assert (score.efficiency, score.wasted_bytes) == (0.0, 3 * count)
        return lambda: dive_score(scans)

    assert_linear(work, 250)


def test_nested_directory_whiteouts_cost_linear_time() -> None:
    def work(size: int) -> Callable[[], object]:
        depth = math.isqrt(size)  # so many names of so many parts
        chain = [b"/".join([b"d"] * count) for count in range(1, depth + 1)]
        base: list[Entry] = [(path, 0, True) for path in chain]
        base.append((chain[-1] + b"/f", 5, False))
        upper: list[Entry] = [(path[:-1] + b".wh.d", 0, False) for path in chain]
        scans = scans_of([base, upper])
        score = dive_score(scans)
        assert score.efficiency == 1.0
        assert with_trees(scans)[1] == score.wasted_bytes
        return lambda: dive_score(scans)

    assert_linear(work, 5000)


def test_a_directory_removed_and_made_again_by_many_layers_costs_linear_time() -> None:
    def work(count: int) -> Callable[[], object]:
        base: list[Entry] = [(b"d", 0, True), *((b"d/%d" % n, 1, False) for n in range(10 * count))]
        again: list[Entry] = [(b".wh.d", 0, False), (b"d", 0, True), (b"d/x", 1, False)]
        first, other = scans_of([base, again])
        scans = [first, *[other] * count]
        assert dive_score(scans).wasted_bytes == count + 10 * count + count - 1
        return lambda: dive_score(scans)

    assert_linear(work, 50)


def test_deep_names_cost_linear_time_with_trees() -> None:
    def work(depth: int) -> Callable[[], object]:
        paths = [b"/".join([b"n%d" % number] + [b"e"] * depth) for number in range(5)]
        layer: list[Entry] = [(path, 1, False) for path in paths]
        scans = scans_of([layer, layer, [(b".wh.nothing", 0, False)]])
        return lambda: dive_score(scans)

    assert_linear(work, 100)
