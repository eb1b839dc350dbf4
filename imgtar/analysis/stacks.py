"""The stacks of all images of an archive: as few at a time as their size allows, and one for images that share it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import TypeVar

import msgspec

from imgtar.analysis.recent_stacks import RecentStacks
from imgtar.analysis.stacked_image import MeasuredImage, StackedImage, measure, row_count, stack_layers
from imgtar.findings import Finding
from imgtar.image.image import Image, ImageLayer
from imgtar.layer.probes import Probe
from imgtar.layer.scan import LayerScan
from imgtar.layer.watched_later import watched_later
from imgtar.limits import Meter

_Stacked = TypeVar("_Stacked", bound=StackedImage)
KEPT_ROWS = 1_000_000  # paths and changes, about 0.1 kB each


class Stacks:
    """The images of an archive, each with its layers stacked when it is asked for.

    Images with the same layers share one stack. Stacks of at most `kept_rows` paths and changes together stay in
    memory, and always the one that was asked for last; another one is made again when it is asked for. From `recent`
    come those that earlier archives had.
    """

    def __init__(
        self,
        images: Sequence[Image],
        meter: Meter,
        kept_rows: int = KEPT_ROWS,
        recent: RecentStacks | None = None,
    ) -> None:
        self.images = images
        self._meter = meter
        self._kept_rows = kept_rows
        self._recent = recent
        first: dict[tuple[object, ...], int] = {}
        self._stack_of = [first.setdefault(_layers(image), number) for number, image in enumerate(images)]
        self._kept: OrderedDict[int, StackedImage] = OrderedDict()
        self._rows: dict[int, int] = {}
        self._findings: dict[int, tuple[Finding, ...]] = {}

    def stack_of(self, number: int) -> int:
        """The first image that has the same layers as image `number`."""
        return self._stack_of[number]

    def stacked(self, number: int) -> StackedImage:
        """Image `number` with its layers stacked. Raises InputError where the file cannot be read."""
        return self._for(number, self._of(self._stack_of[number]))

    def measured(self, number: int) -> MeasuredImage:
        """The same with its measures."""
        first = self._stack_of[number]
        stacked = self._of(first)
        if not isinstance(stacked, MeasuredImage):
            stacked = self._kept[first] = measure(stacked)
            self._share(stacked)
        return self._for(number, stacked)

    def findings(self, number: int) -> tuple[Finding, ...]:
        """What stacking the layers of image `number` found; they lack the number of the image."""
        first = self._stack_of[number]
        if first not in self._findings:
            self._of(first)
        return self._findings[first]

    def watched(self, probes: Sequence[Probe[object]]) -> tuple[Stacks, list[Finding]]:
        """The same stacks of layers that these probes have seen now, and the limits that were reached with that.

        Raises InputError where the file cannot be read.
        """
        findings: list[Finding] = []
        known: dict[int, LayerScan] = {}
        images = [self._seen(image, probes, known, findings) for image in self.images]
        again = Stacks(images, self._meter, self._kept_rows)
        again._rows, again._findings = dict(self._rows), dict(self._findings)
        for number, stacked in self._kept.items():
            scans = tuple(layer.scan for layer in images[number].layers)
            tree = msgspec.structs.replace(stacked.tree, scans=scans)
            again._kept[number] = msgspec.structs.replace(stacked, image=images[number], tree=tree)
        return again, findings

    def _seen(
        self, image: Image, probes: Sequence[Probe[object]], known: dict[int, LayerScan], findings: list[Finding]
    ) -> Image:
        """The image with its layers seen by the probes; `known` has those that other images have too."""
        layers: list[ImageLayer] = []
        for layer in image.layers:
            scan, blob = layer.scan, layer.ref.blob
            if scan is not None and blob is not None and id(scan) not in known:
                known[id(scan)], reached = watched_later(scan, blob, probes, self._meter)
                findings += [] if reached is None else [reached.within(layer=layer.index)]
            layers.append(msgspec.structs.replace(layer, scan=None if scan is None else known.get(id(scan), scan)))
        return msgspec.structs.replace(image, layers=tuple(layers))

    def _for(self, number: int, stacked: _Stacked) -> _Stacked:
        image = self.images[number]
        return stacked if stacked.image is image else msgspec.structs.replace(stacked, image=image)

    def _of(self, first: int) -> StackedImage:
        kept = self._kept.get(first)
        if kept is None:
            self._make_room()
            image = self.images[first]
            kept = None if self._recent is None else self._recent.get(image)
            if kept is None:
                kept = stack_layers(image, self._meter)
                self._share(kept)
            self._kept[first] = kept
            self._findings[first] = kept.findings
            self._rows[first] = row_count(kept)
        self._kept.move_to_end(first)
        return kept

    def _share(self, stacked: StackedImage) -> None:
        if self._recent is not None:
            self._recent.put(stacked)

    def _make_room(self) -> None:
        """Drops what was not asked for lately, until what is left is small enough."""
        while self._kept and sum(self._rows[number] for number in self._kept) > self._kept_rows:
            self._kept.popitem(last=False)


def _layers(image: Image) -> tuple[object, ...]:
    """What images with the same layers have in common: digests where this run computed them, else the scans."""
    return tuple(None if layer.scan is None else layer.scan.digest or id(layer.scan) for layer in image.layers)
