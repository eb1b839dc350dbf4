"""The findings of images and their layers. Images may share layers: the findings of each come once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from imgtar.archive.problems import MISSING
from imgtar.findings import Finding
from imgtar.image.image import ImageLayer, ImageOutline

if TYPE_CHECKING:
    from imgtar.analysis.stacks import Stacks


class LayerFindings:
    """Remembers the scans and the missing blobs whose findings it gave."""

    def __init__(self) -> None:
        self._scans: set[int] = set()
        self._missing: set[bytes | None] = set()  # a blob that is missing is reported once, whatever names it

    def of(self, image: ImageOutline) -> Iterator[Finding]:
        """The findings of an image's layers that no earlier image gave."""
        for layer in image.layers:
            member = None if layer.ref.member is None else layer.ref.member.name
            found = layer.ref.findings
            scan = layer.scan if isinstance(layer, ImageLayer) else None
            if scan is not None and id(scan) not in self._scans:
                self._scans.add(id(scan))
                found = (*found, *scan.findings)
            for finding in found:
                if finding.kind is MISSING:
                    if finding.where.member in self._missing:
                        continue
                    self._missing.add(finding.where.member)
                yield finding.within(layer=layer.index, member=member)


def findings_of(images: Sequence[ImageOutline], stacks: Stacks | None) -> Iterator[Finding]:
    """The findings of the images, of stacking them where they are stacked, and of their layers, with their places."""
    layers = LayerFindings()
    for number, image in enumerate(images):
        stacking = () if stacks is None else stacks.findings(number)
        for finding in (*image.findings, *stacking, *layers.of(image)):
            yield finding.within(image=number)
