"""An image under construction: what one view of the archive says about it."""

from __future__ import annotations

import re

from imgtar.archive import problems
from imgtar.archive.catalog.documents import Documents
from imgtar.archive.catalog.image_names import shown_names
from imgtar.archive.catalog.records import DigestCheck, ImageRecord, LayerRef
from imgtar.archive.index.member_index import Member, Unresolved
from imgtar.findings import FindingLog, Where
from imgtar.formats.digest import Digest
from imgtar.formats.json_document.document import Document
from imgtar.formats.oci.config import ImageConfig
from imgtar.formats.oci.documents import Descriptor
from imgtar.formats.oci.platform import Platform
from imgtar.limits import LimitReached

_NAMED_DIGITS = re.compile(rb"(?:.*/)?(?:sha256:)?([0-9a-f]{64})(?:\.json)?", re.DOTALL)


class Candidate:
    """The parts of an image record; `freeze` makes the record.

    `config_digest` is computed from the config, or taken from its name where the config is absent.
    """

    def __init__(self) -> None:
        self.names: dict[str, None] = {}  # an ordered set
        self.config_document: Document | None = None
        self.config_digest: Digest | None = None
        self.config: ImageConfig | None = None
        self.manifest: Document | None = None
        self.manifest_digest: Digest | None = None
        self.target_digest: Digest | None = None
        self.layers: tuple[LayerRef, ...] = ()
        self.other_view: tuple[LayerRef, ...] | None = None
        self.platform: Platform | None = None
        self.annotations: dict[str, str] = {}
        self.v1_id: str | None = None
        self.findings = FindingLog()
        self.checks: set[DigestCheck] = set()

    def take_config(self, documents: Documents, document: Document) -> None:
        """Takes a config that is in the archive: its hash is the image ID."""
        self.config_document = document
        if document.raw:
            self.config_digest = documents.digest(document)
        self.config, findings = documents.config(document)
        self.findings.extend(findings)

    def take_layers(self, documents: Documents, layers: list[LayerRef]) -> None:
        """Takes the list of layers, up to the limit `layers`."""
        limit = documents.limits.layers
        if len(layers) > limit:
            self.findings.add(LimitReached("layers", limit).finding())
        self.layers = tuple(layers[:limit])

    @property
    def has_content(self) -> bool:
        """Is the config or a layer of the image in the archive?"""
        return self.config_document is not None or any(layer.member is not None for layer in self.layers)

    def freeze(self) -> ImageRecord:
        """The record."""
        computed = None if self.config_digest is None else str(self.config_digest)
        return ImageRecord(
            names=shown_names(self.names),
            image_id=self.v1_id or computed,
            config_document=self.config_document,
            config_digest=None if self.v1_id else self.config_digest,
            config=self.config,
            manifest=self.manifest,
            manifest_digest=self.manifest_digest,
            target_digest=self.target_digest,
            layers=self.layers,
            other_view=self.other_view,
            platform=self.platform,
            annotations=self.annotations,
            v1=self.v1_id is not None,
            findings=tuple(self.findings),
        )


def named_digest(name: bytes) -> Digest | None:
    """The digest that a member's name claims: `HEX.json`, `sha256:HEX`, `blobs/sha256/HEX`, `HEX`."""
    found = _NAMED_DIGITS.fullmatch(name)
    return None if found is None else Digest("sha256", found[1].decode())


def member_layer(documents: Documents, name: str | None, *, source: Descriptor | None = None) -> LayerRef:
    """A layer that a member name names (manifest.json, v1); `source` is what LayerSources says of it."""
    if name is None:
        return LayerRef(named=b"")
    if not name.strip():
        return LayerRef(named=b"", findings=(problems.EMPTY_NAME.at(what="a layer"),))
    named = name.encode("utf-8", "surrogateescape")
    member = documents.resolve(named)
    foreign = source is not None and source.foreign
    if isinstance(member, Member) and not (foreign and not member.size):
        return LayerRef(named=named, member=member, blob=documents.index.blob(member), foreign=foreign)
    # Some tools store a file of 0 bytes in place of a foreign layer.
    unresolved = Unresolved(problems.MISSING, member.name, stub=True) if isinstance(member, Member) else member
    finding = documents.missing(unresolved, "the foreign layer" if foreign else "the layer", allowed=foreign)
    return LayerRef(named=named, foreign=foreign, link=unresolved.link, findings=(finding,))


def check_config_name(candidate: Candidate, member: Member) -> None:
    """Adds a finding where the digits in the name of the config differ from its hash."""
    claimed = named_digest(member.name)
    actual = candidate.config_digest
    if claimed is not None and actual is not None and claimed != actual:
        where = Where(member=member.name)
        candidate.findings.add(problems.NAME_MISMATCH.at(where, name=member.name, found=str(actual)))
