"""What `inspect` says of an archive."""

from __future__ import annotations

from functools import partial

import msgspec

from imgtar.answers.base import own_content
from imgtar.answers.filters import Filtered
from imgtar.answers.finding_rows import explanations
from imgtar.answers.ids import image_ids
from imgtar.answers.image import layer_sentences
from imgtar.answers.session import Session
from imgtar.contract.content import InspectContent


def inspect_content(
    session: Session, filtered: Filtered, *, summary: bool = False, own: bool = False, audited: bool = False
) -> InspectContent:
    """The whole report, or the one without the long lists; with `own` without what lies in the base.

    `audited`: the session ran the audit, so no finding may quote a secret.
    """
    if audited:
        from imgtar.answers.redaction import redacted_findings  # with the patterns of secrets

        filtered = redacted_findings(filtered)
    document = msgspec.structs.replace(session.document, findings=filtered.shown, ignored=filtered.ignored)
    content = InspectContent(
        document=document,
        explanations=explanations(session.findings),
        layer_sentences=layer_sentences(document.images),
        changes=session.changes,
        encoded_changes=session.encoded_changes,
        files=session.files,
        ids=partial(image_ids, session),
        audited=audited,
    )
    content = own_content(content) if own else content
    return content.summarised() if summary else content
