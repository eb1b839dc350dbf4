"""The documents of an archive for the catalog: each is read, hashed and typed once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec

from imgtar.archive import problems
from imgtar.archive.catalog.records import DigestCheck, LayerRef
from imgtar.archive.index.member_index import Member, MemberIndex, Unresolved
from imgtar.findings import Effect, Finding, Where
from imgtar.formats.digest import Digest
from imgtar.formats.json_document.document import Document, parse
from imgtar.formats.json_document.fields import Reading
from imgtar.formats.oci import media_types
from imgtar.formats.oci import problems as oci_problems
from imgtar.formats.oci.config import ImageConfig, read_config
from imgtar.formats.oci.documents import Descriptor
from imgtar.limits import Limits


class ReadDocument(msgspec.Struct, frozen=True):
    """A document that a name or descriptor leads to; its findings and checks come with the first look only."""

    document: Document | None
    findings: tuple[Finding, ...] = ()
    checks: tuple[DigestCheck, ...] = ()


class Documents:
    """Finds members, blobs and documents, and remembers which members something referred to.

    `flat` is skopeo's `dir:`, where the blob of `sha256:HEX` is called HEX. With `allow_missing`, blobs that an OCI
    form may lack are noted without effect.
    """

    def __init__(self, index: MemberIndex, limits: Limits, *, flat: bool = False, allow_missing: bool = False) -> None:
        self.index = index
        self.limits = limits
        self.allow_missing = allow_missing
        self.referenced: set[bytes] = set()
        self._flat = flat
        self._documents: dict[bytes, Document] = {}
        self._digests: dict[tuple[bytes, str], Digest] = {}
        self._checked: set[tuple[str, int | None, bool]] = set()
        self._configs: dict[bytes, ImageConfig | None] = {}

    def resolve(self, name: bytes) -> Member | Unresolved:
        """As `MemberIndex.resolve`; what was found counts as referred to."""
        found = self.index.resolve(name)
        self.referenced.add(found.name)
        return found

    def document(self, member: Member) -> ReadDocument:
        """A member as JSON."""
        known = self._documents.get(member.name)
        if known is not None:
            return ReadDocument(known)
        document = self._documents[member.name] = self.index.document(member)
        return ReadDocument(document, document.findings)

    def member_of(self, descriptor: Descriptor) -> Member | Unresolved | None:
        """The member that holds a descriptor's blob; None where the digest is not valid."""
        path = descriptor.path
        if path is None:
            return None
        if self._flat:
            path = _flat_name(path)
            if media_types.is_manifest(descriptor.media_type) and path + b".manifest.json" in self.index:
                path += b".manifest.json"
        return self.resolve(path)

    def is_here(self, descriptor: Descriptor | None) -> bool:
        """Is the descriptor's blob in the archive, or embedded?"""
        if descriptor is None:
            return False
        return isinstance(self.member_of(descriptor), Member) or self._embedded(descriptor) is not None

    def described(self, descriptor: Descriptor) -> ReadDocument:
        """The small document that a descriptor names; digest and size are checked (descriptor.md)."""
        member = self.member_of(descriptor)
        if isinstance(member, Member):
            found = self.document(member)
            document = found.document
            assert document is not None
            findings, checks = self._check(descriptor, member, document)
            return ReadDocument(document, found.findings + findings, checks)
        embedded = self._embedded_document(descriptor)
        return ReadDocument(embedded, () if embedded is None else embedded.findings)

    def unchecked(self, descriptor: Descriptor) -> Document | None:
        """The small document that a descriptor names, without the checks and findings of `described`."""
        member = self.member_of(descriptor)
        return self.document(member).document if isinstance(member, Member) else self._embedded_document(descriptor)

    def digest(self, document: Document, algorithm: str = "sha256") -> Digest:
        """The digest of a document's bytes."""
        key = (document.member, algorithm)
        if key not in self._digests:
            self._digests[key] = Digest(algorithm, hashlib.new(algorithm, document.raw).hexdigest())
        return self._digests[key]

    def config(self, document: Document) -> tuple[ImageConfig | None, tuple[Finding, ...]]:
        """A document as image config; its findings come with the first look only."""
        if document.member in self._configs:
            return self._configs[document.member], ()
        reading = Reading(msgspec.structs.replace(document, findings=()))
        config = self._configs[document.member] = read_config(document, reading, self.limits.history)
        return config, tuple(reading.log)

    def missing(
        self, unresolved: Unresolved, what: str, *, allowed: bool, descriptor: Descriptor | None = None
    ) -> Finding:
        """The finding that something is named and absent; `allowed` where the form of the archive allows that."""
        if unresolved.kind is not problems.MISSING:
            return unresolved.finding(what)
        named = None if descriptor is None else descriptor.stated.encode("utf-8", "replace")
        finding = unresolved.finding(what, named=named, size=None if descriptor is None else descriptor.size)
        is_excused = allowed and self.allow_missing and not unresolved.link
        return msgspec.structs.replace(finding, effect=Effect.NONE) if is_excused else finding

    def layer(self, descriptor: Descriptor | None) -> LayerRef:
        """A layer of an OCI or schema 2 manifest."""
        if descriptor is None:
            return LayerRef(named=b"")
        member = self.member_of(descriptor)
        named = descriptor.stated.encode("utf-8", "replace")
        findings: list[Finding] = []
        if isinstance(member, Member):
            findings += self._check(descriptor, member, None)[0]
        elif member is not None:
            what = "the foreign layer" if descriptor.foreign else "the layer"
            findings.append(self.missing(member, what, allowed=True, descriptor=descriptor))
        kind = descriptor.media_type
        readable = media_types.is_readable(kind)
        if readable and not media_types.is_layer(kind) and isinstance(member, Member):
            findings.append(oci_problems.UNKNOWN_MEDIATYPE.at(Where(member=member.name), media_type=kind[:200]))
        found = member if isinstance(member, Member) else None
        return LayerRef(
            named=named,
            member=found,
            blob=None if found is None else self.index.blob(found),
            descriptor=descriptor,
            foreign=descriptor.foreign,
            readable=readable,
            link=member.link if isinstance(member, Unresolved) else b"",
            findings=tuple(findings),
        )

    def mark(self, descriptors: Iterable[Descriptor | None]) -> None:
        """Counts the blobs of these descriptors as referred to."""
        for descriptor in descriptors:
            if descriptor is not None:
                self.member_of(descriptor)

    def _embedded_document(self, descriptor: Descriptor) -> Document | None:
        raw = self._embedded(descriptor)
        if raw is None:
            return None
        name = descriptor.path or b""
        return self._documents.setdefault(name, parse(raw, self.limits, member=name))

    def _embedded(self, descriptor: Descriptor) -> bytes | None:
        """The embedded content where it matches the digest and size of the descriptor."""
        raw = descriptor.data
        if raw is None or descriptor.digest is None or len(raw) != descriptor.size:
            return None
        actual = hashlib.new(descriptor.digest.algorithm, raw).hexdigest()
        return raw if actual == descriptor.digest.encoded else None

    def _check(
        self, descriptor: Descriptor, member: Member, document: Document | None
    ) -> tuple[tuple[Finding, ...], tuple[DigestCheck, ...]]:
        """The cheap checks, once per digest and size: size, digest of a document, embedded data."""
        key = (descriptor.stated, descriptor.size, document is None)
        if key in self._checked:
            return (), ()
        self._checked.add(key)
        where = Where(member=member.name)
        found: list[Finding] = []
        checks: tuple[DigestCheck, ...] = ()
        actual = None
        if document is not None and document.raw and descriptor.digest is not None:
            actual = self.digest(document, descriptor.digest.algorithm)
            checks = (DigestCheck(member.name, descriptor.digest),)
        if actual is not None and actual != descriptor.digest:
            found.append(oci_problems.DIGEST_MISMATCH.at(where, stated=descriptor.stated, found=str(actual)))
        elif descriptor.size is not None and descriptor.size != member.size:
            kind, stated = oci_problems.SIZE_MISMATCH, descriptor.stated
            found.append(kind.at(where, digest=stated, stated=descriptor.size, found=member.size))
        if descriptor.data is not None and self._embedded(descriptor) is None:
            found.append(oci_problems.DATA_MISMATCH.at(where, digest=descriptor.stated))
        return tuple(found), checks


def _flat_name(path: bytes) -> bytes:
    """What skopeo's `dir:` calls the blob that an OCI layout has at `path`."""
    _, algorithm, encoded = path.split(b"/")
    return encoded if algorithm == b"sha256" else algorithm + b"-" + encoded
