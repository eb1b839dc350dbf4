"""What `duplicates` says of an image: the groups of files with equal contents, and the verdict of its gate."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial

from imgtar.analysis.duplicates import Copy, Duplicates, DuplicatesQuery, Group, find_duplicates
from imgtar.analysis.search.hashing import Hashing
from imgtar.answers.envelope import fields_of
from imgtar.answers.filters import Filtered
from imgtar.answers.one_image import only_image, without_image
from imgtar.answers.session import Session
from imgtar.contract.duplicates import (
    DuplicateCopy,
    DuplicateGroup,
    DuplicatesContent,
    DuplicatesReport,
    DuplicateTotals,
)
from imgtar.contract.judgements import CauseRow, CheckRule
from imgtar.text import json_text

_NOTHING = Duplicates((), 0, 0)


def duplicates_of(session: Session, query: DuplicatesQuery) -> Duplicates:
    """The duplicates of the one image of the session, which has the option `digests`; empty where damage left no image.

    The session notes what is wrong with contents. Raises UsageError where there are several images, InputError where
    the file cannot be read, and BadGlob.
    """
    if only_image(session) is None:
        return _NOTHING
    assert session.watching.digests is not None
    hashing = Hashing(session.stacked(0), partial(session.bodies, 0), session.watching.digests)
    found = find_duplicates(session.stacked(0), query, hashing.taken)
    session.note(hashing.findings)
    return found


def duplicates_content(
    session: Session, filtered: Filtered, found: Duplicates, query: DuplicatesQuery, max_duplicates: int | None
) -> DuplicatesContent:
    """The report about what was found; the gate is that the copies take at most `max_duplicates` bytes."""
    image = only_image(session)
    saved = sum(group.saved for group in found.groups)
    rules = [] if max_duplicates is None else [_rule(saved, max_duplicates, known=session.envelope.complete)]
    document = DuplicatesReport(
        **fields_of(session.envelope, without_image(filtered)),
        image=None if image is None else image.record.image_id,
        all_layers=query.all_layers,
        min_size=query.min_size,
        within=[json_text(os.fsencode(text))[0] for text in query.within],
        passed=all(rule.passed for rule in rules) if rules else None,
        rules=rules,
        totals=DuplicateTotals(
            groups=len(found.groups),
            files=sum(len(group.copies) for group in found.groups),
            bytes=saved,
            final_bytes=found.final_bytes,
            stored_bytes=found.stored_bytes,
        ),
        groups=[],
    )
    steps = () if image is None else (image.pairing.step_of(layer.index) for layer in image.layers)
    return DuplicatesContent(
        document=document,
        groups=lambda: _groups(found),
        instructions=["" if step is None else step.instruction or "" for step in steps],
    )


def _rule(saved: int, limit: int, *, known: bool) -> CheckRule:
    """The verdict of the gate. A sum that may be larger, because not all was read, does not pass."""
    return CheckRule(
        rule="max-duplicates",
        image=None,
        passed=known and saved <= limit,
        value=saved,
        limit=limit,
        unit="bytes",
        causes=[] if known else [CauseRow(message="not all contents were read, so there may be more duplicates")],
    )


def _groups(found: Duplicates) -> Iterator[DuplicateGroup]:
    return map(_group, found.groups)


def _group(group: Group) -> DuplicateGroup:
    return DuplicateGroup(
        sha256=group.digest.hex(), size=group.size, bytes=group.saved, paths=[_copy(copy) for copy in group.copies]
    )


def _copy(copy: Copy) -> DuplicateCopy:
    path, path_b64 = json_text(b"/" + copy.path)
    return DuplicateCopy(path=path, layer=copy.layer, names=copy.names, gone=copy.gone, path_b64=path_b64)
