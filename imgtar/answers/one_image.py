"""What documents about one image have in common: which image it is, and findings without its number."""

from __future__ import annotations

import msgspec

from imgtar.answers.filters import Filtered
from imgtar.answers.session import Session
from imgtar.contract.envelope import FindingRow
from imgtar.errors import UsageError
from imgtar.image.image import ImageOutline
from imgtar.image.selection import choices


def only_image(session: Session) -> ImageOutline | None:
    """The image of the session, None where damage left none. Raises UsageError where there are several."""
    images = session.outlines
    if len(images) > 1:
        there = choices([image.record for image in images])
        raise UsageError("input.several-images", f"{len(images)} images: {there}", "choose one with --image @N")
    return images[0] if images else None


def without_image(filtered: Filtered) -> Filtered:
    """The findings as a document without a list of images has them."""
    return msgspec.structs.replace(filtered, shown=[_without_image(finding) for finding in filtered.shown])


def _without_image(finding: FindingRow) -> FindingRow:
    where = msgspec.structs.replace(finding.where, image=None)
    return msgspec.structs.replace(finding, where=where)
