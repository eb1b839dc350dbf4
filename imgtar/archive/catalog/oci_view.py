"""What index.json says: a walk over indexes and manifests, each read once (image-formats.md 1.3 and 2.2)."""

from __future__ import annotations

from typing import Literal

import msgspec

from imgtar.archive.catalog.candidate import Candidate
from imgtar.archive.catalog.documents import Documents, ReadDocument
from imgtar.archive.catalog.image_names import descriptor_name
from imgtar.archive.catalog.other_content import descriptor_kind, manifest_kind, other_record
from imgtar.archive.catalog.records import DigestCheck, OtherKind, OtherRecord
from imgtar.archive.index.member_index import Unresolved
from imgtar.findings import Effect, FindingLog, Where
from imgtar.formats.json_document.document import Document
from imgtar.formats.json_document.fields import Reading
from imgtar.formats.oci import media_types
from imgtar.formats.oci import problems as oci_problems
from imgtar.formats.oci.documents import (
    Descriptor,
    Manifest,
    read_index,
    read_manifest,
    schema1_layers,
    type_by_content,
)
from imgtar.limits import LimitReached

Shape = Literal["index", "manifest"]
_VISITS = 10  # times the limit of descriptors per index: bounds what shared indexes multiply


class ListedManifest(msgspec.Struct, frozen=True):
    """A manifest descriptor and the platform list that has it; `alone`: index.json gives the manifest its own name."""

    descriptor: Descriptor
    group: str
    alone: bool


class OciView:
    """The images depth first, the other content, and the manifests that are named but absent.

    `groups` maps each platform list (a target of index.json that is an index, "" for index.json itself) to the
    images in it; `listed` maps the id() of a candidate to its descriptor and list.
    """

    def __init__(self, documents: Documents, log: FindingLog) -> None:
        self._documents = documents
        self._log = log
        self.candidates: list[Candidate] = []
        self.others: list[OtherRecord] = []
        self.absent: list[ListedManifest] = []
        self.groups: dict[str, list[Candidate]] = {}
        self.listed: dict[int, ListedManifest] = {}
        self.checks: set[DigestCheck] = set()
        self._leaves: dict[str, Candidate | None] = {}
        self._children: dict[str, tuple[Descriptor | None, ...]] = {}
        self._below: dict[str, list[Candidate]] = {}
        self._visits = 0

    def read(self, document: Document) -> None:
        """Walks index.json: everything below an entry gets its name, and the entry is its target."""
        for descriptor in self._entries(document):
            if descriptor is None:
                continue
            name = descriptor_name(descriptor.annotations)
            group = descriptor.stated if media_types.is_index(descriptor.media_type) else ""
            below = self._below.get(descriptor.stated)
            if below is None:
                below = self._below[descriptor.stated] = self._walk(ListedManifest(descriptor, group, name is not None))
                self.groups.setdefault(group, []).extend(below)
            for candidate in below:
                candidate.target_digest = candidate.target_digest or descriptor.digest
                if name is not None:
                    candidate.names[name] = None
            self._visits += len(below)
            if self._is_too_much():
                return

    def read_manifest(self, document: Document) -> None:
        """Takes a manifest that no descriptor names (skopeo's `dir:`)."""
        digest = self._documents.digest(document)
        descriptor = Descriptor(digest=digest, stated=str(digest), size=len(document.raw))
        if type_by_content(document) == "schema1":
            self._schema1(descriptor, document)
            return
        self._manifest(ListedManifest(descriptor, "", True), document, ReadDocument(document))

    def _is_too_much(self) -> bool:
        limit = self._documents.limits.manifests
        if self._visits <= _VISITS * limit:
            return False
        self._log.add(LimitReached("manifests", limit).finding())
        return True

    def _entries(self, document: Document) -> tuple[Descriptor | None, ...]:
        reading = Reading(msgspec.structs.replace(document, findings=()))
        limit = self._documents.limits.manifests
        index = read_index(document, reading, limit)
        self._log.extend(reading.log)
        if index is None:
            return ()
        if index.dropped:
            self._log.add(LimitReached("manifests", limit, Where(member=document.member)).finding())
        return index.manifests

    def _walk(self, top: ListedManifest) -> list[Candidate]:
        """The images below, depth first without recursion; what was read before is not read again."""
        below: dict[int, Candidate] = {}
        entered: set[str] = set()
        stack = [(top, 1)]
        while stack and not self._is_too_much():
            listed, depth = stack.pop()
            self._visits += 1
            stated = listed.descriptor.stated
            if stated not in self._leaves and stated not in self._children:
                self._visit(listed)
            leaf = self._leaves.get(stated)
            if leaf is not None:
                below[id(leaf)] = leaf
            elif stated in self._children and stated not in entered:
                entered.add(stated)
                if depth > self._documents.limits.index_depth:
                    self._log.add(LimitReached("index-depth", self._documents.limits.index_depth).finding())
                    continue
                children = reversed(self._children[stated])
                stack.extend(
                    (ListedManifest(child, top.group, False), depth + 1) for child in children if child is not None
                )
        return list(below.values())

    def _visit(self, listed: ListedManifest) -> None:
        """Reads what a descriptor names into `_children` (an index) or `_leaves` (None: not an image)."""
        descriptor = listed.descriptor
        stated = descriptor.stated
        kind = descriptor_kind(descriptor)
        shape = _shape(descriptor.media_type)
        if kind is None and shape is None and not _may_be_manifest(descriptor.media_type):
            kind = "unknown"
        if kind is not None:
            self._leave(kind, descriptor)
            return
        found = self._documents.described(descriptor)
        document = found.document
        if document is None:
            self._leaves[stated] = None
            if descriptor.path is not None:
                self.absent.append(listed)
            return
        shape = self._agreed(descriptor, document)
        if shape == "manifest":
            self._manifest(listed, document, found)
            return
        self._note(found)
        if shape == "index":
            self._children[stated] = self._entries(document)
        elif type_by_content(document) == "schema1":
            self._schema1(descriptor, document)
        else:
            self._leave("unknown", descriptor)

    def _schema1(self, descriptor: Descriptor, document: Document) -> None:
        """Lists a manifest of docker schema 1 as such, whatever its descriptor says."""
        self._documents.mark(schema1_layers(document))
        self._leave("unknown", msgspec.structs.replace(descriptor, artifact_type=media_types.SCHEMA1_MANIFEST))

    def _agreed(self, descriptor: Descriptor, document: Document) -> Shape | None:
        """The type of a document by descriptor and content; where they differ, the content decides (and a finding)."""
        where = Where(member=document.member)
        by_content = type_by_content(document)
        if by_content == "ambiguous":
            self._log.add(oci_problems.AMBIGUOUS.at(where, digest=descriptor.stated))
            return None
        value = document.value.get("mediaType") if isinstance(document.value, dict) else None
        written = value if isinstance(value, str) else ""
        stated, inside = _shape(descriptor.media_type), _shape(written)
        content: Shape | None = "index" if by_content == "index" else "manifest" if by_content == "manifest" else None
        shapes = {shape for shape in (stated, inside, content) if shape is not None}
        if len(shapes) > 1 or (stated and inside and descriptor.media_type != written):
            found = written if stated != inside else f"{by_content} of type {written}"
            effect = None if len(shapes) > 1 else Effect.NONE
            arguments = {"digest": descriptor.stated, "stated": descriptor.media_type, "found": found or by_content}
            self._log.add(oci_problems.MEDIATYPE_MISMATCH.at(where, effect, **arguments))
        return content or (None if by_content == "schema1" else inside or stated)

    def _manifest(self, listed: ListedManifest, document: Document, found: ReadDocument) -> None:
        descriptor = listed.descriptor
        reading = Reading(msgspec.structs.replace(document, findings=()))
        manifest = read_manifest(document, reading, descriptor.artifact_type)
        kind = None if manifest is None else manifest_kind(manifest)
        if manifest is None or kind is not None:
            self._note(found)
            self._log.extend(reading.log)
            self._leave(kind or "unknown", descriptor, manifest)
            return
        limit = self._documents.limits.images
        if len(self.candidates) >= limit:
            self._log.add(LimitReached("images", limit).finding())
            self._leaves[descriptor.stated] = None
            return
        candidate = self._candidate(descriptor, document, manifest)
        candidate.findings.extend((*found.findings, *reading.log))
        candidate.checks.update(found.checks)
        self._leaves[descriptor.stated] = candidate
        self.listed[id(candidate)] = listed
        self.candidates.append(candidate)

    def _candidate(self, descriptor: Descriptor, document: Document, manifest: Manifest) -> Candidate:
        documents = self._documents
        candidate = Candidate()
        candidate.manifest = document
        algorithm = "sha256" if descriptor.digest is None else descriptor.digest.algorithm
        candidate.manifest_digest = documents.digest(document, algorithm)
        candidate.platform = descriptor.platform
        candidate.annotations = manifest.annotations
        if manifest.config is not None:
            found = documents.described(manifest.config)
            candidate.findings.extend(found.findings)
            candidate.checks.update(found.checks)
            if found.document is not None:
                candidate.take_config(documents, found.document)
            else:
                candidate.config_digest = manifest.config.digest
                member = documents.member_of(manifest.config)
                if isinstance(member, Unresolved):
                    absent = documents.missing(member, "the config", allowed=True, descriptor=manifest.config)
                    candidate.findings.add(absent)
        candidate.take_layers(documents, [documents.layer(layer) for layer in manifest.layers])
        return candidate

    def _note(self, found: ReadDocument) -> None:
        """Records what was found in a document that belongs to no image."""
        self._log.extend(found.findings)
        self.checks.update(found.checks)

    def _leave(self, kind: OtherKind, descriptor: Descriptor, manifest: Manifest | None = None) -> None:
        self._leaves[descriptor.stated] = None
        self.others.append(other_record(self._documents, kind, descriptor, manifest))


def _shape(media_type: str) -> Shape | None:
    if media_types.is_index(media_type):
        return "index"
    return "manifest" if media_types.is_manifest(media_type) else None


def _may_be_manifest(media_type: str) -> bool:
    """Can a document of this type be an index or a manifest? So can one without a type, or of any JSON type."""
    return not media_type or media_type.endswith("json")
