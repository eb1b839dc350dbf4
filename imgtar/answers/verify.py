"""What `verify` says of an archive."""

from __future__ import annotations

from imgtar.answers.filters import Filtered
from imgtar.answers.inspect import inspect_content
from imgtar.answers.session import Session
from imgtar.contract.content import VerifyContent


def verify_content(session: Session, filtered: Filtered) -> VerifyContent:
    """The report without its long lists, what was recomputed, and what every byte of the file belongs to."""
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
        checks=session.checks(),
    )
