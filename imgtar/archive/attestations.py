"""The statements that an archive holds about its images: attestations and referrers, read when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from imgtar.archive.archive import Archive
from imgtar.archive.catalog.records import OtherRecord
from imgtar.archive.index.member_index import Member
from imgtar.findings import Finding, Where
from imgtar.formats.digest import Digest
from imgtar.formats.in_toto import Statement, read_statement
from imgtar.formats.oci.documents import Descriptor
from imgtar.formats.oci.problems import DIGEST_MISMATCH
from imgtar.formats.sbom import MEDIA_TYPES, PREDICATE_TYPES
from imgtar.limits import LimitReached, Limits

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


class AttachedSbom(msgspec.Struct, frozen=True):
    """A blob that should hold an SBOM, or, where it `is_statement`, a statement that may be about one.

    `content` is None where `finding` says why it is not used, or where the blob is not in the archive.
    """

    digest: str
    is_statement: bool
    content: bytes | None = None
    finding: Finding | None = None


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
        if stated is None and not _is_statement(blob):
            continue
        if stated is None or stated.startswith(predicate):
            yield _attached(blob, archive, limits)


def sboms(record: OtherRecord, archive: Archive, most: int) -> Iterator[AttachedSbom]:
    """What of an attestation or referrer is an SBOM, or a statement that does not say that it is something else.

    All together at most `most` bytes are read.
    """
    for blob in record.blobs:
        is_bare = blob.media_type in MEDIA_TYPES.values()
        stated = blob.annotations.get(_PREDICATE)
        if is_bare or (
            stated.startswith(tuple(PREDICATE_TYPES.values())) if stated is not None else _is_statement(blob)
        ):
            found = _sbom(blob, archive, most, is_statement=not is_bare)
            most -= len(found.content or b"")
            yield found


def _is_statement(blob: Descriptor) -> bool:
    return _STATEMENT in blob.media_type or _ENVELOPE in blob.media_type


def _sbom(blob: Descriptor, archive: Archive, most: int, *, is_statement: bool) -> AttachedSbom:
    member = None if blob.path is None else archive.index.resolve(blob.path)
    if not isinstance(member, Member):
        return AttachedSbom(blob.stated, is_statement)
    where = Where(member=member.name)
    try:
        content = _content(member, archive, most)
    except LimitReached as reached:
        return AttachedSbom(blob.stated, is_statement, finding=reached.finding(where))
    actual = _contradiction(blob, content)
    if actual is not None:
        mismatch = DIGEST_MISMATCH.at(where, stated=blob.stated, found=str(actual))
        return AttachedSbom(blob.stated, is_statement, finding=mismatch)
    return AttachedSbom(blob.stated, is_statement, content)


def _content(member: Member, archive: Archive, most: int) -> bytes:
    """The bytes of a member. Raises LimitReached where they are more than `most`, or were not kept of a stream."""
    index = archive.index
    if member.size > most:
        raise LimitReached("package-list-bytes", index.limits.package_list_bytes)
    blob = index.blob(member)
    if blob is not None:
        return blob.read_at(0, most)
    if member.name in index.dropped_documents:
        raise LimitReached("json-total", index.limits.json_total)
    if member.size > index.limits.json_size:
        raise LimitReached("json-size", index.limits.json_size)
    return b""  # it did not look like JSON


def _contradiction(blob: Descriptor, content: bytes) -> Digest | None:
    """The digest of the content, where the descriptor states another one."""
    actual = None if blob.digest is None or not content else blob.digest.of_same_kind(content)
    return None if actual == blob.digest else actual


def _attached(blob: Descriptor, archive: Archive, limits: Limits) -> Attached:
    predicate = blob.annotations.get(_PREDICATE)
    member = None if blob.path is None else archive.index.resolve(blob.path)
    if not isinstance(member, Member):
        return Attached(predicate, None, None, blob.stated)
    document = archive.index.document(member)
    actual = _contradiction(blob, document.raw)
    if actual is not None:
        finding = DIGEST_MISMATCH.at(Where(member=member.name), stated=blob.stated, found=str(actual))
        return Attached(predicate, member, None, blob.stated, finding)
    return Attached(predicate, member, read_statement(document.value, limits), blob.stated)
