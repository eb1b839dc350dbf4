"""The documents of an OCI image (image-spec: descriptor.md, manifest.md, image-index.md, config.md), leniently typed.

Docker's schema 2 documents have the same shape. Each reader takes a `Document` and a `Reading`, never raises, and
notes what is wrong as findings there.
"""

from __future__ import annotations

import base64
import binascii
import re

import msgspec

from imgtar.findings import Effect
from imgtar.formats.digest import BadDigest, Digest, UnsupportedDigest
from imgtar.formats.json_document.document import Document, Json
from imgtar.formats.json_document.fields import Fields, Reading, top_object
from imgtar.formats.oci import media_types, problems
from imgtar.formats.oci.platform import Platform, read_platform

INT64_MAX = (1 << 63) - 1
_SHOWN = 200  # characters of a wrong value in a finding


class Descriptor(msgspec.Struct, frozen=True, kw_only=True):
    """A reference to a blob. `stated` is the digest as written.

    `digest` is None where it breaks the grammar or where its algorithm is unknown; in the second case `path` still
    says where the blob lies in a layout (`blobs/ALGORITHM/ENCODED`). `size` is None where it is not valid. `data` is
    the embedded content, b"" where its base64 is broken, None where there is no such field.
    """

    media_type: str = ""
    digest: Digest | None = None
    stated: str = ""
    path: bytes | None = None
    size: int | None = None
    urls: tuple[str, ...] = ()
    annotations: dict[str, str] = msgspec.field(default_factory=dict)
    platform: Platform | None = None
    artifact_type: str = ""
    data: bytes | None = None

    @property
    def foreign(self) -> bool:
        """May archives lack this layer?"""
        return bool(self.urls) or media_types.is_foreign(self.media_type)


class Index(msgspec.Struct, frozen=True):
    """An image index or manifest list; None for an entry that is not an object."""

    media_type: str
    manifests: tuple[Descriptor | None, ...]
    annotations: dict[str, str]
    dropped: int = 0  # entries beyond the limit


class Manifest(msgspec.Struct, frozen=True):
    """An image manifest. `config` is None where it is missing, a layer where it is not an object."""

    media_type: str
    config: Descriptor | None
    layers: tuple[Descriptor | None, ...]
    artifact_type: str
    subject: Descriptor | None
    annotations: dict[str, str]


def read_digest(value: Json, key: str, reading: Reading) -> tuple[Digest | None, bytes | None]:
    """The digest and the path of its blob, each None where the value does not give it; an error is a finding."""
    try:
        digest = Digest.parse(value)
    except UnsupportedDigest as unknown:
        reading.add(problems.UNSUPPORTED_DIGEST.at(key=key, stored=_shown(value)))
        return None, f"blobs/{unknown.algorithm}/{unknown.encoded}".encode()
    except BadDigest:
        reading.add(problems.BAD_DIGEST.at(key=key, stored=_shown(value)))
        return None, None
    return digest, digest.path


def _shown(value: Json) -> str:
    return (value if isinstance(value, str) else str(value))[:_SHOWN]


def read_descriptor(fields: Fields) -> Descriptor:
    """descriptor.md; `fields` is the object that holds it."""
    stated = fields.get("digest")
    digest, path = read_digest(stated, fields.place("digest"), fields.reading)
    return Descriptor(
        media_type=fields.string("mediaType") or "",
        digest=digest,
        stated=stated if isinstance(stated, str) else "",
        path=path,
        size=_size(fields, _shown(stated)),
        urls=tuple(fields.strings("urls")) if fields.has("urls") else (),
        annotations=fields.string_map("annotations") if fields.has("annotations") else {},
        platform=_platform(fields),
        artifact_type=fields.string("artifactType") or "",
        data=_embedded(fields),
    )


def _size(fields: Fields, digest: str) -> int | None:
    size = fields.get("size")
    if isinstance(size, int) and not isinstance(size, bool) and 0 <= size <= INT64_MAX:
        return size
    fields.reading.add(problems.BAD_SIZE.at(digest=digest, stored="absent" if size is None else _shown(size)))
    return None


def _embedded(fields: Fields) -> bytes | None:
    text = fields.string("data")
    if text is None:
        return None
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _platform(fields: Fields) -> Platform | None:
    platform = fields.object("platform")
    return None if platform is None else read_platform(platform)


def _descriptors(
    fields: Fields, name: str, effect: Effect, *, required: bool, limit: int
) -> tuple[Descriptor | None, ...]:
    items = fields.items(name, effect, required=required)[:limit]
    found: list[Descriptor | None] = []
    for position, item in enumerate(items):
        place = f"{fields.place(name)}[{position}]"
        if isinstance(item, dict):
            found.append(read_descriptor(Fields(item, fields.reading, place)))
        else:
            fields.reading.wrong(place, "an object", item, effect)
            found.append(None)
    return tuple(found)


def read_index(document: Document, reading: Reading, limit: int) -> Index | None:
    """image-index.md; at most `limit` entries. `"manifests": null` is an empty list (docker 25.0.0)."""
    fields = top_object(document, reading)
    if fields is None:
        return None
    entries = fields.items("manifests", Effect.INCOMPLETE)
    return Index(
        media_type=fields.string("mediaType") or "",
        manifests=_descriptors(fields, "manifests", Effect.INCOMPLETE, required=False, limit=limit),
        annotations=fields.string_map("annotations"),
        dropped=max(0, len(entries) - limit),
    )


def read_manifest(document: Document, reading: Reading, artifact_type: str = "") -> Manifest | None:
    """manifest.md; `"layers": null` is an image without layers (docker 26). An artifact may lack a config.

    `artifact_type` is what the descriptor states, for a manifest that does not state its own.
    """
    fields = top_object(document, reading)
    if fields is None:
        return None
    artifact_type = fields.string("artifactType") or artifact_type
    config = fields.object("config", Effect.INCOMPLETE, required=not artifact_type)
    subject = fields.object("subject")
    return Manifest(
        media_type=fields.string("mediaType") or "",
        config=None if config is None else read_descriptor(config),
        layers=_descriptors(fields, "layers", Effect.INCOMPLETE, required=False, limit=len(document.raw)),
        artifact_type=artifact_type,
        subject=None if subject is None else read_descriptor(subject),
        annotations=fields.string_map("annotations"),
    )


def type_by_content(document: Document) -> str:
    """What a document without a media type is: «index», «manifest», «schema1», «ambiguous» or «unknown»."""
    value = document.value
    if not isinstance(value, dict):
        return "unknown"
    keys = {key.casefold() for key, item in value.items() if item is not None}
    is_index = "manifests" in keys
    is_manifest = bool({"config", "layers"} & keys)
    if is_index and is_manifest:
        return "ambiguous"
    if "fslayers" in keys or value.get("schemaVersion") == 1:
        return "schema1"
    return "index" if is_index else "manifest" if is_manifest else "unknown"


def schema1_layers(document: Document) -> list[Descriptor]:
    """The blobs that a manifest of docker schema 1 names; nothing else of it is read."""
    reading = Reading(document)
    fields = top_object(document, reading)
    layers = [] if fields is None else fields.objects("fsLayers")
    found: list[Descriptor] = []
    for layer in layers:
        if layer is not None:
            digest, path = read_digest(layer.get("blobSum"), layer.place("blobSum"), reading)
            found.append(Descriptor(digest=digest, stated=str(digest or ""), path=path))
    return found


_DATE = re.compile(
    r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    r"T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)


def read_date(fields: Fields, name: str) -> str | None:
    """A time as stored; a finding where it is not in RFC 3339 form (config.md)."""
    text = fields.string(name)
    if text is not None and _DATE.fullmatch(text) is None:
        fields.reading.add(problems.BAD_DATE.at(key=fields.place(name), stored=_shown(text)))
    return text
