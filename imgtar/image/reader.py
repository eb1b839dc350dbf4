"""Reads the images of an archive, as far as they are asked for, and finds which of its views is right about each."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from functools import cached_property

import msgspec
from msgspec.structs import replace

from imgtar.archive.archive import Archive
from imgtar.archive.catalog.records import ImageRecord, LayerRef, OtherRecord
from imgtar.archive.input.input_name import Form
from imgtar.archive.input.source import Source
from imgtar.archive.problems import CHANGED
from imgtar.errors import InputError
from imgtar.findings import Finding, FindingLog, Where
from imgtar.formats.digest import Digest, known_chain
from imgtar.image import problems
from imgtar.image.history.pairing import Pairing, pair
from imgtar.image.image import Image, ImageLayer, ImageOutline, LayerOutline
from imgtar.image.layer_findings import documents_of_images, unreadable
from imgtar.image.layer_outlines import outline_of, stated_diff_ids
from imgtar.image.layer_scans import Scans
from imgtar.image.read_options import PLAIN, ReadOptions
from imgtar.image.selection import platform_findings, platform_of
from imgtar.image.twins import LayerTwin, Twins
from imgtar.image.verify import verify_blobs, verify_layer, verify_media_type
from imgtar.image.views import right_view
from imgtar.layer.scan import LayerScan
from imgtar.limits import LimitReached, Meter


class ImageReader:
    """The chosen images of an opened archive.

    `outlines` reads no layer unless docker's and OCI's lists of layers disagree; `images` reads each blob once,
    whatever images and positions it serves, and `scans` has what was read. With
    `verify` the digests of everything that is here are recomputed, so every question reads the layers. Without it
    layers that have `twins` are not read.
    """

    def __init__(
        self,
        archive: Archive,
        meter: Meter,
        records: Sequence[ImageRecord],
        scans: Scans,
        options: ReadOptions = PLAIN,
    ) -> None:
        self.archive = archive
        self.meter = meter
        self.scans = scans
        self._records = records
        self._options = options
        self._verify = options.verify
        self._allow_missing = options.allow_missing
        self._twins = Twins() if options.twins is None or options.verify else options.twins
        self._read: dict[int | None, tuple[Image, ...]] = {}
        self._entries_left = 0  # of `archive-entries`, while images are read
        self._pairings: dict[tuple[int, int], Pairing] = {}

    @property
    def source(self) -> Source:
        return self.archive.source

    @property
    def form(self) -> Form:
        return self.archive.catalog.form

    @property
    def other(self) -> tuple[OtherRecord, ...]:
        return self.archive.catalog.other

    @cached_property
    def outlines(self) -> Sequence[ImageOutline]:
        """The images as the catalog alone knows them."""
        return self.images if self._verify else tuple(self._outline(record) for record in self._records)

    @property
    def images(self) -> tuple[Image, ...]:
        """The images with all their layers read."""
        return self.images_upto(None)

    def images_upto(self, top: int | None) -> tuple[Image, ...]:
        """The images with their layers from 0 to `top` read (None: all of them; verifying always reads them all)."""
        top = None if self._verify else top
        if top not in self._read:
            wanted = slice(None if top is None else top + 1)
            records = [record for record in self._records if record.other_view is None]
            self.scans.prepare(
                ref for record in records for ref in self._twins.without(record.layers[wanted], record.diff_ids)
            )
            self._entries_left = self.meter.limits.archive_entries
            self._read[top] = tuple(self._image(record, wanted) for record in self._records)
        return self._read[top]

    def each_upto(self, top: int | None) -> Iterator[ImageReader]:
        """A reader of each image alone. The layers from 0 to `top` are read at once for all images.

        Where the file cannot be read, each image reads its own layers, so that one does not stop the others. Not with
        `verify`: what that finds of a layer comes once.
        """
        with contextlib.suppress(InputError):
            self.images_upto(top)
        return map(self._alone, range(len(self._records)))

    def _alone(self, number: int) -> ImageReader:
        reader = ImageReader(self.archive, self.meter, [self._records[number]], self.scans, self._options)
        reader.outlines = (self.outlines[number],)
        reader._read = {key: (images[number],) for key, images in self._read.items()}
        return reader

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of the archive; those of its images are theirs."""
        changed = (CHANGED.at(),) if self.archive.index.changed() else ()
        return (*self.archive.findings, *self._of_blobs, *changed)

    @cached_property
    def _of_blobs(self) -> tuple[Finding, ...]:
        """What verifying finds of the blobs that are not layers of the images."""
        if not self._verify:
            return ()
        _ = self.images  # the layers first: what is wrong with their blobs belongs to them
        return tuple(verify_blobs(self.archive, self.scans))

    @property
    def verified(self) -> bool:
        """Was every digest of what is here recomputed? Not where neither an image nor a blob with a digest is here."""
        if not self._verify:
            return False
        _ = self._of_blobs  # recomputes what is left
        is_something_here = bool(self.scans.computed or self._records)
        return is_something_here and not self.scans.unchecked

    def _outline(self, record: ImageRecord) -> ImageOutline:
        log = self.meter.finding_log()
        log.extend((*record.findings, *platform_findings(record)))
        refs = self._layer_refs(record, log)
        stated = stated_diff_ids(record, len(refs))
        chain = known_chain(stated)
        layers: list[LayerOutline] = []
        for index, ref in enumerate(refs):
            log.extend(finding.within(layer=index) for finding in unreadable(ref, allowed=self._allow_missing))
            layers.append(outline_of(index, ref, stated[index], chain[index]))
        pairing = self._pairing(record, len(layers))
        log.extend(pairing.findings)
        return ImageOutline(
            record=record, layers=tuple(layers), pairing=pairing, platform=platform_of(record), findings=tuple(log)
        )

    def _image(self, record: ImageRecord, wanted: slice) -> Image:
        log = self.meter.finding_log()
        log.extend((*record.findings, *platform_findings(record)))
        refs = self._layer_refs(record, log)
        layers = self._layers(record, refs, wanted, log)
        pairing = self._pairing(record, len(layers))
        log.extend(pairing.findings)
        return Image(record=record, layers=layers, pairing=pairing, platform=platform_of(record), findings=tuple(log))

    def _pairing(self, record: ImageRecord, layers: int) -> Pairing:
        """The history of an image with its layers; images of one config share it."""
        key = (id(record.history), layers)
        if key not in self._pairings:
            self._pairings[key] = pair(record.history, layers)
        return self._pairings[key]

    def _layer_refs(self, record: ImageRecord, log: FindingLog) -> tuple[LayerRef, ...]:
        """The layers of the view that is right, as many as the config has diffIDs at least."""
        refs = right_view(record, self.scans, log)
        diff_ids = record.diff_ids[: self.meter.limits.layers]
        config = record.config
        if config is not None and config.has_rootfs and len(refs) != len(diff_ids):
            log.add(problems.LAYER_COUNT.at(layers=len(refs), diff_ids=len(record.diff_ids)))
        missing = len(diff_ids) - len(refs)
        return (*refs, *(LayerRef(named=b"") for _ in range(missing)))

    def _layers(
        self, record: ImageRecord, refs: tuple[LayerRef, ...], wanted: slice, log: FindingLog
    ) -> tuple[ImageLayer, ...]:
        stated = stated_diff_ids(record, len(refs))
        twins = [self._twins.of(ref, diff_id) for ref, diff_id in zip(refs, stated, strict=True)]
        scans = self._scanned(refs[wanted], twins, log)
        scans += [None] * (len(refs) - len(scans))
        if record.v1 and self._verify:
            stated = [None if scan is None else scan.diff_id for scan in scans]
        chain = known_chain(stated)
        layers: list[ImageLayer] = []
        for index, (ref, scan) in enumerate(zip(refs, scans, strict=True)):
            twin = twins[index]
            found = self._layer_findings(ref, scan, stated[index], is_read=twin is None)
            log.extend(finding.within(layer=index) for finding in found)
            layer = self._scanned_layer(outline_of(index, ref, stated[index], chain[index]), scan)
            layers.append(layer if twin is None else replace(layer, ref=replace(ref, blob=twin.blob)))
        return tuple(layers)

    def _scanned(
        self, refs: tuple[LayerRef, ...], twins: Sequence[LayerTwin | None], log: FindingLog
    ) -> list[LayerScan | None]:
        """The scan of each layer; from the one on that exceeds `image-entries` or `archive-entries` none."""
        scans: list[LayerScan | None] = []
        limits = self.meter.limits
        left = limits.image_entries
        reached = False
        for index, ref in enumerate(refs):
            if not reached and self._entries_left < 0:  # by an image before, or by the layer below
                reached = True
                log.add(LimitReached("archive-entries", limits.archive_entries, Where(layer=index)).finding())
            twin = twins[index]
            scan = None if reached else self.scans.of(ref) if twin is None else twin.scan
            scans.append(scan)
            if scan is None:
                continue
            left -= scan.counted_entries
            self._entries_left -= scan.counted_entries
            if left < 0:
                reached = True
                log.add(LimitReached("image-entries", limits.image_entries, Where(layer=index)).finding())
        return scans

    def _scanned_layer(self, layer: LayerOutline, scan: LayerScan | None) -> ImageLayer:
        digest = layer.digest
        if digest is None and self._verify and scan is not None:
            digest = scan.digest
        return ImageLayer(**{**msgspec.structs.asdict(layer), "digest": digest, "scan": scan})

    def _layer_findings(
        self, ref: LayerRef, scan: LayerScan | None, diff_id: Digest | None, *, is_read: bool
    ) -> list[Finding]:
        found = unreadable(ref, allowed=self._allow_missing)
        if scan is not None and is_read:
            found += verify_media_type(ref, scan.compression, scan.blob_size)
        if scan is not None and not ref.markers and not self.archive.asserted:
            found += documents_of_images(scan)
        if self._verify:
            found += verify_layer(self.scans, ref, scan, diff_id)
        return found
