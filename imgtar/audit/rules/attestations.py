"""Which attestations are attached to an image, and what they state: predicate and subject.

Signatures are not checked: that needs keys from outside the archive.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imgtar.archive.archive import Archive
from imgtar.archive.attestations import Attached, attached, statements
from imgtar.archive.catalog.records import OtherRecord
from imgtar.findings import Finding, Kind, Severity, Where
from imgtar.formats.in_toto import Statement
from imgtar.limits import Limits

ATTESTATION = Kind(
    code="supply.attestation",
    severity=Severity.INFO,
    sentence="an attestation is attached: {predicate}{state}",
    meaning="The builder attached provenance or an SBOM. imgtar does not check its signature.",
    remedy="Verify the signature with the tool that made the attestation.",
)
WRONG_SUBJECT = Kind(
    code="supply.attestation-subject",
    severity=Severity.HIGH,
    sentence="the attached attestation {predicate} is about {found}, not about this image",
    meaning="The statement names another digest than that of this image, so it proves nothing about this image.",
    remedy="Do not rely on this attestation; ask the builder for one about this image.",
)
KINDS = (ATTESTATION, WRONG_SUBJECT)

_SHOWN = 3  # subjects in a sentence


def attestation_findings(manifest_digest: str, archive: Archive, limits: Limits) -> Iterator[Finding]:
    """The findings about the image with this manifest digest. They lack the number of the image."""
    for record in attached(archive).get(manifest_digest, ()):
        found = list(statements(record, archive, limits))
        if not found and record.kind == "attestation":
            yield ATTESTATION.at(predicate="of unknown kind", state=_state(record))
        for one in found:
            yield _statement(one, manifest_digest)


def _state(record: OtherRecord) -> str:
    return ", but it has no statement" if record.present else ", but its content is not in the archive"


def _statement(found: Attached, manifest_digest: str) -> Finding:
    predicate = found.predicate or "of unknown kind"
    if found.member is None:
        return ATTESTATION.at(predicate=predicate, state=", but its statement is not in the archive")
    where = Where(member=found.member.name)
    statement = found.statement
    if found.mismatch is not None:
        return ATTESTATION.at(where, None, predicate=predicate, state=", but its bytes contradict its digest")
    if statement is None:
        return ATTESTATION.at(where, None, predicate=predicate, state=", but its statement cannot be read here")
    if manifest_digest in statement.subjects:
        predicate = statement.predicate_type or predicate
        return ATTESTATION.at(where, None, predicate=predicate, state=", and its subject is this image")
    return wrong_subject(found, statement)


def wrong_subject(found: Attached, statement: Statement) -> Finding:
    """The finding about a statement that is attached to an image and about something else."""
    where = Where() if found.member is None else Where(member=found.member.name)
    return other_subject(where, statement.predicate_type or found.predicate or "of unknown kind", statement.subjects)


def other_subject(where: Where, predicate: str, subjects: Sequence[str]) -> Finding:
    """The same by the type of the predicate and the digests that the statement is about."""
    listed = ", ".join(subjects[:_SHOWN]) + (" and others" if len(subjects) > _SHOWN else "")
    return WRONG_SUBJECT.at(where, None, predicate=predicate, found=listed or "nothing")
