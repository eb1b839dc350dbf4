"""The store that holds a set of images: every layer once for each place in a stack, as docker keeps layers on disk.

Three sorts of sharing stay apart: a layer over the same lower layers (its chain ID: docker's disk), a blob (its digest:
a registry), and a diffID at another place (one blob, and on docker's disk as often as there are places).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal

import msgspec

from imgtar.analysis.sharing.images import ImageFacts, LayerFacts, merged
from imgtar.formats.digest import Digest
from imgtar.image.passing import FileContent

Order = Literal["size", "unique", "frees"]


class Sum(msgspec.Struct, frozen=True):
    """Bytes; `at_least` where the size of a layer among them is not known."""

    bytes: int = 0
    at_least: bool = False


class StoredLayer(msgspec.Struct, frozen=True, kw_only=True):
    """A layer at one place in a stack: `below` is the number of the layer under it.

    `images` has the numbers of the images that need it, `digests` the blobs that archives state for it. Sizes as in
    `LayerFacts`.
    """

    facts: LayerFacts
    below: int | None
    images: tuple[int, ...]
    digests: tuple[Digest, ...]
    size: int | None
    unpacked_size: int | None
    blob_size: int | None
    contents: tuple[FileContent, ...]

    @property
    def shared(self) -> bool:
        """Do several images need it?"""
        return len(self.images) > 1


class Store(msgspec.Struct, frozen=True, kw_only=True):
    """`images` with, in `stacks`, the numbers of their layers among `layers`, base first."""

    images: tuple[ImageFacts, ...]
    stacks: tuple[tuple[int, ...], ...]
    layers: tuple[StoredLayer, ...]

    def stack(self, image: int) -> Iterator[StoredLayer]:
        """The layers of an image, base first."""
        return (self.layers[number] for number in self.stacks[image])

    def removed(self, images: Iterable[int]) -> list[int]:
        """The layers that nothing needs when these images are removed together; lower ones first."""
        needs = Counter(number for image in set(images) for number in self.stacks[image])
        return sorted(number for number, count in needs.items() if count == len(self.layers[number].images))

    def size_of(self, layers: Iterable[int]) -> Sum:
        """What docker counts for these layers."""
        return summed(self.layers[number].size for number in layers)


def summed(sizes: Iterable[int | None]) -> Sum:
    """The sum of the sizes that are known."""
    total, unknown = 0, False
    for size in sizes:
        total += size or 0
        unknown = unknown or size is None
    return Sum(total, unknown)


def build_store(found: Iterable[ImageFacts], order: Order | None = None) -> Store:
    """The store of these images, in the order in which they are found or, with `order`, the largest first."""
    every = list(found)
    known = _Known(every)
    images = merged(every)
    builder = _Builder(known)
    for image in images:
        builder.add(image)
    store = builder.store(images)
    if order is None:
        return store
    largest = sorted(range(len(images)), key=_by(store, order))
    builder = _Builder(known)
    for number in largest:
        builder.add(images[number])
    return builder.store([images[number] for number in largest])


def _by(store: Store, order: Order) -> Callable[[int], int]:
    """Sorts images by their size, or by what only they have, which is what removing each alone frees."""

    def size(number: int) -> int:
        return -summed(layer.size for layer in store.stack(number)).bytes

    def unique(number: int) -> int:
        return -summed(layer.size for layer in store.stack(number) if not layer.shared).bytes

    return size if order == "size" else unique


class _Known:
    """What all archives together tell of a layer, by its identity: one may lack the blob that another one has."""

    def __init__(self, images: Sequence[ImageFacts]) -> None:
        self.digests: dict[object, dict[Digest, None]] = {}
        self._measured: dict[object, LayerFacts] = {}
        self._blob_sizes: dict[object, int] = {}
        for image in images:
            for layer in image.layers:
                if layer.digest is not None:
                    self.digests.setdefault(layer.identity, {})[layer.digest] = None
                if layer.size is not None:
                    self._measured.setdefault(layer.identity, layer)
                if layer.blob_size is not None:
                    self._blob_sizes.setdefault(layer.identity, layer.blob_size)

    def layer(self, facts: LayerFacts, below: int | None, images: Sequence[int]) -> StoredLayer:
        """The layer with everything that is known of it."""
        measured = self._measured.get(facts.identity)
        return StoredLayer(
            facts=facts,
            below=below,
            images=tuple(images),
            digests=tuple(self.digests.get(facts.identity, ())),
            size=None if measured is None else measured.size,
            unpacked_size=None if measured is None else measured.unpacked_size,
            blob_size=self._blob_sizes.get(facts.identity),
            contents=() if measured is None else measured.contents,
        )


class _Builder:
    """Stacks that share their lowest layers share them here, too."""

    def __init__(self, known: _Known) -> None:
        self._known = known
        self._numbers: dict[tuple[int | None, object], int] = {}
        self._places: list[tuple[LayerFacts, int | None, list[int]]] = []
        self._stacks: list[tuple[int, ...]] = []

    def add(self, image: ImageFacts) -> None:
        """Adds the image with the next number."""
        below: int | None = None
        stack: list[int] = []
        for facts in image.layers:
            number = self._numbers.setdefault((below, facts.identity), len(self._places))
            if number == len(self._places):
                self._places.append((facts, below, []))
            self._places[number][2].append(len(self._stacks))
            stack.append(number)
            below = number
        self._stacks.append(tuple(stack))

    def store(self, images: Sequence[ImageFacts]) -> Store:
        """Everything that was added."""
        return Store(
            images=tuple(images),
            stacks=tuple(self._stacks),
            layers=tuple(self._known.layer(*place) for place in self._places),
        )
