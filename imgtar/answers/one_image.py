"""What documents about one image have in common: which image it is, and findings without its number."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from imgtar.answers.filters import Filtered
from imgtar.answers.session import Session
from imgtar.contract.envelope import FindingRow
from imgtar.errors import UsageError
from imgtar.image.image import ImageOutline
from imgtar.image.selection import choices


class SeveralImages(UsageError):
    """A question about one image was asked of several; `places` are their numbers among all images of the archive."""

    def __init__(self, images: Sequence[ImageOutline], places: Sequence[int]) -> None:
        there = choices([image.record for image in images])
        super().__init__("input.several-images", f"{len(images)} images: {there}", "choose one with --image @N")
        self.places = tuple(places)


def only_image(session: Session) -> ImageOutline | None:
    """The image of the session, None where damage left none. Raises SeveralImages where there are several."""
    images = session.outlines
    if len(images) > 1:
        raise SeveralImages(images, places_of(session))
    return images[0] if images else None


def places_of(session: Session) -> list[int]:
    """The numbers of the images of the session among all images of the archive, as `--image @N` counts them."""
    numbers = {id(record): number for number, record in enumerate(session.archive.catalog.images)}
    return [numbers[id(outline.record)] for outline in session.outlines]


def without_image(filtered: Filtered) -> Filtered:
    """The findings as a document without a list of images has them."""
    return msgspec.structs.replace(filtered, shown=[_without_image(finding) for finding in filtered.shown])


def _without_image(finding: FindingRow) -> FindingRow:
    where = msgspec.structs.replace(finding.where, image=None)
    return msgspec.structs.replace(finding, where=where)
