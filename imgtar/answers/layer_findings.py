"""The findings of layers, of which images may share some: each comes once."""

from __future__ import annotations

from collections.abc import Iterator

from imgtar.archive.problems import MISSING
from imgtar.findings import Finding
from imgtar.image.image import ImageLayer, ImageOutline


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
