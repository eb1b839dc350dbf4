"""The digits that the docker commands show for the images of an archive.

Docker's classic store (`graphdriver`) knows an image by its config's digest and a layer by its chain ID; the
containerd store knows only the digest that the name points at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest

import msgspec

from imgtar.formats.digest import Digest, known_chain, short


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """What names an image: its familiar names, the digest of its config (None for a v1 image, which has none), the
    digest that index.json names for it (None without), and per layer, base first, diffID and the digest of the blob
    as a manifest states it (None where nothing does). Both lists have one item per layer."""

    names: Sequence[str]
    image_id: Digest | None
    target: Digest | None
    diff_ids: Sequence[Digest | None]
    digests: Sequence[Digest | None]


class LayerIds(msgspec.Struct, frozen=True, kw_only=True):
    """A layer's digests, and their 12 digits in `docker pull`, in `docker load`, and of the chain ID."""

    index: int
    diff_id: Digest | None
    chain_id: Digest | None
    digest: Digest | None
    pull: str | None
    load: str | None
    chain: str | None


class StoreIds(msgspec.Struct, frozen=True, kw_only=True):
    """What one kind of store calls the image, and what `docker rmi` of all its names prints."""

    image_id: Digest | None
    rmi: tuple[str, ...] | None


class ImageIds(msgspec.Struct, frozen=True, kw_only=True):
    """The IDs of one image: its layers, base first, and its place in both kinds of store."""

    layers: tuple[LayerIds, ...]
    graphdriver: StoreIds
    containerd: StoreIds


def identify(images: Sequence[Identity]) -> list[ImageIds]:
    """The IDs of each image, in order.

    The `rmi` lines are those of removing the images one after another from a store that holds nothing else: a layer
    goes with the last image that needs it.
    """
    chains = [known_chain(image.diff_ids) for image in images]
    needed: set[Digest] = set()
    kept: set[Digest] = set()
    found: list[ImageIds] = []
    for image, chain in zip(reversed(images), reversed(chains), strict=True):
        found.append(
            ImageIds(
                layers=tuple(_layers(image, chain)),
                graphdriver=_graphdriver(image, chain, needed, kept),
                containerd=_containerd(image),
            )
        )
        needed.update(digest for digest in chain if digest is not None)
        kept |= {image.image_id} if image.image_id else set()
    return found[::-1]


def _layers(image: Identity, chain: Sequence[Digest | None]) -> Iterable[LayerIds]:
    for index, (diff_id, chain_id, digest) in enumerate(zip_longest(image.diff_ids, chain, image.digests)):
        yield LayerIds(
            index=index,
            diff_id=diff_id,
            chain_id=chain_id,
            digest=digest,
            pull=_short(digest),
            load=_short(diff_id),
            chain=_short(chain_id),
        )


def _short(digest: Digest | None) -> str | None:
    return None if digest is None else short(digest)


def _graphdriver(image: Identity, chain: Sequence[Digest | None], needed: set[Digest], kept: set[Digest]) -> StoreIds:
    """`needed` are the chain IDs and `kept` the image IDs of the images still to come."""
    if image.image_id is None:
        return StoreIds(image_id=None, rmi=None)
    lines = [f"Untagged: {name}" for name in image.names]
    if image.image_id in kept:
        return StoreIds(image_id=image.image_id, rmi=tuple(lines))
    lines.append(f"Deleted: {image.image_id}")
    for chain_id in reversed(chain):
        if chain_id is None:
            return StoreIds(image_id=image.image_id, rmi=None)
        if chain_id in needed:
            break
        lines.append(f"Deleted: {chain_id}")
    return StoreIds(image_id=image.image_id, rmi=tuple(lines))


def _containerd(image: Identity) -> StoreIds:
    if image.target is None:
        return StoreIds(image_id=None, rmi=None)
    lines = [f"Untagged: {name}" for name in image.names]
    return StoreIds(image_id=image.target, rmi=(*lines, f"Deleted: {image.target}"))
