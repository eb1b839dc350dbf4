"""Large files that a later layer deletes or overwrites: anyone can still take them from the archive."""

from __future__ import annotations

from collections.abc import Iterator

from imgtar.analysis.stacked_image import MeasuredImage
from imgtar.findings import Finding, Kind, Severity, Where

RECOVERABLE = Kind(
    code="layer.recoverable",
    severity=Severity.INFO,
    sentence=(
        "{path} ({size:,} bytes) of layer {added} ({added_by}) is removed in layer {removed} ({undone_by}) "
        "but still in the archive"
    ),
    meaning="A large file that a later layer deletes or overwrites can still be taken from the archive.",
    remedy="Delete the file in the step that creates it, or use a multi-stage build.",
)
KINDS = (RECOVERABLE,)
LARGE = 1 << 20  # bytes of the smallest removed file that is reported


def recoverable_files(stacked: MeasuredImage) -> Iterator[Finding]:
    """The large removed files, the largest first. The findings lack the number of the image."""
    for row in stacked.waste.rows:
        if row.size < LARGE:
            return
        if row.added_in != row.removed_in:
            yield RECOVERABLE.at(
                Where(layer=row.added_in, path=row.path, removed_in=row.removed_in),
                None,
                path=b"/" + row.path,
                size=row.size,
                added=row.added_in,
                added_by=_instruction(stacked, row.added_in),
                removed=row.removed_in,
                undone_by=_instruction(stacked, row.removed_in),
            )


def _instruction(stacked: MeasuredImage, layer: int) -> str:
    step = stacked.image.pairing.step_of(layer)
    return (None if step is None else step.instruction) or "unknown instruction"
