"""Which attestations are attached to an image, and what they state: predicate and subject.

in-toto attestation framework, Statement v0.1 and v1, bare (BuildKit) or in a DSSE envelope (cosign). Signatures are
not checked: that needs keys from outside the archive.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

from imgtar.archive.archive import Archive
from imgtar.archive.catalog.records import OtherRecord
from imgtar.archive.index.member_index import Unresolved
from imgtar.findings import Finding, Kind, Severity, Where
from imgtar.formats.json_document.document import parse
from imgtar.formats.oci.documents import Descriptor
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

_KINDS = ("attestation", "referrer")
_PREDICATE = "in-toto.io/predicate-type"
_STATEMENT = "in-toto"
_ENVELOPE = "dsse"
_SHOWN = 3  # subjects in a sentence


def attestation_findings(manifest_digest: str, archive: Archive, limits: Limits) -> Iterator[Finding]:
    """The findings about the image with this manifest digest. They lack the number of the image."""
    for record in archive.catalog.other:
        if record.kind in _KINDS and record.refers_to == manifest_digest:
            statements = [blob for blob in record.blobs if _PREDICATE in blob.annotations or _is_statement(blob)]
            if not statements and record.kind == "attestation":
                yield ATTESTATION.at(predicate="of unknown kind", state=_state(record))
            for blob in statements:
                yield _statement(blob, manifest_digest, archive, limits)


def _state(record: OtherRecord) -> str:
    return ", but it has no statement" if record.present else ", but its content is not in the archive"


def _is_statement(blob: Descriptor) -> bool:
    return _STATEMENT in blob.media_type or _ENVELOPE in blob.media_type


def _statement(blob: Descriptor, manifest_digest: str, archive: Archive, limits: Limits) -> Finding:
    predicate = blob.annotations.get(_PREDICATE) or "of unknown kind"
    member = None if blob.path is None else archive.index.resolve(blob.path)
    if member is None or isinstance(member, Unresolved):
        return ATTESTATION.at(predicate=predicate, state=", but its statement is not in the archive")
    where = Where(member=member.name)
    value = _statement_of(archive.index.document(member).value, limits)
    if not isinstance(value, dict) or not isinstance(value.get("subject"), list):
        return ATTESTATION.at(where, None, predicate=predicate, state=", but its statement cannot be read here")
    predicate_type = value.get("predicateType")
    predicate = predicate_type if isinstance(predicate_type, str) else predicate
    subjects = list(_subjects(value["subject"]))
    if manifest_digest in subjects:
        return ATTESTATION.at(where, None, predicate=predicate, state=", and its subject is this image")
    found = ", ".join(subjects[:_SHOWN]) + (" and others" if len(subjects) > _SHOWN else "")
    return WRONG_SUBJECT.at(where, None, predicate=predicate, found=found or "nothing")


def _statement_of(value: object, limits: Limits) -> object:
    """The statement: the content of the envelope if there is one, else the value itself; None if it is unreadable."""
    payload = value.get("payload") if isinstance(value, dict) else None
    if not isinstance(payload, str):
        return value
    try:
        return parse(base64.b64decode(payload), limits).value
    except (binascii.Error, ValueError):
        return None


def _subjects(subjects: list[object]) -> Iterator[str]:
    for subject in subjects:
        digests = subject.get("digest") if isinstance(subject, dict) else None
        if isinstance(digests, dict):
            yield from (f"{algorithm}:{value}" for algorithm, value in digests.items())
