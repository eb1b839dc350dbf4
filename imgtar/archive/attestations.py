"""The statements that an archive holds about its images: attestations and referrers, read when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from imgtar.archive.archive import Archive
from imgtar.archive.catalog.records import OtherRecord
from imgtar.archive.index.member_index import Member
from imgtar.findings import Finding, Where
from imgtar.formats.in_toto import Statement, read_statement
from imgtar.formats.oci.documents import Descriptor
from imgtar.formats.oci.problems import DIGEST_MISMATCH
from imgtar.limits import Limits

_KINDS = ("attestation", "referrer")
_PREDICATE = "in-toto.io/predicate-type"
_STATEMENT = "in-toto"
_ENVELOPE = "dsse"


class Attached(msgspec.Struct, frozen=True):
    """A blob that should hold a statement. `predicate` is the type that its descriptor states, None without one.

    `member` is None where the blob is not in the archive, `statement` where it holds none or where its bytes contradict
    the digest of the descriptor; then `mismatch` says so. `digest` is as the descriptor states it.
    """

    predicate: str | None
    member: Member | None
    statement: Statement | None
    digest: str
    mismatch: Finding | None = None


def attached(archive: Archive) -> dict[str, list[OtherRecord]]:
    """The attestations and referrers of the archive, by the digest of the manifest that they say they are about."""
    found: dict[str, list[OtherRecord]] = {}
    for record in archive.catalog.other:
        if record.kind in _KINDS and record.refers_to is not None:
            found.setdefault(record.refers_to, []).append(record)
    return found


def statements(record: OtherRecord, archive: Archive, limits: Limits, predicate: str = "") -> Iterator[Attached]:
    """The statements of an attestation or referrer, in order.

    Those that state a type of predicate which does not begin with `predicate` are left out and not read: an SBOM may
    be large.
    """
    for blob in record.blobs:
        stated = blob.annotations.get(_PREDICATE)
        if stated is None and _STATEMENT not in blob.media_type and _ENVELOPE not in blob.media_type:
            continue
        if stated is None or stated.startswith(predicate):
            yield _attached(blob, archive, limits)


def _attached(blob: Descriptor, archive: Archive, limits: Limits) -> Attached:
    predicate = blob.annotations.get(_PREDICATE)
    member = None if blob.path is None else archive.index.resolve(blob.path)
    if not isinstance(member, Member):
        return Attached(predicate, None, None, blob.stated)
    document = archive.index.document(member)
    actual = None if blob.digest is None or not document.raw else blob.digest.of_same_kind(document.raw)
    if actual is not None and actual != blob.digest:
        finding = DIGEST_MISMATCH.at(Where(member=member.name), stated=blob.stated, found=str(actual))
        return Attached(predicate, member, None, blob.stated, finding)
    return Attached(predicate, member, read_statement(document.value, limits), blob.stated)
