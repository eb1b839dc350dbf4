"""Large files that a later layer deletes or overwrites: they are still in the archive, whatever they are."""

from __future__ import annotations

from collections.abc import Iterator

from imgtar.analysis.stacked_image import Stacked
from imgtar.findings import Finding, Kind, Severity, Where

RECOVERABLE = Kind(
    code="layer.recoverable",
    severity=Severity.INFO,
    sentence="{path} ({size} bytes) of layer {added} ({by}) is removed by layer {removed} ({gone}) and still here",
    meaning="A large file that a later layer deletes or overwrites can still be taken from the archive.",
    remedy="Delete it in the step that makes it, or build in stages.",
)
KINDS = (RECOVERABLE,)
LARGE = 1 << 20  # bytes of a dead file that is worth a finding


def recoverable(answer: Stacked) -> Iterator[Finding]:
    """Large dead files, the largest first; the findings lack the image."""
    for death in answer.waste.rows:
        if death.size < LARGE:
            return
        if death.added_in != death.removed_in:
            yield RECOVERABLE.at(
                Where(layer=death.added_in, path=death.path, removed_in=death.removed_in),
                None,
                path=b"/" + death.path,
                size=death.size,
                added=death.added_in,
                by=_instruction(answer, death.added_in),
                removed=death.removed_in,
                gone=_instruction(answer, death.removed_in),
            )


def _instruction(answer: Stacked, layer: int) -> str:
    step = answer.image.pairing.step_of(layer)
    return (None if step is None else step.instruction) or "unknown instruction"
