"""What a host that has the first image pulls for the second one, and how much larger that one is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

import msgspec

from imgtar.analysis.comparison.contents import diff_id
from imgtar.analysis.stacked_image import StackedImage
from imgtar.analysis.waste import waste_sums
from imgtar.image.image import ImageLayer

PullKey = Literal["digest", "diff_id"]


class PullSize(msgspec.Struct, frozen=True):
    """The blobs of the second image that the first one lacks. Bytes; `of_layers` by layer, each blob counted once.

    `by` says what blobs are compared by: their digests where both archives state them, else the diffIDs, and then the
    sizes are those of the uncompressed tars. `total` has all blobs of the second image. `exact` is False where the size
    of a layer that is pulled is not known: it counts as 0.
    """

    by: PullKey
    of_layers: tuple[int, ...]
    needless: int
    layers: int
    total: int
    exact: bool

    @property
    def bytes(self) -> int:
        return sum(self.of_layers)


class GrowthSize(msgspec.Struct, frozen=True):
    """Bytes before and after: of the layers as `docker history` shows them, and of the final filesystem.

    `exact` is False where a layer was not read.
    """

    content_size: tuple[int, int]
    final_bytes: tuple[int, int]
    exact: bool

    @property
    def bytes(self) -> int:
        before, after = self.content_size
        return after - before

    @property
    def share(self) -> float | None:
        """The growth as a fraction of the size before; None where that is 0."""
        return self.bytes / self.content_size[0] if self.content_size[0] else None


def pull_size(a: Sequence[ImageLayer], b: Sequence[ImageLayer], needless: Collection[int], first: int = 0) -> PullSize:
    """What of the layers `b` is pulled where the layers `a` are; for nothing those with an index in `needless`.

    The layers of `b` below `first` are not counted.
    """
    by: PullKey = "digest" if all(layer.digest is not None for layer in (*a, *b)) else "diff_id"
    known = {_key(layer, by) for layer in (*a, *b[:first])} - {None}
    seen: set[str] = set()
    sizes = [0] * first
    total = count = for_nothing = 0
    exact = True
    for layer in b[first:]:
        key, size = _key(layer, by), _size(layer, by)
        is_new = key is None or key not in seen
        if key is not None:
            seen.add(key)
        total += (size or 0) if is_new else 0
        pulled = is_new and key not in known
        sizes.append((size or 0) if pulled else 0)
        exact = exact and (size is not None or not pulled)
        count += pulled
        for_nothing += sizes[-1] if layer.index in needless else 0
    return PullSize(by, tuple(sizes), for_nothing, count, total, exact)


def growth_size(
    a: StackedImage, b: StackedImage, *, has_layers: bool = True, bases: tuple[int, int] = (0, 0)
) -> GrowthSize:
    """How the sizes of two images differ; without `has_layers` those of their filesystems, in place of the layers.

    `bases` are the numbers of lowest layers whose sizes do not count.
    """
    layers = (*a.image.layers, *b.image.layers)
    return GrowthSize(
        content_size=(_content_size(a, bases[0]), _content_size(b, bases[1]))
        if has_layers
        else (_final_bytes(a), _final_bytes(b)),
        final_bytes=(_final_bytes(a), _final_bytes(b)),
        exact=all(layer.scan is not None and layer.scan.complete for layer in layers),
    )


def layer_size(layer: ImageLayer) -> int | None:
    """Bytes as `docker history` shows them; None where the layer was not read."""
    return layer.scan.content_size if layer.scan is not None and layer.scan.is_tar else None


def _key(layer: ImageLayer, by: PullKey) -> str | None:
    return diff_id(layer) if by == "diff_id" else None if layer.digest is None else str(layer.digest)


def _size(layer: ImageLayer, by: PullKey) -> int | None:
    if by == "digest":
        return layer.blob_size
    return None if layer.scan is None or not layer.scan.complete else layer.scan.tar_size


def _content_size(stacked: StackedImage, first: int) -> int:
    return sum(layer_size(layer) or 0 for layer in stacked.image.layers[first:])


def _final_bytes(stacked: StackedImage) -> int:
    return waste_sums(stacked.tree.scans, stacked.changes).final_bytes
