"""What is odd about a layer by what it is: one that holds no tar, and one that may be more than a root filesystem."""

from __future__ import annotations

from imgtar.archive.catalog.records import LayerRef
from imgtar.archive.document_names import DOCUMENTS
from imgtar.archive.problems import ROOT_WITH_DOCUMENTS
from imgtar.findings import Effect, Finding, Where
from imgtar.image import problems
from imgtar.image.layer_outlines import where
from imgtar.image.verify import media_type
from imgtar.layer.scan import LayerScan


def unreadable(ref: LayerRef, *, allowed: bool) -> list[Finding]:
    """That a layer holds no tar by design, which has no effect where it is `allowed`."""
    if ref.readable:
        return []
    effect = Effect.NONE if allowed else None
    return [problems.UNREADABLE.at(where(ref), effect, media_type=media_type(ref)[:200])]


def documents_of_images(scan: LayerScan) -> list[Finding]:
    """The documents that name images in what only begins as a root filesystem."""
    names = sorted(name for name in DOCUMENTS if name in scan.entries and scan.entries[name].type == "file")
    return [ROOT_WITH_DOCUMENTS.at(Where(path=name), name=b"/" + name) for name in names]
