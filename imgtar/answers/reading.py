"""One of several archives, read for what is kept of it: no session stays open, and no tree is made."""

from __future__ import annotations

import msgspec

from imgtar.analysis.sharing.images import ImageFacts, image_facts
from imgtar.answers.envelope import envelope_of
from imgtar.answers.layer_findings import LayerFindings
from imgtar.answers.options import InspectOptions
from imgtar.archive.input.input_name import Input, parse_input
from imgtar.contract.envelope import Envelope
from imgtar.errors import ImgtarError
from imgtar.findings import Finding
from imgtar.formats.digest import Digest
from imgtar.image.image import Image, ImageLayer, LayerOutline
from imgtar.image.opening import open_images
from imgtar.image.passing import ContentKeeper, LayerMeasure, PassingLayers
from imgtar.image.problems import LAYER_DIFFERS
from imgtar.image.reader import ImageReader
from imgtar.limits import Meter


class ReadArchive(msgspec.Struct, frozen=True, kw_only=True):
    """An archive of which everything that is kept is here; the findings have the numbers of its own images."""

    envelope: Envelope
    images: tuple[ImageFacts, ...]
    findings: tuple[Finding, ...]


class UnreadArchive(msgspec.Struct, frozen=True):
    """An archive that could not be used, with the reason."""

    path: str
    error: ImgtarError


class ArchiveReader:
    """Reads archives one after another. `several`: there is more than one. `contents`: of each file they are kept.

    What was measured of a layer serves every later archive that has the same blob (`imgtar.image.passing`).
    """

    def __init__(self, options: InspectOptions, *, several: bool, contents: bool = False) -> None:
        # Only archives of images have layers in common.
        self._options = msgspec.structs.replace(options, root_filesystem=False, twins=None, spool=None)
        self._limits = options.limits.within(options.timeout)  # the time of all archives together
        self._several = several
        self._keeper = ContentKeeper(self._limits) if contents else None
        self._known: dict[Digest, LayerMeasure] = {}
        self._sizes: dict[Digest, int] = {}  # by diffID, of layers that were read to their end
        self._count = 0

    def read(self, source: Input) -> ReadArchive:
        """Reads an archive (a path, `-`, either with a prefix). Raises InputError and UsageError."""
        options = self._options
        number, self._count = self._count, self._count + 1
        meter = Meter(self._limits, options.ignores)
        reader = open_images(parse_input(source), meter, options, contents=self._keeper is not None)
        passing = PassingLayers(reader.scans, self._known, several=self._several, keeper=self._keeper)
        read = _Reading(reader, passing, self._sizes)
        images = tuple(image_facts(image, (number, own), read.measure) for own, image in enumerate(reader.outlines))
        findings = read.findings()
        envelope = envelope_of(reader.archive, findings, verified=reader.verified)
        return ReadArchive(envelope=envelope, images=images, findings=findings)


class _Reading:
    """The layers of one archive, and what is wrong with them."""

    def __init__(self, reader: ImageReader, passing: PassingLayers, sizes: dict[Digest, int]) -> None:
        self._reader = reader
        self._passing = passing
        self._sizes = sizes
        self._contradicted: dict[Digest, tuple[int, int]] = {}  # by diffID: the size here, and the earlier one

    def measure(self, layer: LayerOutline) -> LayerMeasure | None:
        """The measures of a layer. A verified one was read before."""
        if isinstance(layer, ImageLayer):
            return None if layer.scan is None else self._noted(layer, self._passing.verified(layer.scan))
        return self._noted(layer, self._passing.of(layer.ref))

    def _noted(self, layer: LayerOutline, measure: LayerMeasure | None) -> LayerMeasure | None:
        if layer.diff_id is not None and measure is not None and measure.content_size is not None:
            before = self._sizes.setdefault(layer.diff_id, measure.content_size)
            if before != measure.content_size:
                self._contradicted.setdefault(layer.diff_id, (measure.content_size, before))
        return measure

    def findings(self) -> tuple[Finding, ...]:
        """The findings of the archive, its images and their layers; those of a layer that images share come once."""
        found = list(self._reader.findings)
        layers = LayerFindings()
        told: set[bytes] = set()
        for number, image in enumerate(self._reader.outlines):
            own = [*image.findings, *layers.of(image)]
            for layer in image.layers:
                member = layer.ref.member
                if member is None or member.name in told:
                    continue
                told.add(member.name)
                if not isinstance(image, Image):
                    own += [finding.within(layer=layer.index) for finding in self._passing.findings(layer.ref)]
                if layer.diff_id in self._contradicted:
                    here, other = self._contradicted[layer.diff_id]
                    own.append(LAYER_DIFFERS.at(found=here, other=other).within(layer=layer.index, member=member.name))
            found += [finding.within(image=number) for finding in own]
        return tuple(found)
