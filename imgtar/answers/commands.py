"""What `inspect`, `verify` and `history` answer."""

from __future__ import annotations

from functools import partial

import msgspec

from imgtar.answers.envelope import fields_of
from imgtar.answers.filters import Filtered
from imgtar.answers.finding_rows import explanations
from imgtar.answers.ids import image_ids
from imgtar.answers.image import build_outline, layer_sentences
from imgtar.answers.session import Session
from imgtar.contract.commands import HistoryImage, HistoryReport
from imgtar.contract.content import HistoryContent, InspectContent, VerifyContent


def inspect_answer(session: Session, shown: Filtered, *, summary: bool = False) -> InspectContent:
    """The whole report, or the one without the long lists."""
    document = msgspec.structs.replace(session.document, findings=shown.shown, ignored=shown.ignored)
    content = InspectContent(
        document=document,
        explanations=explanations(session.findings),
        layer_sentences=layer_sentences(document.images),
        changes=session.changes,
        files=session.files,
        ids=partial(image_ids, session),
    )
    return content.summarised() if summary else content


def verify_answer(session: Session, shown: Filtered) -> VerifyContent:
    """The report without its long lists, and what every byte of the file belongs to."""
    content = inspect_answer(session, shown, summary=True)
    return VerifyContent(
        document=content.document,
        explanations=content.explanations,
        layer_sentences=content.layer_sentences,
        changes=content.changes,
        ids=content.ids,
        summary=True,
        ranges=session.ranges(),
    )


def history_answer(session: Session, shown: Filtered) -> HistoryContent:
    """The steps of each image, from the catalog alone."""
    images = [build_outline(image) for image in session.outlines]
    rows = [HistoryImage(names=image.names, id=image.id, history=image.history) for image in images]
    document = HistoryReport(**fields_of(session.envelope, shown), images=rows)
    return HistoryContent(document=document, images=images, layer_sentences=layer_sentences(images))
