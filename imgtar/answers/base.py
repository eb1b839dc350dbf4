"""The base image of each image: what the options state of it, and its row in a report."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from imgtar.answers.options import InspectOptions
from imgtar.archive.archive import Archive
from imgtar.contract import base as model
from imgtar.image.image import ImageOutline
from imgtar.limits import Limits

if TYPE_CHECKING:  # imports are most of the time of `ids`
    from imgtar.analysis.base.base import Base
    from imgtar.analysis.base.given import GivenBase


def given_of(limits: Limits, options: InspectOptions) -> GivenBase | None:
    """What the options state of the base; None where they state nothing.

    Raises InputError if an archive of base images cannot be used, UsageError if it lacks the image that is named.
    """
    if options.base is None and not options.base_images:
        return None
    from imgtar.analysis.base.given import given_base

    return given_base(options.base, options.base_images, limits)


def bases_of(
    archive: Archive, images: Iterable[ImageOutline], limits: Limits, given: GivenBase | None
) -> tuple[Base | None, ...]:
    """The base of each image. Raises UsageError if what is given does not fit an image."""
    from imgtar.analysis.base.base import Bases

    bases = Bases(archive, limits, given)
    return tuple(map(bases.of, images))


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
