"""What `ls` says of an archive: the files of an image, or what single layers hold and remove."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator

import msgspec

from imgtar.answers.envelope import fields_of
from imgtar.answers.filters import Filtered
from imgtar.answers.session import FILES, Needs, Session
from imgtar.contract.commands import Entry, LsReport
from imgtar.contract.content import LsContent, Sighting
from imgtar.contract.inspect import FindingRow
from imgtar.errors import InputError, UsageError
from imgtar.image.image import ImageOutline
from imgtar.image.selection import describe
from imgtar.text import json_text, unescape


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """What `ls` lists: the final filesystem, one layer, or every layer; below `path` only, where one is given."""

    path: str | None = None
    layer: int | None = None
    all_layers: bool = False
    long: bool = False

    @property
    def needs(self) -> Needs:
        """Everything, or for one layer that layer and those below it: its changes depend on no layer above."""
        return FILES if self.layer is None else Needs(top=self.layer)


def ls_content(session: Session, filtered: Filtered, listing: Listing) -> LsContent:
    """The files of the one image of the session.

    Raises UsageError where there are several images, InputError for a layer that the image lacks.
    """
    image = _only(session)
    if listing.layer is not None and image is not None and listing.layer >= len(image.layers):
        there = f"it has layers 0 to {len(image.layers) - 1}" if image.layers else "it has no layers"
        raise InputError("input.no-such-layer", f"the image has no layer {listing.layer}", there)
    filtered = msgspec.structs.replace(filtered, shown=[_without_image(finding) for finding in filtered.shown])
    document = LsReport(
        **fields_of(session.envelope, filtered),
        image=None if image is None else image.record.image_id,
        layer=listing.layer,
        entries=[],
    )
    source = _entries(session, image, listing)
    sightings = None
    if listing.path is not None:
        places = _places(listing.path)
        source = _below(source, places)
        if next(iter(source()), None) is None:
            sightings = [] if image is None else _sightings(session, image, listing, places)
    return LsContent(document=document, entries=source, long=listing.long, sightings=sightings)


def _only(session: Session) -> ImageOutline | None:
    """The image, None where damage left none."""
    images = session.outlines
    if len(images) > 1:
        there = ", ".join(describe(number, image.record) for number, image in enumerate(images))
        raise UsageError("input.several-images", f"{len(images)} images: {there}", "choose one with --image @N")
    return images[0] if images else None


def _without_image(finding: FindingRow) -> FindingRow:
    where = msgspec.structs.replace(finding.where, image=None)
    return msgspec.structs.replace(finding, where=where)


def _entries(session: Session, image: ImageOutline | None, listing: Listing) -> Callable[[], Iterable[Entry]]:
    if image is None:
        return tuple
    if listing.layer is not None:
        layer = listing.layer
        return lambda: session.layer_files(0, layer)
    if not listing.all_layers:
        return lambda: session.files(0)
    return lambda: (entry for layer in image.layers for entry in session.layer_files(0, layer.index))


def _places(path: str) -> set[str]:
    """The paths that PATH may mean: as stored, or as `ls` prints it; absolute, as entries have them."""
    spellings = {os.fsencode(path)}
    with contextlib.suppress(UnicodeEncodeError):  # an escape of half a character, which no path has
        spellings.add(os.fsencode(unescape(path)))
    texts = (json_text(spelling)[0] for spelling in spellings)
    return {"/" + "/".join(part for part in text.split("/") if part not in ("", ".")) for text in texts}


def _sightings(session: Session, image: ImageOutline, listing: Listing, places: set[str]) -> list[Sighting]:
    """The changes of the path in the layers that are read: those up to the listed one, else all."""
    read = image.layers if listing.layer is None else image.layers[: listing.layer + 1]
    return [
        Sighting(layer=layer.index, kind=change.kind)
        for layer in read
        for change in session.changes(0, layer.index, top=listing.layer)
        if change.path in places
    ]


def _below(source: Callable[[], Iterable[Entry]], places: set[str]) -> Callable[[], Iterator[Entry]]:
    """The entries at `places` and below them."""
    prefixes = tuple(place.rstrip("/") + "/" for place in places)

    def entries() -> Iterator[Entry]:
        return (entry for entry in source() if entry.path in places or entry.path.startswith(prefixes))

    return entries
