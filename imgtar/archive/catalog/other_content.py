"""What an archive holds besides images: attestations, referrers, artifacts, and blobs that nothing names."""

from __future__ import annotations

from imgtar.archive.catalog.documents import Documents
from imgtar.archive.catalog.image_names import descriptor_name, is_signature_tag
from imgtar.archive.catalog.records import OtherKind, OtherRecord
from imgtar.archive.document_names import BLOBS, MANIFEST
from imgtar.archive.index.member_index import Member
from imgtar.findings import Finding, Where
from imgtar.formats.json_document.fields import Reading
from imgtar.formats.oci import media_types
from imgtar.formats.oci import problems as oci_problems
from imgtar.formats.oci.documents import Descriptor, Manifest, read_manifest

_REFERENCE_TYPE = "vnd.docker.reference.type"
_REFERENCE_DIGEST = "vnd.docker.reference.digest"
_EXPORTED_SUBJECT = "io.containerd.manifest.subject"
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
    config_type = "" if manifest.config is None else manifest.config.media_type
    types = [layer.media_type for layer in manifest.layers if layer is not None]
    is_image = (not config_type or media_types.is_image_config(config_type)) and not (
        types and all(media_types.is_other_content(kind) for kind in types)
    )
    if is_image:
        return None
    return "artifact" if manifest.subject is None else "referrer"


def other_record(
    documents: Documents, kind: OtherKind, descriptor: Descriptor, manifest: Manifest | None = None
) -> OtherRecord:
    """The record of content that is not an image; its blobs count as referred to."""
    member = documents.member_of(descriptor)
    if manifest is None and isinstance(member, Member) and not media_types.is_layer(descriptor.media_type):
        manifest = _manifest_of(documents, descriptor)
    subject = descriptor.annotations.get(_REFERENCE_DIGEST) or descriptor.annotations.get(_EXPORTED_SUBJECT)
    blobs: tuple[Descriptor, ...] = ()
    artifact_type = descriptor.artifact_type
    if manifest is not None:
        blobs = tuple(blob for blob in (manifest.config, *manifest.layers) if blob is not None)
        documents.mark(blobs)
        if subject is None and manifest.subject is not None:
            subject = manifest.subject.stated
        artifact_type = artifact_type or manifest.artifact_type
        if not artifact_type and kind == "artifact" and manifest.config is not None:
            artifact_type = manifest.config.media_type
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


def _manifest_of(documents: Documents, descriptor: Descriptor) -> Manifest | None:
    """The manifest behind a descriptor, read only to know which blobs belong to it; its findings do not count."""
    document = documents.unchecked(descriptor)
    if document is None or not isinstance(document.value, dict):
        return None
    return read_manifest(document, Reading(document))


def unreferenced(documents: Documents, *, flat: bool) -> tuple[list[OtherRecord], list[Finding]]:
    """The blobs that nothing referred to. Docker 25 to 28 leave one v1 document per layer: listed, but no finding."""
    records: list[OtherRecord] = []
    findings: list[Finding] = []
    for name, member in documents.index.members.items():
        is_flat_blob = flat and b"/" not in name and name.split(b"-")[0] not in _DIR_TRANSPORT_FILES
        is_blob = name.startswith(BLOBS + b"/") or is_flat_blob
        if member.type != "file" or not is_blob or name in documents.referenced:
            continue
        parts = name.split(b"/")
        digest = b":".join(parts[1:]).decode("utf-8", "replace") if len(parts) == 3 else None
        records.append(OtherRecord(kind="unreferenced-blob", digest=digest, size=member.size, member=name))
        if not _is_v1_document(documents, member):
            findings.append(oci_problems.UNREFERENCED_BLOB.at(Where(member=name), size=member.size))
    return records, findings


_DIR_TRANSPORT_FILES = frozenset({b"version", MANIFEST, b"signature"})


def _is_v1_document(documents: Documents, member: Member) -> bool:
    if member.size > _V1_DOCUMENT_SIZE or MANIFEST not in documents.index:
        return False
    document = documents.document(member).document
    value = document.value if document is not None else None
    return isinstance(value, dict) and {"id", "created", "container_config"} <= value.keys()
