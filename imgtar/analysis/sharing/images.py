"""What sharing needs to know of an image and its layers: identities and sizes, no files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from imgtar.formats.digest import Digest
from imgtar.formats.oci.platform import Platform
from imgtar.image.image import ImageOutline, LayerOutline
from imgtar.image.passing import FileContent, LayerMeasure

Measure = Callable[[LayerOutline], LayerMeasure | None]


class LayerFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A layer at its position. Sizes in bytes, None where they are not known.

    `identity` says which layers over the same lower layers are one: the diffID, or the blob of this archive where no
    config states a diffID. `digest` is that of the blob as stated. `size` is what docker counts (content_size), and
    `unpacked_size` what the unpacked layer takes on a disk.
    """

    identity: object
    diff_id: Digest | None
    chain_id: Digest | None
    digest: Digest | None
    blob_size: int | None
    size: int | None
    unpacked_size: int | None
    contents: tuple[FileContent, ...] = ()
    instruction: str
    text: str
    comment: str = ""


class ImageFacts(msgspec.Struct, frozen=True, kw_only=True):
    """An image of one or several archives; `layers` base first.

    `origins` has the archives by their numbers, each with the image's number in it. `manifest_digest` and
    `target_digest` are those of `ImageRecord`.
    """

    names: tuple[str, ...]
    image_id: str | None
    manifest_digest: Digest | None
    target_digest: Digest | None
    platform: Platform
    origins: tuple[tuple[int, int], ...]
    layers: tuple[LayerFacts, ...]

    @property
    def identified(self) -> bool:
        """Does each layer have a diffID, so that it may be compared with those of other archives?"""
        return all(layer.diff_id is not None for layer in self.layers)

    @property
    def states_digests(self) -> bool:
        """Does an archive state the digest of each blob?"""
        return all(layer.digest is not None for layer in self.layers)


def image_facts(image: ImageOutline, origin: tuple[int, int], measure: Measure) -> ImageFacts:
    """The facts of an image; `origin` is the number of its archive and its own; `measure` reads a layer."""
    record = image.record
    return ImageFacts(
        names=record.names,
        image_id=record.image_id,
        manifest_digest=record.manifest_digest,
        target_digest=record.target_digest,
        platform=image.platform,
        origins=(origin,),
        layers=tuple(_layer_facts(image, layer, origin[0], measure(layer)) for layer in image.layers),
    )


def _layer_facts(image: ImageOutline, layer: LayerOutline, source: int, measure: LayerMeasure | None) -> LayerFacts:
    step = image.pairing.step_of(layer.index)
    member = layer.ref.member
    blob = (source, layer.ref.named if member is None else member.name)
    return LayerFacts(
        identity=blob if layer.diff_id is None else layer.diff_id,
        diff_id=layer.diff_id,
        chain_id=layer.chain_id,
        digest=layer.digest,
        blob_size=layer.blob_size,
        size=None if measure is None else measure.content_size,
        unpacked_size=None if measure is None else measure.unpacked_size,
        contents=() if measure is None else measure.contents,
        instruction="" if step is None else step.instruction or "",
        text="" if step is None else step.text or "",
        comment="" if step is None else step.entry.comment or "",
    )


def merged(images: Iterable[ImageFacts]) -> list[ImageFacts]:
    """One image for each image ID, in the order of its first archive, with all its names and archives.

    An image without an ID is one of its own.
    """
    found: list[ImageFacts] = []
    by_id: dict[str, int] = {}
    for image in images:
        first = None if image.image_id is None else by_id.setdefault(image.image_id, len(found))
        if first is None or first == len(found):
            found.append(image)
        else:
            found[first] = _joined(found[first], image)
    return found


def _joined(first: ImageFacts, second: ImageFacts) -> ImageFacts:
    """The image as both archives describe it; its layers are those of the archive that says most of them."""
    better = max((first, second), key=lambda image: (image.identified, image.states_digests))
    return msgspec.structs.replace(
        better,
        names=_union(first.names, second.names),
        origins=(*first.origins, *second.origins),
        manifest_digest=first.manifest_digest or second.manifest_digest,
        target_digest=first.target_digest or second.target_digest,
    )


def _union(first: Sequence[str], second: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))
