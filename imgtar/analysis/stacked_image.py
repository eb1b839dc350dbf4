"""An image with its layers stacked: the tree, what each layer changed, and what follows from both."""

from __future__ import annotations

import msgspec

from imgtar.analysis.dive.score import DiveScore, dive_score
from imgtar.analysis.waste import Waste, waste
from imgtar.filesystem.changes import LayerChanges
from imgtar.filesystem.stacking import Stacker
from imgtar.filesystem.tree import FileTree
from imgtar.findings import Finding, FindingLog
from imgtar.image.image import Image
from imgtar.layer.bodies import bodies_of


class Stacked(msgspec.Struct, frozen=True):
    """`changes` has one item per layer, base first. `dive` is None where a layer is absent.

    Findings have their layer, not their image.
    """

    image: Image
    tree: FileTree
    changes: tuple[LayerChanges, ...]
    waste: Waste
    dive: DiveScore | None
    findings: tuple[Finding, ...]


def stacked(image: Image) -> Stacked:
    """Stacks the layers of an image; absent ones as empty."""
    stacker = Stacker()
    changes: list[LayerChanges] = []
    findings: list[Finding] = []
    for layer in image.layers:
        log = FindingLog()
        changes.append(stacker.add(layer.scan, bodies_of(layer.scan, layer.ref.blob), log))
        findings.extend(finding.within(layer=layer.index) for finding in log)
    tree = stacker.finish()
    scans = [scan for scan in tree.scans if scan is not None]
    return Stacked(
        image=image,
        tree=tree,
        changes=tuple(changes),
        waste=waste(scans, changes),
        dive=dive_score(scans) if len(scans) == len(image.layers) else None,
        findings=tuple(findings),
    )
