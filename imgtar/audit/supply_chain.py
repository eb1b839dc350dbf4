"""Where the image comes from, as far as it tells: base, attestations, time of creation; what else is still in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from imgtar.analysis.stacked import Stacked
from imgtar.archive.records import OtherRecord
from imgtar.findings import Finding, Kind, Severity, Where

BASE = Kind(
    code="supply.base",
    severity=Severity.INFO,
    sentence="the base image is {name}, by {source}",
    meaning="What labels, annotations or the history say of the base image; nothing proves it.",
    remedy="Nothing.",
)
ATTESTATION = Kind(
    code="supply.attestation",
    severity=Severity.INFO,
    sentence="an attestation about {subject} is in the archive{state}",
    meaning="Provenance or an SBOM that the builder attached; its signature is not checked.",
    remedy="Verify its signature with the tool that made it.",
)
NOT_DATED = Kind(
    code="supply.no-time",
    severity=Severity.INFO,
    sentence="the time of creation is {created}: none, or that of a reproducible build",
    meaning="The image does not tell when it was built.",
    remedy="Nothing, if it was built reproducibly.",
)
FUTURE = Kind(
    code="supply.future",
    severity=Severity.LOW,
    sentence="the time of creation {created} lies in the future",
    meaning="The image claims to be built after the day it is judged on.",
    remedy="Check the clock of the builder.",
)
RECOVERABLE = Kind(
    code="layer.recoverable",
    severity=Severity.INFO,
    sentence="{path} ({size} bytes) of layer {added} ({by}) is removed by layer {removed} ({gone}) and still here",
    meaning="A large file that a later layer deletes or overwrites can still be taken from the archive.",
    remedy="Delete it in the step that makes it, or build in stages.",
)
KINDS = (BASE, ATTESTATION, NOT_DATED, FUTURE, RECOVERABLE)
_FROM = re.compile(r"FROM (\S{1,300})")
_UNDATED = ("", "0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "1980-01-01T00:00:01Z")
LARGE = 1 << 20  # bytes of a dead file that is worth a finding


def supply_chain(answer: Stacked, others: tuple[OtherRecord, ...], judged_on: datetime) -> Iterator[Finding]:
    """The findings lack the image."""
    image = answer.image
    labels = {**image.record.annotations, **image.execution.labels}
    base = labels.get("org.opencontainers.image.base.name")
    if base:
        yield BASE.at(name=base, source="a label")
    else:
        for step in image.pairing.steps:
            named = _FROM.match(step.entry.comment or "")
            if named:
                yield BASE.at(name=named[1], source="the history")
                break
    digest = str(image.record.manifest_digest)
    for other in others:
        if other.kind == "attestation" and other.refers_to == digest:
            yield ATTESTATION.at(subject=digest, state="" if other.present else ", but its content is not")
    created = None if image.record.config is None else image.record.config.created
    if (created or "") in _UNDATED:
        yield NOT_DATED.at(created=created or "not stated")
    elif created is not None and _is_after(created, judged_on):
        yield FUTURE.at(created=created)


def recoverable(answer: Stacked) -> Iterator[Finding]:
    """Large dead files, the largest first; the findings lack the image."""
    for death in answer.waste.rows:
        if death.size < LARGE:
            return
        if death.added_in != death.removed_in:
            yield RECOVERABLE.at(
                Where(layer=death.added_in, path=death.path),
                None,
                path=b"/" + death.path,
                size=death.size,
                added=death.added_in,
                by=_instruction(answer, death.added_in),
                removed=death.removed_in,
                gone=_instruction(answer, death.removed_in),
            )


def _instruction(answer: Stacked, layer: int) -> str:
    step = answer.image.pairing.step_of(layer)
    return (None if step is None else step.instruction) or "unknown instruction"


def _is_after(created: str, judged_on: datetime) -> bool:
    try:
        moment = datetime.fromisoformat(created)
    except ValueError:
        return False
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) > judged_on
