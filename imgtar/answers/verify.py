"""What `verify` says of an archive."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from imgtar.answers.filters import Filtered
from imgtar.answers.inspect import inspect_content
from imgtar.answers.session import Session
from imgtar.contract.content import VerifyContent
from imgtar.contract.inspect import Image
from imgtar.findings import Effect, Finding


def verify_content(session: Session, filtered: Filtered) -> VerifyContent:
    """The report without its long lists, and what every byte of the file belongs to."""
    content = inspect_content(session, filtered, summary=True)
    return VerifyContent(
        document=content.document,
        explanations=content.explanations,
        layer_sentences=content.layer_sentences,
        changes=content.changes,
        encoded_changes=content.encoded_changes,
        ids=content.ids,
        summary=True,
        ranges=session.ranges(),
        wrong_layers=_wrong_layers(content.document.images, session.findings),
    )


def _wrong_layers(images: Sequence[Image], findings: Iterable[Finding]) -> list[frozenset[int]]:
    """A finding about a layer that several images share names the first one, so equal layers are wrong with it."""
    places = {(row.where.image, row.where.layer) for row in findings if row.effect is not Effect.NONE}
    layers = [(number, layer) for number, image in enumerate(images) for layer in image.layers]
    wrong = {(layer.digest, layer.diff_id) for number, layer in layers if (number, layer.index) in places}
    wrong.discard((None, None))  # nothing tells such layers apart
    return [
        frozenset(
            layer.index
            for layer in image.layers
            if (number, layer.index) in places or (layer.digest, layer.diff_id) in wrong
        )
        for number, image in enumerate(images)
    ]
