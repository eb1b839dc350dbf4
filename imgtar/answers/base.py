"""The base image of each image: what the options state of it, and its row in a report."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec import UNSET
from msgspec.structs import replace

from imgtar.answers.options import InspectOptions
from imgtar.contract import base as model
from imgtar.contract.content import InspectContent
from imgtar.contract.inspect import Change, Image
from imgtar.limits import Limits

if TYPE_CHECKING:  # imports are most of the time of `ids`
    from imgtar.analysis.base.base import Base
    from imgtar.analysis.base.given import GivenBase
    from imgtar.analysis.stacked_image import MeasuredImage
    from imgtar.contract.files import Entry


def given_of(limits: Limits, options: InspectOptions) -> GivenBase | None:
    """What the options state of the base; None where they state nothing.

    Raises InputError if an archive of base images cannot be used, UsageError if it lacks the image that is named.
    """
    if options.base is None and not options.base_images:
        return None
    from imgtar.analysis.base.given import given_base

    return given_base(options.base, options.base_images, limits)


def base_row(base: Base | None) -> model.Base | None:
    """The base as the contract writes it."""
    if base is None:
        return None
    return model.Base(
        layers=base.layers,
        by=base.by,
        confidence=base.confidence,
        name=base.name,
        digest=base.digest,
        named_by=base.named_by,
    )


def own_from(base: Base | None) -> int:
    """How many of the lowest layers `--own` leaves out: those of the base, a guessed one too; 0 where nobody knows."""
    return 0 if base is None else base.layers or 0


def own_row(stacked: MeasuredImage, base: Base | None) -> model.Own:
    """The layers above the base; all layers where nobody knows which ones are the base's."""
    first = own_from(base)
    layers = stacked.image.layers[first:]
    scans = [layer.scan for layer in layers if layer.scan is not None and layer.scan.is_tar]
    return model.Own(
        layers=len(layers),
        blob_size=sum(scan.blob_size for scan in scans),
        content_size=sum(scan.content_size for scan in scans),
        stored_bytes=sum(scan.stored_bytes for scan in scans),
        wasted_bytes=sum(row.size for row in stacked.waste.rows if row.added_in >= first),
    )


def own_content(content: InspectContent) -> InspectContent:
    """The report without the changes, files and waste of the base (`--own`)."""
    document = content.document
    own_from = [len(image.layers) - (image.own.layers if image.own else 0) for image in document.images]

    def changes(image: int, layer: int) -> Iterable[Change]:
        return content.changes(image, layer) if layer >= own_from[image] else ()

    def files(image: int) -> Iterable[Entry]:
        return (entry for entry in content.files(image) if entry.layer >= own_from[image])

    images = [_own_image(image, first) for image, first in zip(document.images, own_from, strict=True)]
    return replace(content, document=replace(document, images=images), changes=changes, files=files, own_from=own_from)


def _own_image(image: Image, first: int) -> Image:
    if image.waste is UNSET:
        return image
    return replace(
        image,
        waste=[row for row in image.waste_rows if row.added_in >= first],
        waste_groups=[group for group in image.waste_group_rows if group.added_in >= first],
        advice=[one for one in image.advice_rows if one.layer >= first],
    )
