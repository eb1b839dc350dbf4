"""An image with its layers stacked: the tree, what each layer changed, and what follows from both."""

from __future__ import annotations

import msgspec

from imgtar.analysis.dive.score import DiveScore, dive_score
from imgtar.analysis.waste import Waste, waste
from imgtar.filesystem.changes import LayerChanges
from imgtar.filesystem.stacking import Stacker
from imgtar.filesystem.tree import IMPLIED, FileEntry, FileTree
from imgtar.findings import Finding
from imgtar.image.image import Image
from imgtar.layer.bodies import bodies_of
from imgtar.limits import Meter


class StackedImage(msgspec.Struct, frozen=True):
    """`changes` has one item per layer, base first; a layer without a scan is stacked as empty.

    Findings have their layer, not their image.
    """

    image: Image
    tree: FileTree
    changes: tuple[LayerChanges, ...]
    findings: tuple[Finding, ...]

    def version(self, path: bytes, layer: int) -> FileEntry:
        """What a layer stores at a path, or of a path that it deletes, what it was."""
        changes = self.changes[layer]
        known = changes.deleted.get(path) or changes.linked.get(path)
        if known is not None:
            return known
        scan = self.tree.scans[layer]
        member = None if scan is None else scan.entries.get(path)
        return FileEntry(member or IMPLIED, layer, layer, implied=member is None)


class MeasuredImage(StackedImage, frozen=True):
    """A stacked image with its waste, dive's numbers (None where a layer is absent) and `FileTree.counts`."""

    waste: Waste
    dive: DiveScore | None
    counts: tuple[int, int, int]


def stack_layers(image: Image, meter: Meter) -> StackedImage:
    """Stacks the layers of an image; contents that the deadline leaves uncompared count as different."""
    stacker = Stacker()
    changes: list[LayerChanges] = []
    findings: list[Finding] = []
    for layer in image.layers:
        log = meter.finding_log()
        changes.append(stacker.add(layer.scan, bodies_of(layer.scan, layer.ref.blob, meter.limits), log))
        findings.extend(finding.within(layer=layer.index) for finding in log)
    return StackedImage(image, stacker.finish(), tuple(changes), tuple(findings))


def measure(stacked: StackedImage) -> MeasuredImage:
    """Measures a stack of all the layers of its image."""
    scans = [scan for scan in stacked.tree.scans if scan is not None]
    return MeasuredImage(
        image=stacked.image,
        tree=stacked.tree,
        changes=stacked.changes,
        findings=stacked.findings,
        waste=waste(scans, stacked.changes),
        dive=dive_score(scans) if len(scans) == len(stacked.image.layers) else None,
        counts=stacked.tree.counts(),
    )


def row_count(stacked: StackedImage) -> int:
    """How many paths and changes the stack has; its memory goes with them."""
    changed = sum(len(rows) for layer in stacked.changes for rows in (layer.added, layer.modified, layer.deleted))
    return len(stacked.tree.owner) + changed
