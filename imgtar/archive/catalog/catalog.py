"""Which images an archive names, in which form, and what else it holds."""

from __future__ import annotations

import re

import msgspec

from imgtar.archive.catalog.candidate import Candidate
from imgtar.archive.catalog.docker_view import docker_candidates, legacy_candidates, names_v1_images, v1_folders
from imgtar.archive.catalog.documents import Documents
from imgtar.archive.catalog.merge import merge
from imgtar.archive.catalog.not_an_image import not_an_image, without_images
from imgtar.archive.catalog.oci_view import OciView
from imgtar.archive.catalog.other_content import unreferenced
from imgtar.archive.catalog.records import DigestCheck, ImageRecord, OtherRecord
from imgtar.archive.document_names import BLOBS, INDEX, LAYOUT, MANIFEST
from imgtar.archive.index.member_index import Member, MemberIndex
from imgtar.archive.input.input_name import Container, Form
from imgtar.archive.problems import CUT, MANIFEST_LINK
from imgtar.findings import Effect, Finding, FindingLog, Where
from imgtar.formats.json_document.document import Document
from imgtar.formats.json_document.fields import Fields, Reading
from imgtar.formats.oci import problems as oci_problems
from imgtar.formats.tar.problems import NO_END_MARKER
from imgtar.limits import LimitReached, Limits

# What docker, podman, crane and skopeo call a blob, a layer or a config in an archive.
_PART = re.compile(rb"(blobs/sha256/|sha256:)?[0-9a-f]{64}(\.json|\.tar(\.gz)?|/layer\.tar|/json)?")


class Catalog(msgspec.Struct, frozen=True):
    """What an archive says of itself. `images` may be empty where damage hides them, as `findings` say.

    `checks` are the digests that reading the catalog compared already; a difference is among the findings of the
    catalog or of an image.
    """

    form: Form
    images: tuple[ImageRecord, ...]
    other: tuple[OtherRecord, ...]
    findings: tuple[Finding, ...]
    checks: frozenset[DigestCheck] = frozenset()


def read_catalog(
    index: MemberIndex, limits: Limits, container: Container = "tar", *, allow_missing: bool = False
) -> Catalog:
    """Reads the documents of an archive, never more than once each, and no layer.

    Raises InputError where a whole archive names no image (contract.md section 3).
    """
    return _Reader(index, limits, container, allow_missing).read()


class _Reader:
    def __init__(self, index: MemberIndex, limits: Limits, container: Container, allow_missing: bool) -> None:
        self._index = index
        self._limits = limits
        self._container = container
        self._log = FindingLog()
        self._documents = Documents(index, limits, allow_missing=allow_missing)
        self._allow_missing = allow_missing

    def read(self) -> Catalog:
        """The catalog. Raises InputError where a whole archive names no image."""
        index = self._index
        has_manifest, has_index = MANIFEST in index, INDEX in index
        manifest = self._document(MANIFEST) if has_manifest else None
        if manifest is not None and isinstance(manifest.value, dict) and not has_index and _is_manifest(manifest):
            return self._flat(manifest)
        if not has_manifest and not has_index and LAYOUT not in index:
            has_end = index.whole and not self._lost_its_end()
            if names_v1_images(self._documents) or (has_end and any(True for _ in v1_folders(self._documents))):
                return self._legacy()
            if has_end:
                raise not_an_image(index, self._container)
            return self._cut()
        docker: list[Candidate] = []
        if manifest is not None:
            docker = docker_candidates(self._documents, manifest, self._log) or []
        oci = OciView(self._documents, self._log)
        if has_index or not has_manifest:
            self._layout(has_index)
            listed = self._document(INDEX)
            if listed is not None:
                oci.read(listed)
        merged = merge(self._documents, docker, oci, self._log)
        return self._catalog(self._form(has_manifest, has_index), merged.candidates, merged.others, oci.checks)

    def _lost_its_end(self) -> bool:
        """Does a tar with parts of images lack its end marker, so that the documents behind them may be cut off?"""
        return any(finding.kind is NO_END_MARKER for finding in self._index.findings) and any(
            _PART.fullmatch(name) for name in self._index.names()
        )

    def _cut(self) -> Catalog:
        """The catalog of an archive that was cut before any document: nobody knows what it names."""
        is_layout = any(name.startswith(BLOBS + b"/") for name in self._index.names())
        if not any(finding.effect is Effect.LIMIT for finding in self._index.findings):
            document = (INDEX if is_layout else MANIFEST).decode()
            is_cut = any(finding.code.endswith(".truncated") for finding in self._index.findings)
            how = "is cut off" if is_cut else "cannot be read on"
            how = "ends without its end marker" if self._index.whole else how
            at = self._index.tar_size if is_cut or self._index.whole else self._index.end_offset
            self._log.add(CUT.at(Where(offset=at), how=how, at=at, document=document))
        form = self._form(not is_layout, False)
        return Catalog(form, (), (), tuple(self._log))

    def _document(self, name: bytes) -> Document | None:
        """A document at the root of the archive; a link in its place is a finding."""
        member = self._documents.resolve(name)
        if not isinstance(member, Member):
            self._log.add(member.finding("the document"))
            return None
        if member.name != name:
            self._log.add(MANIFEST_LINK.at(Where(member=name), name=name, target=member.name))
        found = self._documents.document(member)
        self._log.extend(found.findings)
        return found.document

    def _layout(self, has_index: bool) -> None:
        """Checks the file oci-layout. Its absence, version or damage is a finding and changes nothing else."""
        if LAYOUT not in self._index:
            if has_index:
                self._log.add(oci_problems.LAYOUT_MISSING.at(Where(member=INDEX)))
            return
        member = self._documents.resolve(LAYOUT)
        if not isinstance(member, Member):
            self._log.add(member.finding("the document"))
            return
        found = self._documents.document(member)
        harmless = (msgspec.structs.replace(finding, effect=Effect.NONE) for finding in found.findings)
        self._log.extend(harmless)
        document = found.document
        if document is None or not isinstance(document.value, dict):
            return
        reading = Reading(msgspec.structs.replace(document, findings=()))
        version = Fields(document.value, reading).string("imageLayoutVersion", required=True)
        self._log.extend(reading.log)
        if version is not None and version != "1.0.0":
            self._log.add(oci_problems.LAYOUT_VERSION.at(Where(member=LAYOUT), stored=version[:200]))

    def _form(self, has_manifest: bool, has_index: bool) -> Form:
        if has_manifest:
            return "docker+oci" if has_index else "docker-archive"
        return "oci-layout" if self._container == "directory" else "oci-archive"

    def _flat(self, manifest: Document) -> Catalog:
        """Skopeo's `dir:`: manifest.json is a manifest, or with `--all` a list of them."""
        self._documents = Documents(self._index, self._limits, flat=True, allow_missing=self._allow_missing)
        self._documents.resolve(MANIFEST)
        oci = OciView(self._documents, self._log)
        if isinstance(manifest.value, dict) and "manifests" in manifest.value:
            oci.read(manifest)
        else:
            oci.read_manifest(manifest)
        merged = merge(self._documents, [], oci, self._log)
        for candidate in merged.candidates:
            candidate.target_digest = None
        return self._catalog("docker-dir", merged.candidates, merged.others, oci.checks)

    def _legacy(self) -> Catalog:
        candidates = legacy_candidates(self._documents, self._log)
        return self._catalog("docker-legacy", candidates, [], set())

    def _catalog(
        self, form: Form, candidates: list[Candidate], others: list[OtherRecord], checks: set[DigestCheck]
    ) -> Catalog:
        """The finished catalog. Raises InputError where a whole archive has no image and no damage explains that."""
        limit = self._limits.images
        if len(candidates) > limit:
            self._log.add(LimitReached("images", limit).finding())
        images = tuple(candidate.freeze() for candidate in candidates[:limit] if _is_readable(candidate))
        for candidate in candidates[:limit]:
            if not _is_readable(candidate):
                self._log.extend(candidate.findings)
                self._log.extend(finding for layer in candidate.layers for finding in layer.findings)
        loose, findings = unreferenced(self._documents, flat=form == "docker-dir")
        self._log.extend(findings)
        others = [*others, *loose]
        damaged = self._log.has(Effect.INCOMPLETE) or self._log.has(Effect.LIMIT) or not self._index.whole
        if not images and not damaged:
            raise without_images(form, others)
        checked = checks.union(*(candidate.checks for candidate in candidates[:limit]))
        return Catalog(form, images, tuple(others), tuple(self._log), frozenset(checked))


def _is_readable(candidate: Candidate) -> bool:
    """Is the manifest here, or can the config or a layer be read? Of other images the catalog has the findings only."""
    is_named = candidate.manifest is not None and bool(candidate.layers)
    return is_named or candidate.config is not None or any(layer.member is not None for layer in candidate.layers)


def _is_manifest(document: Document) -> bool:
    """Is manifest.json one manifest or list of manifests rather than docker's list of images?"""
    value = document.value
    return isinstance(value, dict) and ("schemaVersion" in value or "config" in value or "manifests" in value)
