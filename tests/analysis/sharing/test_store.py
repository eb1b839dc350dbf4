"""The store of several images against a naive model: docker's, which counts who needs each chain ID."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from hashlib import sha256

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from imgtar.analysis.sharing import measures
from imgtar.analysis.sharing.contents import common_files
from imgtar.analysis.sharing.images import ImageFacts, LayerFacts
from imgtar.analysis.sharing.store import Store, build_store
from imgtar.formats.digest import Digest, chain_ids
from imgtar.formats.oci.platform import Platform
from imgtar.image.passing import FileContent
from tests.growth import assert_linear

DIFF_IDS = [Digest.of(bytes([number])) for number in range(6)]
Stacks = Sequence[tuple[int, ...]]


def size(number: int) -> int:
    return 10**number


def facts(stack: tuple[int, ...], name: str, source: int = 0, missing: frozenset[int] = frozenset()) -> ImageFacts:
    """An image whose layers are numbers; those of `missing` have no size in this archive."""
    diff_ids = [DIFF_IDS[number] for number in stack]
    layers = tuple(
        LayerFacts(
            identity=diff_id,
            diff_id=diff_id,
            chain_id=chain,
            digest=diff_id,
            blob_size=size(number),
            size=None if number in missing else size(number),
            unpacked_size=None if number in missing else 4096,
            instruction="RUN",
            text="RUN x",
        )
        for number, diff_id, chain in zip(stack, diff_ids, chain_ids(diff_ids), strict=True)
    )
    return ImageFacts(
        names=(name,),
        image_id=name,
        manifest_digest=None,
        target_digest=None,
        platform=Platform(),
        origins=((source, 0),),
        layers=layers,
    )


def stored(stacks: Stacks) -> Store:
    return build_store(facts(stack, f"image{number}") for number, stack in enumerate(stacks))


def chains(stack: tuple[int, ...]) -> dict[Digest, int]:
    """The chain IDs of an image with the size of each layer."""
    found = chain_ids([DIFF_IDS[number] for number in stack])
    return dict(zip(found, map(size, stack), strict=True))


stacks_of_images = st.lists(st.lists(st.integers(0, 5), max_size=6).map(tuple), max_size=6)


@given(stacks_of_images, st.sets(st.integers(0, 5)))
def test_what_is_shared_and_freed_is_what_dockers_store_counts(stacks: Stacks, wanted: set[int]) -> None:
    store = stored(stacks)
    needed = Counter(chain for stack in stacks for chain in chains(stack))
    sizes = {chain: bytes_ for stack in stacks for chain, bytes_ in chains(stack).items()}
    disk = measures.on_disk(store)
    assert disk.together.bytes == sum(sizes.values())
    assert disk.alone.bytes == sum(sum(chains(stack).values()) for stack in stacks)
    assert (disk.count, disk.distinct) == (sum(map(len, stacks)), len(sizes))
    for number, stack in enumerate(stacks):
        share = measures.disk_share(store, number)
        assert share.shared.bytes == sum(sizes[chain] for chain in chains(stack) if needed[chain] > 1)
        assert share.size.bytes == share.shared.bytes + share.unique.bytes == sum(chains(stack).values())
    gone = {number for number in wanted if number < len(stacks)}
    kept = {chain for number, stack in enumerate(stacks) if number not in gone for chain in chains(stack)}
    freed = {store.layers[number].facts.chain_id for number in store.removed(gone)}
    assert freed == {chain for number in gone for chain in chains(stacks[number])} - kept


@given(stacks_of_images)
def test_a_registry_has_each_blob_once(stacks: Stacks) -> None:
    together = measures.Blobs(stored(stacks)).together()
    if not stacks:
        assert together is None
        return
    assert together is not None
    assert together.together.bytes == sum(map(size, {number for stack in stacks for number in stack}))


@given(stacks_of_images)
def test_a_diff_id_over_other_layers_costs_as_often_as_it_has_places(stacks: Stacks) -> None:
    store = stored(stacks)
    places: dict[Digest, set[Digest]] = {}
    for stack in stacks:
        for chain, number in zip(chains(stack), stack, strict=True):
            places.setdefault(DIFF_IDS[number], set()).add(chain)
    costs = {diff_id: len(found) - 1 for diff_id, found in places.items() if len(found) > 1}
    found = measures.same_content(store)
    assert {store.layers[same.layers[0]].facts.diff_id: len(same.layers) - 1 for same in found} == costs
    assert sum(same.bytes or 0 for same in found) == sum(
        size(DIFF_IDS.index(diff_id)) * times for diff_id, times in costs.items()
    )


def test_one_image_in_two_archives_is_one_with_both_names_and_every_size() -> None:
    first = facts((0, 1), "a", missing=frozenset({1}))
    second = facts((0, 1), "a", source=1)
    store = build_store([first, second])
    assert [image.origins for image in store.images] == [((0, 0), (1, 0))]
    assert measures.disk_share(store, 0).size == measures.Sum(size(0) + size(1))


def test_a_layer_that_no_archive_has_makes_sums_at_least() -> None:
    store = build_store([facts((0, 1), "a", missing=frozenset({1})), facts((0,), "b")])
    assert measures.disk_share(store, 0).size == measures.Sum(size(0), at_least=True)
    assert measures.disk_share(store, 1).size == measures.Sum(size(0))


def test_the_largest_images_come_first_where_that_is_asked() -> None:
    images = [facts((0,), "small"), facts((5, 0), "large"), facts((5, 4), "unique")]
    assert [image.names for image in build_store(images, "size").images] == [("unique",), ("large",), ("small",)]
    assert [image.names for image in build_store(images, "unique").images] == [("unique",), ("small",), ("large",)]


def test_images_that_share_their_lowest_layers_cost_linear_work() -> None:
    def prepare(count: int) -> Callable[[], object]:
        images = [facts((0, 1, 2, 3, number % 6), f"image{number}") for number in range(count)]

        def work() -> None:
            store = build_store(images)
            blobs, estimate = measures.Blobs(store), measures.Containerd(store)
            for number in range(count):
                measures.disk_share(store, number)
                blobs.share(number)
                estimate.frees(number)
                store.removed([number])

        return work

    assert_linear(prepare, 50)


def with_contents(name: str, source: int, *layers: dict[str, bytes]) -> ImageFacts:
    """An image whose layers store these files by path; equal layers have one diffID."""
    image = facts((0,) * len(layers), name, source)
    found = []
    for layer, files in zip(image.layers, layers, strict=True):
        identity = Digest.of(repr(files).encode())
        contents = tuple(
            FileContent(sha256(content).digest(), len(content), path.encode()) for path, content in files.items()
        )
        found.append(msgspec.structs.replace(layer, identity=identity, diff_id=identity, contents=contents))
    return msgspec.structs.replace(image, layers=tuple(found))


def test_equal_files_in_layers_that_images_do_not_share_are_grouped_by_their_layers() -> None:
    base = {"base": b"b" * 9}
    store = build_store(
        [
            with_contents("a", 0, base, {"x": b"x" * 5, "y": b"y" * 3, "only": b"z"}),
            with_contents("b", 1, base, {"x2": b"x" * 5, "y": b"y" * 3}),
            with_contents("c", 2, {"lib/x": b"x" * 5}),
        ]
    )
    three, two = common_files(store)
    assert (three.files, three.one_copy, three.saves, three.paths, three.whole) == (1, 5, 10, (b"x",), False)
    assert (two.layers, two.files, two.saves, two.paths) == ((1, 2), 1, 3, (b"y",))


def test_what_one_image_stores_twice_is_not_shared_with_itself() -> None:
    stacks = [{"x": b"x"}, {"copy": b"x"}]
    assert common_files(build_store([with_contents("a", 0, *stacks)])) == []
    both = build_store([with_contents("a", 0, *stacks), with_contents("b", 1, *stacks[:1], {"y": b"y"})])
    assert common_files(both) == []


def test_layers_with_equal_contents_are_said_to_be_whole() -> None:
    store = build_store([with_contents("a", 0, {"x": b"x"}), with_contents("b", 1, {"other": b"x"})])
    assert [(row.whole, row.saves) for row in common_files(store)] == [(True, 1)]


def test_files_in_many_images_cost_linear_work() -> None:
    def prepare(count: int) -> Callable[[], object]:
        files = [{"x": b"x", "own": b"%d" % number} for number in range(count)]
        store = build_store(with_contents(f"a{number}", number, own) for number, own in enumerate(files))
        return lambda: common_files(store)

    assert_linear(prepare, 50)


def test_containerd_keeps_every_blob_in_which_a_layer_is_stored() -> None:
    """Two archives store the lowest layer compressed in two ways: one unpacked layer, two blobs."""
    gzip, zstd = facts((0, 1), "gzip"), facts((0, 2), "zstd")
    other = msgspec.structs.replace(zstd.layers[0], digest=Digest.of(b"zstd"), blob_size=7)
    store = build_store([gzip, msgspec.structs.replace(zstd, layers=(other, zstd.layers[1]))])
    containerd = measures.Containerd(store)
    assert containerd.size(0) == measures.Sum(2 * 4096 + size(0) + size(1))
    assert containerd.size(1) == measures.Sum(2 * 4096 + 7 + size(2))
    assert containerd.frees(1) == measures.Sum(4096 + 7 + size(2))
