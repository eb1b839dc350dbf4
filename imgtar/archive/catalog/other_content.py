"""What an archive holds besides images: attestations, referrers, artifacts, and blobs that nothing names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from imgtar.archive.catalog.documents import Documents
from imgtar.archive.catalog.image_names import descriptor_name, is_signature_tag
from imgtar.archive.catalog.records import OtherKind, OtherRecord
from imgtar.archive.document_names import BLOBS, MANIFEST
from imgtar.archive.index.member_index import Member
from imgtar.findings import Finding, Where
from imgtar.formats.json_document.document import Document
from imgtar.formats.json_document.fields import Reading
from imgtar.formats.oci import media_types
from imgtar.formats.oci import problems as oci_problems
from imgtar.formats.oci.documents import Descriptor, Manifest, read_index, read_manifest, type_by_content

_REFERENCE_TYPE = "vnd.docker.reference.type"
_REFERENCE_DIGEST = "vnd.docker.reference.digest"
_EXPORTED_SUBJECT = "io.containerd.manifest.subject"
_COSIGN = ("application/vnd.dev.cosign.", "application/vnd.dsse.envelope")
_COSIGN_PAYLOAD = "application/vnd.dev.cosign.simplesigning.v1+json"
_MANIFEST_SIZE = 64 << 10  # of a manifest that no index names; those of referrers are about a kilobyte
_V1_DOCUMENT_SIZE = 16 << 10  # the per-layer documents that docker 25 to 28 leave in blobs/ are about 500 bytes


def descriptor_kind(descriptor: Descriptor) -> OtherKind | None:
    """The kind of content that a descriptor alone shows not to be an image; None where it may be an image."""
    platform = descriptor.platform
    if _REFERENCE_TYPE in descriptor.annotations:
        return "attestation"
    if platform is not None and platform.os == platform.architecture == "unknown":
        return "attestation"
    if _EXPORTED_SUBJECT in descriptor.annotations or is_signature_tag(descriptor_name(descriptor.annotations) or ""):
        return "referrer"
    return None


def manifest_kind(manifest: Manifest) -> OtherKind | None:
    """What a manifest is that is not an image (image-formats.md 2.2); None for an image, even with a subject."""
    if manifest.artifact_type == media_types.ATTESTATION_ARTIFACT:
        return "attestation"
    types = [layer.media_type for layer in manifest.layers if layer is not None]
    if _has_image_config(manifest, types) and not (types and all(map(media_types.is_other_content, types))):
        return None
    is_signature = any(kind.startswith(_COSIGN) for kind in types)
    return "referrer" if manifest.subject is not None or is_signature else "artifact"


def _has_image_config(manifest: Manifest, types: Sequence[str]) -> bool:
    """Is the config that of an image? Old registries give it a type of any file; then the layers decide."""
    if manifest.config is None:
        return not manifest.artifact_type
    kind = manifest.config.media_type
    if kind in media_types.OLD_IMAGE_CONFIGS:
        return not manifest.artifact_type and any(map(media_types.is_layer, types))
    return not kind or media_types.is_image_config(kind)


def _signed(documents: Documents, manifest: Manifest) -> str | None:
    """The digest of the image that a cosign signature without `subject` is about: its payload names it."""
    for layer in manifest.layers:
        if layer is None or layer.media_type != _COSIGN_PAYLOAD:
            continue
        document = documents.unchecked(layer)
        value = None if document is None else document.value
        for key in ("critical", "image", "docker-manifest-digest"):
            value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, str):
            return value
    return None


def other_record(
    documents: Documents, kind: OtherKind, descriptor: Descriptor, manifest: Manifest | None = None
) -> OtherRecord:
    """The record of content that is not an image; its blobs count as referred to."""
    member = documents.member_of(descriptor)
    blobs: tuple[Descriptor, ...] = ()
    if manifest is None and isinstance(member, Member) and not media_types.is_layer(descriptor.media_type):
        document = documents.unchecked(descriptor)
        manifest = _manifest_of(document)
        if document is not None and type_by_content(document) == "index":
            blobs = _below(documents, document)
    subject = descriptor.annotations.get(_REFERENCE_DIGEST) or descriptor.annotations.get(_EXPORTED_SUBJECT)
    artifact_type = descriptor.artifact_type
    if manifest is not None:
        blobs += _blobs(manifest)
        documents.mark(blobs)
        if subject is None and manifest.subject is not None:
            subject = manifest.subject.stated
        subject = subject or _signed(documents, manifest)
        artifact_type = artifact_type or manifest.artifact_type or _type_of_content(kind, manifest)
    return OtherRecord(
        kind=kind,
        digest=descriptor.stated or None,
        media_type=descriptor.media_type or None,
        refers_to=subject,
        present=documents.is_here(descriptor),
        size=descriptor.size,
        platform=descriptor.platform,
        artifact_type=artifact_type or None,
        blobs=(descriptor, *blobs),
    )


def _type_of_content(kind: OtherKind, manifest: Manifest) -> str:
    """What stands for the type of an artifact that states none: its config's type, of cosign's the payload's."""
    types = [layer.media_type for layer in manifest.layers if layer is not None]
    for media_type in types:
        if media_type.startswith(_COSIGN):
            return media_type
    return manifest.config.media_type if kind == "artifact" and manifest.config is not None else ""


def _blobs(manifest: Manifest) -> tuple[Descriptor, ...]:
    return tuple(blob for blob in (manifest.config, *manifest.layers) if blob is not None)


def _below(documents: Documents, index: Document) -> tuple[Descriptor, ...]:
    """What an index leads to, at any depth.

    The manifests and indexes on the way are read, at most `manifests` of them, each for the first that leads to it.
    """
    found: list[Descriptor] = []
    waiting = [index]
    for _ in range(documents.limits.manifests):
        if not waiting:
            break
        document = waiting.pop()
        if type_by_content(document) != "index":
            manifest = _manifest_of(document)
            found += () if manifest is None else _blobs(manifest)
            continue
        read = read_index(document, Reading(document), documents.limits.manifests)
        for child in () if read is None else read.manifests:
            if child is None:
                continue
            found.append(child)
            is_new = child.path not in documents.referenced and not media_types.is_layer(child.media_type)
            below = documents.unchecked(child) if is_new else None
            waiting += () if below is None else (below,)
    documents.mark(found)
    return tuple(found)


def _manifest_of(document: Document | None) -> Manifest | None:
    """A document as manifest, read only to know which blobs belong to it; its findings do not count."""
    if document is None or not isinstance(document.value, dict):
        return None
    return read_manifest(document, Reading(document))


def unreferenced(documents: Documents, *, flat: bool) -> tuple[list[OtherRecord], list[Finding]]:
    """The blobs that nothing referred to. Docker 25 to 28 leave one v1 document per layer: listed, but no finding."""
    records: list[OtherRecord] = []
    findings: list[Finding] = []
    blobs = [member for member in documents.index.members.values() if _is_blob(member, flat=flat)]
    for referrer in _unlisted_referrers(documents, blobs):
        records.append(referrer)
        where = Where(member=referrer.blobs[0].path)
        findings.append(oci_problems.UNLISTED_REFERRER.at(where, subject=referrer.refers_to))
    for member in blobs:
        name = member.name
        if name in documents.referenced:
            continue
        parts = name.split(b"/")
        digest = b":".join(parts[1:]).decode("utf-8", "replace") if len(parts) == 3 else None
        records.append(OtherRecord(kind="unreferenced-blob", digest=digest, size=member.size, member=name))
        if not _is_v1_document(documents, member):
            findings.append(oci_problems.UNREFERENCED_BLOB.at(Where(member=name), size=member.size))
    return records, findings


def _is_blob(member: Member, *, flat: bool) -> bool:
    name = member.name
    is_flat_blob = flat and b"/" not in name and name.split(b"-")[0] not in _DIR_TRANSPORT_FILES
    return member.type == "file" and (name.startswith(BLOBS + b"/") or is_flat_blob)


def _unlisted_referrers(documents: Documents, blobs: Sequence[Member]) -> Iterator[OtherRecord]:
    """The referrers that no index names, without those that belong to another of them."""
    unnamed = [member for member in blobs if member.name not in documents.referenced]
    records = [record for member in unnamed if (record := _unlisted_referrer(documents, member)) is not None]
    named_by: defaultdict[str | None, set[str | None]] = defaultdict(set)
    for record in records:
        for blob in record.blobs[1:]:
            named_by[blob.stated].add(record.digest)
    dropped: set[str | None] = set()
    for record in records:
        # Two that name each other, which only wrong digests can, do not both vanish.
        if named_by[record.digest] - dropped - {record.digest}:
            dropped.add(record.digest)
        else:
            yield record


def _unlisted_referrer(documents: Documents, member: Member) -> OtherRecord | None:
    """The record of a manifest or index that no index names and that names its subject (image-spec, manifest.md)."""
    if member.size > _MANIFEST_SIZE:
        return None
    document = documents.document(member).document
    value = None if document is None else document.value
    if document is None or not isinstance(value, dict) or not isinstance(value.get("subject"), dict):
        return None
    manifest = read_manifest(document, Reading(document))
    if manifest is None or manifest.subject is None or manifest.subject.digest is None:
        return None
    digest = member.layout_digest or documents.digest(document)
    descriptor = Descriptor(
        media_type=manifest.media_type, digest=digest, stated=str(digest), path=member.name, size=member.size
    )
    kind: OtherKind = "attestation" if manifest.artifact_type == media_types.ATTESTATION_ARTIFACT else "referrer"
    documents.resolve(member.name)
    return other_record(documents, kind, descriptor, None if type_by_content(document) == "index" else manifest)


_DIR_TRANSPORT_FILES = frozenset({b"version", MANIFEST, b"signature"})


def _is_v1_document(documents: Documents, member: Member) -> bool:
    if member.size > _V1_DOCUMENT_SIZE or MANIFEST not in documents.index:
        return False
    document = documents.document(member).document
    value = document.value if document is not None else None
    return isinstance(value, dict) and {"id", "created", "container_config"} <= value.keys()
