"""What `ls` says of an archive: the files of an image, what single layers hold and remove, how large both are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from imgtar.analysis.stacked_image import StackedImage
from imgtar.analysis.usage import Selects, Usage, everything
from imgtar.answers.envelope import fields_of
from imgtar.answers.filters import Filtered
from imgtar.answers.given_path import Selection, select
from imgtar.answers.listed import LayerFiles, Listed, TreeFiles
from imgtar.answers.one_image import only_image, without_image
from imgtar.answers.session import Session
from imgtar.answers.view import View
from imgtar.contract.file_content import DuContent, LsContent, Sighting, Whereabouts
from imgtar.contract.files import DirectoryRow, DuReport, LsReport
from imgtar.contract.inspect import ChangeKind
from imgtar.text import escape, json_text


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """What `ls` lists: the files of a view, or what every layer stores; only what `path` selects, where one is given.

    `depth` is that of the sums of `--du`.
    """

    path: str | None = None
    view: View = View()
    all_layers: bool = False
    long: bool = False
    depth: int = 1


class _Answer(msgspec.Struct, frozen=True):
    """The stack that was read, its files that are listed, and what PATH selects of them (None: no PATH)."""

    stacked: StackedImage
    listed: Listed
    selection: Selection | None

    @property
    def selects(self) -> Selects:
        return everything if self.selection is None else self.selection.selects


def ls_content(session: Session, filtered: Filtered, listing: Listing) -> LsContent:
    """The files of the one image of the session.

    Raises UsageError where there are several images or PATH cannot be one, InputError for a layer that the image lacks.
    """
    answer = _answer(session, listing)
    document = LsReport(
        **fields_of(session.envelope, without_image(filtered)),
        image=_image_id(session),
        layer=listing.view.layer,
        upto=listing.view.upto,
        entries=[],
    )
    return LsContent(
        document=document,
        entries=tuple if answer is None else lambda: answer.listed.entries(answer.selects),
        long=listing.long,
        all_layers=listing.all_layers,
        whereabouts=_whereabouts(answer, listing),
    )


def du_content(session: Session, filtered: Filtered, listing: Listing) -> DuContent:
    """The bytes below the directories of the one image of the session. Raises as `ls_content` does."""
    answer = _answer(session, listing)
    rows = [] if answer is None else answer.listed.usage(answer.selects, listing.depth)
    topmost = [] if answer is None else [row for row in rows if _is_topmost(row, answer.selects)]
    document = DuReport(
        **fields_of(session.envelope, without_image(filtered)),
        image=_image_id(session),
        layer=listing.view.layer,
        upto=listing.view.upto,
        depth=listing.depth,
        bytes=sum(row.bytes for row in topmost),
        files=sum(row.files for row in topmost),
        directories=[],
    )
    return DuContent(
        document=document,
        directories=lambda: map(_directory_row, rows),
        long=listing.long,
        whereabouts=_whereabouts(answer, listing),
    )


def _answer(session: Session, listing: Listing) -> _Answer | None:
    """What is listed; None where damage left no image."""
    image = only_image(session)
    if image is None:
        return None
    view = listing.view
    view.check(image)
    stacked = session.stacked(0, upto=view.top)
    listed: Listed
    if listing.all_layers or view.layer is not None:
        layers = range(len(image.layers)) if view.layer is None else (view.layer,)
        listed = LayerFiles(stacked, layers)
    else:
        listed = TreeFiles(stacked)
    if listing.path is None:
        return _Answer(stacked, listed, None)
    return _Answer(stacked, listed, select(listing.path, listed.paths, stacked.tree, listed.is_directory))


def _image_id(session: Session) -> str | None:
    image = only_image(session)
    return None if image is None else image.record.image_id


def _whereabouts(answer: _Answer | None, listing: Listing) -> Whereabouts | None:
    """Where PATH leads, and where it was if nothing of it is listed."""
    if listing.path is None:
        return None
    if answer is None or answer.selection is None:
        return Whereabouts(sightings=[])
    selection = answer.selection
    return Whereabouts(
        leads_to=None if selection.leads_to is None else escape(b"/" + selection.leads_to),
        loops=selection.loops,
        sightings=None if selection.found else list(_sightings(answer.stacked, selection.selects)),
    )


def _sightings(stacked: StackedImage, selects: Selects) -> Iterator[Sighting]:
    """The layers that change a selected path, once for each kind of change."""
    for layer, changes in enumerate(stacked.changes):
        rows: tuple[tuple[ChangeKind, Iterable[bytes]], ...]
        rows = (("added", changes.added), ("modified", changes.modified), ("deleted", changes.deleted))
        for kind, paths in rows:
            if any(map(selects, paths)):
                yield Sighting(layer=layer, kind=kind)


def _is_topmost(row: Usage, selects: Selects) -> bool:
    return not row.path or not selects(row.path.rpartition(b"/")[0])


def _directory_row(row: Usage) -> DirectoryRow:
    path, path_b64 = json_text(b"/" + row.path)
    return DirectoryRow(
        path=path,
        type="dir" if row.directory else "file",
        bytes=row.bytes,
        files=row.files,
        layer=row.layer,
        path_b64=path_b64,
    )
