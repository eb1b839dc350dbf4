"""The records of the catalog: images, their layers, and other content."""

from __future__ import annotations

from typing import Literal

import msgspec

from imgtar.archive.index.member_index import Member
from imgtar.archive.input.blobs import Blob
from imgtar.findings import Finding
from imgtar.formats.digest import Digest
from imgtar.formats.json_document.document import Document
from imgtar.formats.oci.config import HistoryEntry, ImageConfig
from imgtar.formats.oci.documents import Descriptor
from imgtar.formats.oci.platform import Platform

OtherKind = Literal[
    "attestation", "referrer", "artifact", "absent-platform", "alternate-manifest", "unreferenced-blob", "unknown"
]


class DigestCheck(msgspec.Struct, frozen=True):
    """All bytes of the member were compared with a digest that a descriptor states; a difference is a finding."""

    member: bytes
    stated: Digest


class LayerRef(msgspec.Struct, frozen=True, kw_only=True):
    """A layer as a document names it. `named` is the member or digest as written.

    `member` is the regular member that holds it, None where it is not in the archive; `blob` its bytes, None where
    they are absent or passed in a stream (then the scan is in `MemberIndex.scans` under the member's name). `foreign`
    layers may rightly be absent; `readable` is False for layers that hold no tar by design, `markers` for a root
    filesystem, in which names such as `.wh.x` are names like any other. `link` is the target of
    the link that an absent layer is, if it is one. The findings lack image and layer.
    """

    named: bytes
    member: Member | None = None
    blob: Blob | None = None
    descriptor: Descriptor | None = None
    foreign: bool = False
    readable: bool = True
    markers: bool = True
    link: bytes = b""
    findings: tuple[Finding, ...] = ()


class ImageRecord(msgspec.Struct, frozen=True, kw_only=True):
    """An image that the archive names.

    `image_id` is "sha256:…" of the config's bytes (`config_digest`), of its name where it is absent, the v1 id for
    docker-legacy (`v1`), None where nothing is known. `layers` is manifest.json's list where there is one, and
    `other_view` that of the OCI manifest where it differs. `target_digest` is what index.json names. `platform` is
    the descriptor's. The findings lack the image.
    """

    names: tuple[str, ...]
    image_id: str | None
    config_document: Document | None = None
    config_digest: Digest | None = None
    config: ImageConfig | None = None
    manifest: Document | None = None
    manifest_digest: Digest | None = None
    target_digest: Digest | None = None
    layers: tuple[LayerRef, ...] = ()
    other_view: tuple[LayerRef, ...] | None = None
    platform: Platform | None = None
    annotations: dict[str, str] = msgspec.field(default_factory=dict)
    v1: bool = False
    findings: tuple[Finding, ...] = ()

    @property
    def history(self) -> tuple[HistoryEntry, ...]:
        """The history rows as stored; () without a config."""
        return () if self.config is None else self.config.history

    @property
    def diff_ids(self) -> tuple[Digest | None, ...]:
        """The config's diffIDs, None where an entry is not a valid digest; () without a config."""
        return () if self.config is None else self.config.diff_ids


class OtherRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Content that is not an image. `blobs` are the descriptors below it, which `verify` checks."""

    kind: OtherKind
    digest: str | None
    media_type: str | None = None
    refers_to: str | None = None
    present: bool = True
    size: int | None = None
    member: bytes | None = None
    platform: Platform | None = None
    artifact_type: str | None = None
    blobs: tuple[Descriptor, ...] = ()
