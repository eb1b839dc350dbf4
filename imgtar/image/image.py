"""An image: its config, its layers scanned, its history, and which view of the archive is right about it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from imgtar.archive.archive import Archive, open_archive
from imgtar.archive.catalog.records import ImageRecord, LayerRef, OtherRecord
from imgtar.archive.input.source import Form, InputName, Source
from imgtar.archive.problems import CHANGED, FORMS_DISAGREE
from imgtar.findings import Effect, Finding, FindingLog, Where
from imgtar.formats.digest import Digest, chain_ids
from imgtar.formats.oci import media_types
from imgtar.formats.oci import problems as oci_problems
from imgtar.formats.oci.config import Execution
from imgtar.formats.oci.platform import Platform
from imgtar.image import problems
from imgtar.image.history.pairing import Pairing, pair
from imgtar.image.layer_scans import Scans, StreamScanner
from imgtar.image.selection import platform_of, select
from imgtar.image.verify import stated_digest, verify_blobs, verify_layer
from imgtar.layer.probes import Probe
from imgtar.layer.scan import LayerScan
from imgtar.limits import LimitReached, Meter
from imgtar.progress import Progress


class ImageLayer(msgspec.Struct, frozen=True, kw_only=True):
    """A layer at its position, base first. `scan` is None where the blob is absent or unreadable by design.

    `digest` is that of the blob where the archive states it or verifying computed it; `diff_id` is the config's.
    `blob_size` is the descriptor's where the blob is absent. The findings of `ref` and `scan` are not repeated here.
    """

    index: int
    ref: LayerRef
    scan: LayerScan | None
    diff_id: Digest | None
    chain_id: Digest | None
    digest: Digest | None
    media_type: str | None
    present: bool
    blob_size: int | None


class Image(msgspec.Struct, frozen=True, kw_only=True):
    """An image of the archive. The findings lack the image's number; those of a layer have their layer."""

    record: ImageRecord
    layers: tuple[ImageLayer, ...]
    pairing: Pairing
    platform: Platform
    findings: tuple[Finding, ...]

    @property
    def execution(self) -> Execution:
        """How a container of the image runs; empty where there is no config."""
        return Execution() if self.record.config is None else self.record.config.execution


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """An archive with the chosen images read. `verified`: every digest of what is here was recomputed."""

    archive: Archive
    images: tuple[Image, ...]
    findings: tuple[Finding, ...]
    verified: bool

    @property
    def source(self) -> Source:
        return self.archive.source

    @property
    def form(self) -> Form:
        return self.archive.catalog.form

    @property
    def other(self) -> tuple[OtherRecord, ...]:
        return self.archive.catalog.other


def open_images(
    name: InputName,
    meter: Meter,
    *,
    reference: str | None = None,
    platform: str | None = None,
    verify: bool = False,
    allow_missing: bool = False,
    probes: Sequence[Probe[object]] = (),
    progress: Progress | None = None,
) -> Opened:
    """Opens the input and reads the layers of the chosen images; each blob is scanned once.

    `reference` and `platform` are `--image` and `--platform`; a reference in the name itself counts without one.
    With `verify` the digests of everything that is here are recomputed. The `probes` watch the files of every
    layer. Raises InputError and UsageError.
    """
    scanner = StreamScanner(meter, probes)
    archive = open_archive(name, meter, scan=scanner, progress=progress, allow_missing=allow_missing)
    return read_images(
        archive,
        meter,
        select(archive.catalog.images, reference or name.reference, platform),
        verify=verify,
        allow_missing=allow_missing,
        probes=probes,
        progress=progress,
    )


def read_images(
    archive: Archive,
    meter: Meter,
    records: Sequence[ImageRecord],
    *,
    verify: bool = False,
    allow_missing: bool = False,
    probes: Sequence[Probe[object]] = (),
    progress: Progress | None = None,
) -> Opened:
    """Reads the layers of these images of an opened archive."""
    scans = Scans(archive.index, meter, digests=verify, probes=probes, progress=progress)
    scans.told(archive.findings)
    for record in archive.catalog.images:
        scans.told(record.findings)
    scans.prepare(ref for record in records if record.other_view is None for ref in record.layers)
    reader = _Reader(scans, meter, verify=verify, allow_missing=allow_missing)
    images = tuple(reader.image(record) for record in records)
    findings = list(archive.findings)
    if verify:
        findings += verify_blobs(archive, scans)
    if archive.index.changed():
        findings.append(CHANGED.at())
    checked = all(finding.kind is not problems.UNCHECKED for finding in findings)
    unchecked = any(finding.kind is problems.UNCHECKED for image in images for finding in image.findings)
    return Opened(
        archive=archive,
        images=images,
        findings=tuple(findings),
        verified=verify and checked and not unchecked,
    )


class _Reader:
    def __init__(self, scans: Scans, meter: Meter, *, verify: bool, allow_missing: bool) -> None:
        self._scans = scans
        self._meter = meter
        self._verify = verify
        self._allow_missing = allow_missing

    def image(self, record: ImageRecord) -> Image:
        log = FindingLog()
        log.extend(record.findings)
        refs = self._right_view(record, log)
        limit = self._meter.limits.layers
        diff_ids = record.diff_ids[:limit]
        config = record.config
        if config is not None and config.has_rootfs and len(refs) != len(diff_ids):
            log.add(problems.LAYER_COUNT.at(layers=len(refs), diff_ids=len(record.diff_ids)))
        missing = len(diff_ids) - len(refs)
        refs = (*refs, *(LayerRef(named=b"") for _ in range(missing)))
        layers = self._layers(record, refs, log)
        pairing = pair(record.history, len(layers))
        log.extend(pairing.findings)
        return Image(record=record, layers=layers, pairing=pairing, platform=platform_of(record), findings=tuple(log))

    def _layers(self, record: ImageRecord, refs: tuple[LayerRef, ...], log: FindingLog) -> tuple[ImageLayer, ...]:
        scans = self._scanned(refs, log)
        stated = [record.diff_ids[index] if index < len(record.diff_ids) else None for index in range(len(refs))]
        if record.v1 and self._verify:
            stated = [None if scan is None else scan.diff_id for scan in scans]
        known = stated[: stated.index(None)] if None in stated else stated
        chain: list[Digest | None] = [*chain_ids([diff_id for diff_id in known if diff_id is not None])]
        chain += [None] * (len(refs) - len(chain))
        layers: list[ImageLayer] = []
        for index, (ref, scan) in enumerate(zip(refs, scans, strict=True)):
            log.extend(finding.within(layer=index) for finding in self._layer_findings(ref, scan, stated[index]))
            layers.append(_layer(index, ref, scan, stated[index], chain[index], computed=self._verify))
        return tuple(layers)

    def _scanned(self, refs: tuple[LayerRef, ...], log: FindingLog) -> list[LayerScan | None]:
        """The scan of each layer; from the one on that exceeds `image-entries` none."""
        scans: list[LayerScan | None] = []
        left = self._meter.limits.image_entries
        for index, ref in enumerate(refs):
            scan = None if left < 0 else self._scans.of(ref)
            scans.append(scan)
            if scan is not None:
                left -= scan.entry_count
                if left < 0:
                    limit = self._meter.limits.image_entries
                    log.add(LimitReached("image-entries", limit, Where(layer=index)).finding())
        return scans

    def _layer_findings(self, ref: LayerRef, scan: LayerScan | None, diff_id: Digest | None) -> list[Finding]:
        where = Where(member=None if ref.member is None else ref.member.name)
        kind = "" if ref.descriptor is None else ref.descriptor.media_type
        found: list[Finding] = []
        if not ref.readable:
            effect = Effect.NONE if self._allow_missing else None
            found.append(problems.UNREADABLE.at(where, effect, media_type=kind[:200]))
        if scan is not None and scan.blob_size:
            declared = media_types.declared_compression(kind)
            if declared is not None and declared != scan.compression:
                lie = oci_problems.MEDIATYPE_LIE
                found.append(lie.at(where, media_type=kind, stated=declared, found=scan.compression))
        if self._verify:
            found += verify_layer(self._scans, ref, scan, diff_id)
        return found

    def _right_view(self, record: ImageRecord, log: FindingLog) -> tuple[LayerRef, ...]:
        """Where docker's and OCI's lists differ, the one whose diffIDs are the config's; else manifest.json's."""
        docker, oci = record.layers, record.other_view
        if oci is None:
            return docker
        fits = [self._fits(view, record.diff_ids) for view in (docker, oci)]
        if fits == [True, True]:
            return docker
        if fits == [False, True]:
            what = "on the layers; index.json has those of the config, and they are used"
        elif fits == [True, False]:
            what = "on the layers; manifest.json has those of the config, and they are used"
        else:
            what = "on the layers, and neither has those of the config; manifest.json is used"
        log.add(FORMS_DISAGREE.at(Where(member=b"index.json"), what=what))
        if fits == [False, True]:
            return oci
        return _described(docker, oci)

    def _fits(self, view: tuple[LayerRef, ...], diff_ids: tuple[Digest | None, ...]) -> bool:
        if len(view) != len(diff_ids) or any(ref.member is None for ref in view):
            return False
        scans = [self._scans.of(ref, digests=True) for ref in view]
        return all(
            scan is not None and scan.diff_id is not None and scan.diff_id == diff_id
            for scan, diff_id in zip(scans, diff_ids, strict=True)
        )


def _described(docker: tuple[LayerRef, ...], oci: tuple[LayerRef, ...]) -> tuple[LayerRef, ...]:
    """Docker's list with the descriptors that the OCI manifest has for the same blobs."""
    by_member = {ref.member.name: ref for ref in oci if ref.member is not None}
    return tuple(by_member.get(ref.member.name, ref) if ref.member is not None else ref for ref in docker)


def _layer(
    index: int,
    ref: LayerRef,
    scan: LayerScan | None,
    diff_id: Digest | None,
    chain_id: Digest | None,
    *,
    computed: bool,
) -> ImageLayer:
    descriptor, member = ref.descriptor, ref.member
    digest = stated_digest(ref)
    if digest is None and computed and scan is not None:
        digest = scan.digest
    return ImageLayer(
        index=index,
        ref=ref,
        scan=scan,
        diff_id=diff_id,
        chain_id=chain_id,
        digest=digest,
        media_type=(descriptor.media_type or None) if descriptor is not None else None,
        present=member is not None,
        blob_size=member.size if member is not None else None if descriptor is None else descriptor.size,
    )
