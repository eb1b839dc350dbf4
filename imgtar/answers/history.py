"""What `history` says of an archive: the steps of each image, from the catalog alone."""

from __future__ import annotations

from imgtar.answers.envelope import fields_of
from imgtar.answers.filters import Filtered
from imgtar.answers.image import build_outline, layer_sentences
from imgtar.answers.session import Session
from imgtar.contract.content import HistoryContent
from imgtar.contract.documents import HistoryImage, HistoryReport


def history_content(session: Session, filtered: Filtered) -> HistoryContent:
    """The steps of each image, from the catalog alone."""
    images = [build_outline(image) for image in session.outlines]
    rows = [HistoryImage(names=image.names, id=image.id, history=image.history) for image in images]
    document = HistoryReport(**fields_of(session.envelope, filtered), images=rows)
    return HistoryContent(document=document, images=images, layer_sentences=layer_sentences(images))
