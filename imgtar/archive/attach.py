"""Adds a referrer to an OCI layout: reports attached to the image that they describe.

OCI image-spec 1.1: manifest.md («subject», «Guidelines for Artifact Usage»), image-layout.md. The same reports give
the same bytes, so attaching twice changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import msgspec

from imgtar.archive.document_names import INDEX
from imgtar.archive.index.member_index import Member, MemberIndex
from imgtar.errors import InputError
from imgtar.formats.digest import Digest

ARTIFACT_TYPE = "application/vnd.imgtar.report.v1"
_MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
_EMPTY_TYPE = "application/vnd.oci.empty.v1+json"
_EMPTY = b"{}"
_TYPES = {
    "json": "application/json",
    "jsonl": "application/jsonl",
    "html": "text/html",
    "md": "text/markdown",
    "csv": "text/csv",
    "sarif": "application/sarif+json",
    "txt": "text/plain",
}
_BLOCK = 512


class Attachment(msgspec.Struct, frozen=True):
    """A file to attach: its name, its bytes, and its media type (None: by the name's ending)."""

    name: str
    content: bytes
    media_type: str | None = None
    annotations: dict[str, str] = msgspec.field(default_factory=dict)

    def type(self) -> str:
        return self.media_type or _TYPES.get(self.name.rpartition(".")[2].lower(), "application/octet-stream")


class Referrer(msgspec.Struct, frozen=True):
    """The blobs of a referrer by digest, its manifest among them, and its descriptor for index.json."""

    blobs: dict[Digest, bytes]
    descriptor: dict[str, object]


def referrer(subject: dict[str, object], attachments: Sequence[Attachment]) -> Referrer:
    """The manifest that attaches the files to `subject`, the descriptor of an image's manifest."""
    blobs = {Digest.of(_EMPTY): _EMPTY}
    layers = []
    for attachment in attachments:
        blobs[Digest.of(attachment.content)] = attachment.content
        annotations = {"org.opencontainers.image.title": attachment.name, **attachment.annotations}
        layers.append({**_descriptor(attachment.type(), attachment.content), "annotations": annotations})
    manifest = _encoded(
        {
            "schemaVersion": 2,
            "mediaType": _MANIFEST_TYPE,
            "artifactType": ARTIFACT_TYPE,
            "config": {**_descriptor(_EMPTY_TYPE, _EMPTY), "data": "e30="},
            "layers": layers,
            "subject": subject,
        }
    )
    blobs[Digest.of(manifest)] = manifest
    return Referrer(blobs, {**_descriptor(_MANIFEST_TYPE, manifest), "artifactType": ARTIFACT_TYPE})


def _descriptor(media_type: str, content: bytes) -> dict[str, object]:
    return {"mediaType": media_type, "digest": str(Digest.of(content)), "size": len(content)}


def _encoded(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def with_referrer(index: MemberIndex, added: Referrer) -> bytes:
    """The bytes of index.json with the descriptor added at the end; unchanged where it is listed already.

    Raises InputError where the archive has no valid index.json.
    """
    member = index.resolve(INDEX)
    document = index.document(member) if isinstance(member, Member) else None
    value = None if document is None else document.value
    listed = value.get("manifests") if isinstance(value, dict) else None
    if document is None or not isinstance(value, dict) or not isinstance(listed, list):
        remedy = "make it an OCI layout first: `skopeo copy docker-archive:FILE oci:DIRECTORY`"
        raise InputError("attach.no-index", "the archive has no index.json to which a report could be added", remedy)
    digest = added.descriptor["digest"]
    if any(isinstance(entry, dict) and entry.get("digest") == digest for entry in listed):
        return document.raw
    return _encoded({**value, "manifests": [*listed, added.descriptor]})


def archive_with(index: MemberIndex, added: Referrer) -> Iterator[bytes]:
    """A tar of the same layout with the referrer added, in pieces; members keep their order and their content.

    Raises InputError where the input passes once and cannot be copied.
    """
    new = {digest.path: content for digest, content in added.blobs.items()}
    new[INDEX] = with_referrer(index, added)
    for member in index.members.values():
        if member.name not in new:
            yield from _member(index, member)
    for name, content in new.items():
        yield _header(name, "file", len(content))
        yield content + bytes(-len(content) % _BLOCK)
    yield bytes(2 * _BLOCK)


def _member(index: MemberIndex, member: Member) -> Iterator[bytes]:
    """The header and the body of one member. Raises InputError where the body passed in a stream."""
    if member.type != "file":
        if member.type in ("dir", "symlink", "hardlink"):
            yield _header(member.name, member.type, 0, member.link)
        return
    blob = index.blob(member)
    if blob is None:
        raise InputError(
            "attach.stream", "imgtar cannot copy a compressed file or a pipe", "decompress the archive into a file"
        )
    yield _header(member.name, "file", blob.size)
    yield from blob.chunks()
    yield bytes(-blob.size % _BLOCK)


def _header(name: bytes, kind: str, size: int, link: bytes = b"") -> bytes:
    import tarfile

    info = tarfile.TarInfo(name.decode("utf-8", "surrogateescape"))
    types = {"file": tarfile.REGTYPE, "dir": tarfile.DIRTYPE, "symlink": tarfile.SYMTYPE, "hardlink": tarfile.LNKTYPE}
    info.type = types[kind]
    info.mode = 0o755 if kind == "dir" else 0o644
    info.size = size
    info.linkname = link.decode("utf-8", "surrogateescape")
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")
