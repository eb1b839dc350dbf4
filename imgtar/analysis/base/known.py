"""Images that may be the base of another one, found by the chain ID of their layers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from imgtar.archive.catalog.records import ImageRecord
from imgtar.formats.digest import Digest, known_chain
from imgtar.image.image import LayerOutline


class KnownImage(msgspec.Struct, frozen=True):
    """An image by what a base needs: `chain_id` stands for all its layers, `steps` is the number of history rows."""

    name: str | None
    digest: str | None
    layers: int
    steps: int
    chain_id: Digest | None

    @property
    def size(self) -> tuple[int, int]:
        """Its layers and steps: a base has fewer layers or, of as many, fewer steps than what is built on it."""
        return self.layers, self.steps


def known(record: ImageRecord) -> KnownImage:
    """An image of a catalog as a possible base."""
    digest = record.manifest_digest or record.target_digest
    return KnownImage(
        name=record.names[0] if record.names else None,
        digest=None if digest is None else str(digest),
        layers=len(record.diff_ids),
        steps=len(record.history),
        chain_id=(None, *known_chain(record.diff_ids))[-1],
    )


class KnownImages:
    """Possible bases, of which the one with the most layers is found in one walk over the layers of an image."""

    def __init__(self, images: Iterable[KnownImage]) -> None:
        self._by_chain: dict[Digest, KnownImage] = {}
        for image in images:
            if image.chain_id is not None:
                first = self._by_chain.setdefault(image.chain_id, image)
                if image.size < first.size:
                    self._by_chain[image.chain_id] = image

    def below(self, layers: Sequence[LayerOutline], smaller_than: tuple[int, int] | None = None) -> KnownImage | None:
        """The image with the most layers that are the lowest ones of `layers`, all of them known; None without one.

        With `smaller_than` an image of at least this size does not count.
        """
        for layer in reversed(layers):
            found = None if layer.chain_id is None else self._by_chain.get(layer.chain_id)
            if found is not None and (smaller_than is None or found.size < smaller_than):
                return found
        return None
