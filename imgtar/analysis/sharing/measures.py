"""The sums over a store: what images take together and alone, on docker's disk, in a registry and in containerd."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable

import msgspec

from imgtar.analysis.sharing.images import ImageFacts
from imgtar.analysis.sharing.store import Store, Sum, summed
from imgtar.formats.digest import Digest


class Together(msgspec.Struct, frozen=True):
    """Bytes of all images, counted for each of them `alone` and each thing once (`together`).

    `count` things of which `distinct` ones differ.
    """

    count: int
    distinct: int
    alone: Sum
    together: Sum


class ImageShare(msgspec.Struct, frozen=True):
    """Of one image: everything, what other images have too, and what no other image has."""

    size: Sum
    shared: Sum
    unique: Sum


class SameContent(msgspec.Struct, frozen=True):
    """A diffID at several places: docker stores `bytes` more than once would take (None: the size is not known)."""

    layers: tuple[int, ...]
    bytes: int | None


def on_disk(store: Store) -> Together:
    """What docker's classic store and podman's take: `content_size` of every layer, for each place once."""
    positions = [number for stack in store.stacks for number in stack]
    together = store.size_of(range(len(store.layers)))
    return Together(len(positions), len(store.layers), store.size_of(positions), together)


def disk_share(store: Store, image: int) -> ImageShare:
    """SIZE, SHARED and UNIQUE SIZE of `docker system df -v`."""
    layers = list(store.stack(image))
    return ImageShare(
        summed(layer.size for layer in layers),
        summed(layer.size for layer in layers if layer.shared),
        summed(layer.size for layer in layers if not layer.shared),
    )


class Blobs:
    """The blobs of a registry that has all images: by digest, where the archives state one for every layer."""

    def __init__(self, store: Store) -> None:
        self._sizes: dict[Digest, int | None] = {}
        self._needed: Counter[Digest] = Counter()
        self._blobs = [self._of(image) for image in store.images]
        for blobs in self._blobs:
            self._needed.update(blobs or ())

    def _of(self, image: ImageFacts) -> tuple[Digest, ...] | None:
        """The blobs of an image, each once; None where no archive states one of them."""
        found: dict[Digest, None] = {}
        for layer in image.layers:
            if layer.digest is None:
                return None
            found[layer.digest] = None
            if self._sizes.get(layer.digest) is None:
                self._sizes[layer.digest] = layer.blob_size
        return tuple(found)

    def share(self, image: int) -> ImageShare | None:
        """The blobs of an image; None where not all are stated."""
        blobs = self._blobs[image]
        if blobs is None:
            return None
        return ImageShare(
            summed(self._sizes[blob] for blob in blobs),
            summed(self._sizes[blob] for blob in blobs if self._needed[blob] > 1),
            summed(self._sizes[blob] for blob in blobs if self._needed[blob] == 1),
        )

    def together(self) -> Together | None:
        """All blobs; None where those of an image are not stated, and without images."""
        if not self._blobs or None in self._blobs:
            return None
        positions = [self._sizes[blob] for blobs in self._blobs for blob in blobs or ()]
        return Together(
            len(positions), len(self._needed), summed(positions), summed(map(self._sizes.get, self._needed))
        )


class Containerd:
    """An estimate of the containerd store, the default of docker 29: it keeps the blobs and the unpacked layers.

    Documents are not counted; their size is small. A layer whose blob no archive states has one of its own.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._blobs = [self._of(image) for image in range(len(store.images))]
        self._needed = Counter(blob for blobs in self._blobs for blob in blobs)

    def _of(self, image: int) -> dict[Hashable, int | None]:
        """The sizes of the blobs of an image, each blob once. A layer may be stored in another blob in each image."""
        layers = zip(self._store.stacks[image], self._store.images[image].layers, strict=True)
        return {
            facts.digest or number: facts.blob_size or self._store.layers[number].blob_size for number, facts in layers
        }

    def size(self, image: int) -> Sum:
        """What the image takes alone."""
        unpacked = [layer.unpacked_size for layer in self._store.stack(image)]
        return summed([*unpacked, *self._blobs[image].values()])

    def frees(self, image: int) -> Sum:
        """What goes with the image when it alone is removed."""
        unpacked = [layer.unpacked_size for layer in self._store.stack(image) if not layer.shared]
        blobs = [size for blob, size in self._blobs[image].items() if self._needed[blob] == 1]
        return summed([*unpacked, *blobs])


def same_content(store: Store) -> list[SameContent]:
    """The layers that lie over different lower layers with one diffID, those that cost most first."""
    places: dict[Digest, list[int]] = {}
    for number, layer in enumerate(store.layers):
        if layer.facts.diff_id is not None:
            places.setdefault(layer.facts.diff_id, []).append(number)
    found = [
        SameContent(
            tuple(numbers), None if (size := store.layers[numbers[0]].size) is None else size * (len(numbers) - 1)
        )
        for numbers in places.values()
        if len(numbers) > 1
    ]
    return sorted(found, key=lambda same: -(same.bytes or 0))
