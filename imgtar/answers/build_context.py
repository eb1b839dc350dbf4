"""The build context of `dockerfile`: which files of which layers go into it, and the Dockerfile that uses them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from imgtar.analysis.dockerfile.frozen import frozen
from imgtar.analysis.dockerfile.line import Line
from imgtar.answers.session import Session
from imgtar.extraction import choice
from imgtar.extraction.plan import Manner, Plan, Skipped, Written, plan_of
from imgtar.findings import Finding
from imgtar.image.image import ImageOutline
from imgtar.layer.scan import LayerScan
from imgtar.limits import KINDS, Limits


class LayerFiles(msgspec.Struct, frozen=True):
    """The files that a context has of a layer: a tar, or a directory."""

    layer: int
    plan: Plan
    is_tar: bool

    @property
    def name(self) -> str:
        """The name in the context."""
        folder = choice.layer_folder(self.layer).decode()
        return f"{folder}.tar" if self.is_tar else folder


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """What a context will have: the lines of the Dockerfile, and the files of layers.

    `scans` are those of all layers, `skipped` the paths of layers of which nothing can be written. `reached` is the
    limit that the files pass; then nothing is written.
    """

    lines: Sequence[Line]
    files: Sequence[LayerFiles]
    scans: Sequence[LayerScan | None]
    skipped: Sequence[Skipped] = ()
    reached: Finding | None = None


class WrittenContext(msgspec.Struct, frozen=True):
    """A context that was written to `directory`, and what became of the files of each layer."""

    directory: str
    context: Context
    files: Sequence[Written]


def frozen_context(session: Session, image: ImageOutline) -> Context:
    """A context that rebuilds the image from the tars of its layers alone."""
    tree = session.stacked(0).tree
    parts = choice.parts_of(tree)
    plans = {layer: plan_of(parts[layer], Manner(is_tar=True)) for layer in sorted(parts)}
    files = [LayerFiles(layer, plan, is_tar=True) for layer, plan in plans.items() if plan.items]
    empty = [plan for plan in plans.values() if not plan.items]
    session.note(finding for plan in empty for finding in plan.findings)
    lines = frozen(image, [part.layer for part in files], tree.__contains__)
    return Context(
        lines=lines,
        files=files,
        scans=tree.scans,
        skipped=[one for plan in empty for one in plan.skipped],
        reached=_reached(files, session.archive.index.limits),
    )


def _reached(files: Sequence[LayerFiles], limits: Limits) -> Finding | None:
    entries, size = sum(len(part.plan.items) for part in files), sum(part.plan.content_bytes for part in files)
    for name, amount, limit in (
        ("extract-entries", entries, limits.extract_entries),
        ("extract-bytes", size, limits.extract_bytes),
    ):
        if amount > limit:
            return KINDS[name].at(limit=limit)
    return None
