"""Adds referrers to an OCI layout: reports attached to the image that they describe.

OCI image-spec 1.1: manifest.md («subject», «Guidelines for Artifact Usage»), image-layout.md. The same reports give
the same bytes, so attaching twice changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import msgspec

from imgtar.archive.document_names import INDEX
from imgtar.archive.index.member_index import Member, MemberIndex
from imgtar.archive.input.blobs import Blob
from imgtar.errors import DamageError, InputError, LimitError
from imgtar.formats.digest import Digest
from imgtar.formats.sbom import MEDIA_TYPES, sbom_format
from imgtar.formats.tar import BLOCK, MemberType

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
_WORDS = {"symlink": "symbolic link", "hardlink": "hard link", "dir": "directory", "fifo": "named pipe", "file": "file"}


class Attachment(msgspec.Struct, frozen=True):
    """A file to attach: its name, its bytes, and its media type (None: an SBOM's own, else by the name's ending)."""

    name: str
    content: bytes
    media_type: str | None = None
    annotations: dict[str, str] = msgspec.field(default_factory=dict)

    def types(self) -> tuple[str, str]:
        """The type of the artifact and the one of the file: of an SBOM both are what registries list it under."""
        if self.media_type is not None:
            return ARTIFACT_TYPE, self.media_type
        sbom = sbom_format(self.content)
        if sbom is not None:
            return MEDIA_TYPES[sbom], MEDIA_TYPES[sbom]
        return ARTIFACT_TYPE, _TYPES.get(self.name.rpartition(".")[2].lower(), "application/octet-stream")


class Referrers(msgspec.Struct, frozen=True):
    """The blobs of referrers by digest, their manifests among them, and their descriptors for index.json."""

    blobs: dict[Digest, bytes]
    descriptors: tuple[dict[str, object], ...]


def referrers(subject: dict[str, object], attachments: Sequence[Attachment]) -> Referrers:
    """The manifests that attach the files to `subject`, the descriptor of an image's manifest.

    There is one manifest for each type of artifact: a registry lists the referrers of an image by that type.
    """
    blobs = {Digest.of(_EMPTY): _EMPTY}
    layers: dict[str, list[dict[str, object]]] = {}
    for attachment in attachments:
        blobs[Digest.of(attachment.content)] = attachment.content
        annotations = {"org.opencontainers.image.title": attachment.name, **attachment.annotations}
        artifact, media_type = attachment.types()
        descriptor = {**_descriptor(media_type, attachment.content), "annotations": annotations}
        layers.setdefault(artifact, []).append(descriptor)
    descriptors: list[dict[str, object]] = []
    for artifact, files in layers.items():
        manifest = _manifest(subject, artifact, files)
        blobs[Digest.of(manifest)] = manifest
        descriptors.append({**_descriptor(_MANIFEST_TYPE, manifest), "artifactType": artifact})
    return Referrers(blobs, tuple(descriptors))


def _manifest(subject: dict[str, object], artifact: str, layers: list[dict[str, object]]) -> bytes:
    return _encoded(
        {
            "schemaVersion": 2,
            "mediaType": _MANIFEST_TYPE,
            "artifactType": artifact,
            "config": {**_descriptor(_EMPTY_TYPE, _EMPTY), "data": "e30="},
            "layers": layers,
            "subject": subject,
        }
    )


def _descriptor(media_type: str, content: bytes) -> dict[str, object]:
    return {"mediaType": media_type, "digest": str(Digest.of(content)), "size": len(content)}


def _encoded(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def with_referrers(index: MemberIndex, added: Referrers) -> tuple[bytes, bytes]:
    """The bytes of index.json as they are, and with the descriptors at the end; equal where all are listed already.

    Raises InputError where the archive has no valid index.json, and where a link or anything else stands in the place
    of index.json or of a directory of blobs: what is written there would land elsewhere. Raises LimitError where no
    entry fits into index.json.
    """
    _check_places(index, added)
    member = index.resolve(INDEX)
    document = index.document(member) if isinstance(member, Member) else None
    value = None if document is None else document.value
    listed = value.get("manifests") if isinstance(value, dict) else None
    if document is None or not isinstance(value, dict) or not isinstance(listed, list):
        remedy = "make it an OCI layout first: `skopeo copy docker-archive:FILE oci:DIRECTORY`"
        raise InputError("attach.no-index", "the archive has no index.json to which a report could be added", remedy)
    known = {str(entry.get("digest")) for entry in listed if isinstance(entry, dict)}
    new = [descriptor for descriptor in added.descriptors if descriptor["digest"] not in known]
    if not new:
        return document.raw, document.raw
    after = _encoded({**value, "manifests": [*listed, *new]})
    if len(listed) + len(new) > index.limits.manifests or len(after) > index.limits.json_size:
        what = "index.json would exceed what imgtar reads by default"
        raise LimitError("attach.index-full", what, "remove entries from index.json that nobody needs")
    return document.raw, after


def _check_places(index: MemberIndex, added: Referrers) -> None:
    places: list[tuple[bytes, MemberType]] = [(INDEX, "file")]
    for digest in added.blobs:
        folder = digest.path.rpartition(b"/")[0]
        places += [(folder.partition(b"/")[0], "dir"), (folder, "dir")]
    for name, wanted in places:
        member = index.members.get(name)
        if member is not None and member.type != wanted:
            raise _wrong_place(member)
    for digest in added.blobs:
        member = index.members.get(digest.path)
        if member is not None and member.type == "dir":
            raise _wrong_place(member)


def _wrong_place(member: Member) -> InputError:
    what = f"{member.name.decode()} is a {_WORDS.get(member.type, 'special file')}"
    remedy = "write the image into a new layout: `skopeo copy oci:LAYOUT oci:NEW`"
    return InputError("attach.place", f"{what}, and imgtar follows no link when it writes a layout", remedy)


def wrong_blobs(index: MemberIndex, added: Referrers) -> list[Digest]:
    """The blobs of the referrers in whose places the archive has something else."""
    return [digest for digest, content in added.blobs.items() if _holds(index, digest, content) is False]


def missing_blobs(index: MemberIndex, added: Referrers) -> dict[bytes, bytes]:
    """The blobs of the referrers, by name, that the archive does not have, or has with other bytes."""
    return {digest.path: content for digest, content in added.blobs.items() if not _holds(index, digest, content)}


def _holds(index: MemberIndex, digest: Digest, content: bytes) -> bool | None:
    """Has the archive these bytes in the place of the blob? None where nothing is there."""
    member = index.members.get(digest.path)
    if member is None:
        return None
    if member.type != "file" or member.size != len(content):
        return False
    blob = index.blob(member)
    return blob is not None and b"".join(blob.chunks()) == content


def archive_with(index: MemberIndex, added: Referrers) -> Iterator[bytes]:
    """A tar of the same layout with the referrers added, in pieces; members keep their order and their content.

    The members of a tar are copied as they are stored: owner, mode, times, extended headers and holes stay. Bytes
    behind the end of the archive are not copied. Raises InputError where the input passes once and cannot be copied,
    DamageError where it changes meanwhile.
    """
    new = {digest.path: content for digest, content in added.blobs.items()}
    new[INDEX] = with_referrers(index, added)[1]
    for member in index.all_members:
        if member.name not in new:
            yield from _member(index, member)
    if index.changed():
        raise _changed()
    for name, content in new.items():
        yield _header(name, "file", len(content))
        yield _padded(content)
    yield bytes(2 * BLOCK)


def _member(index: MemberIndex, member: Member) -> Iterator[bytes]:
    """One member: its header and its body. Raises InputError where the body passed in a stream, and DamageError."""
    if index.streamed:
        raise InputError(
            "attach.stream", "imgtar cannot copy a compressed file or a pipe", "decompress the archive into a file"
        )
    stored = index.stored(member)
    if stored is not None:
        yield from _whole(stored, stored.size)
        return
    if member.type != "file":
        if member.type in ("dir", "symlink"):
            yield _header(member.name, member.type, 0, member.link)
        return
    blob = index.blob(member)
    assert blob is not None
    yield _header(member.name, "file", member.size)
    yield from _whole(blob, member.size)


def _whole(blob: Blob, size: int) -> Iterator[bytes]:
    """The bytes, padded to blocks. Raises DamageError where there are fewer than `size`."""
    left = size
    for chunk in blob.chunks():
        left -= len(chunk)
        yield chunk
    if left:
        raise _changed()
    yield bytes(-size % BLOCK)


def _changed() -> DamageError:
    return DamageError("attach.changed", "the archive changed while imgtar copied it", "run it again")


def _padded(content: bytes) -> bytes:
    return content + bytes(-len(content) % BLOCK)


def _header(name: bytes, kind: str, size: int, link: bytes = b"") -> bytes:
    import tarfile

    info = tarfile.TarInfo(name.decode("utf-8", "surrogateescape"))
    types = {"file": tarfile.REGTYPE, "dir": tarfile.DIRTYPE, "symlink": tarfile.SYMTYPE, "hardlink": tarfile.LNKTYPE}
    info.type = types[kind]
    info.mode = 0o755 if kind == "dir" else 0o644
    info.size = size
    info.linkname = link.decode("utf-8", "surrogateescape")
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")
