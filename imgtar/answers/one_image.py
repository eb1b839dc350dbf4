"""What questions about one image have in common: which image it is, and findings without its number."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from imgtar.answers.filters import Filtered
from imgtar.answers.options import Needs
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


def each_image(session: Session, needs: Needs) -> Iterable[tuple[int | None, Session]]:
    """A session about each image alone, whose layers are read as far as `needs` says.

    With each is its number among all images of the archive, as `--image @N` counts them, None where only one is asked
    about or none is left. Raises InputError where nothing can be read.
    """
    if len(session.outlines) < 2:
        session.read(needs)
        return [(None, session)]
    numbers = {id(record): number for number, record in enumerate(session.archive.catalog.images)}
    places = [numbers[id(outline.record)] for outline in session.outlines]
    return zip(places, session.of_each_image(needs), strict=True)


def without_image(filtered: Filtered) -> Filtered:
    """The findings as a document without a list of images has them."""
    return msgspec.structs.replace(filtered, shown=[_without_image(finding) for finding in filtered.shown])


def _without_image(finding: FindingRow) -> FindingRow:
    where = msgspec.structs.replace(finding.where, image=None)
    return msgspec.structs.replace(finding, where=where)
