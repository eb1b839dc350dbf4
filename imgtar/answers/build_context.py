"""The build context of `dockerfile`: which files of which layers go into it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from imgtar.answers.session import Session
from imgtar.extraction import choice
from imgtar.extraction.plan import Manner, Plan, Skipped, Written, plan_of
from imgtar.findings import Finding
from imgtar.layer.scan import LayerScan
from imgtar.limits import LimitReached, Limits


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
    """The files of layers that a context will have.

    `scans` are those of all layers, `skipped` the paths of layers of which nothing can be written. `reached` is the
    limit that the files pass; then nothing is written.
    """

    files: Sequence[LayerFiles]
    scans: Sequence[LayerScan | None]
    skipped: Sequence[Skipped] = ()
    reached: Finding | None = None


class WrittenContext(msgspec.Struct, frozen=True):
    """A context that was written to `directory`, and what became of the files of each layer."""

    directory: str
    context: Context
    files: Sequence[Written]


def frozen_context(session: Session) -> Context:
    """A context from which an image is rebuilt without a command: what its filesystem has from each layer."""
    tree = session.stacked(0).tree
    parts = choice.parts_of(tree)
    files = [LayerFiles(layer, plan_of(parts[layer], Manner(is_tar=True)), is_tar=True) for layer in sorted(parts)]
    return context_of(session, files, tree.scans)


def context_of(session: Session, files: Sequence[LayerFiles], scans: Sequence[LayerScan | None]) -> Context:
    """The context with the files of these layers; layers of which nothing can be written are left out of it."""
    empty = [part.plan for part in files if not part.plan.items]
    session.note(finding for plan in empty for finding in plan.findings)
    filled = [part for part in files if part.plan.items]
    return Context(
        files=filled,
        scans=scans,
        skipped=[one for plan in empty for one in plan.skipped],
        reached=_reached(filled, session.archive.index.limits),
    )


def _reached(files: Sequence[LayerFiles], limits: Limits) -> Finding | None:
    entries, size = sum(len(part.plan.items) for part in files), sum(part.plan.content_bytes for part in files)
    for name, amount, limit in (
        ("extract-entries", entries, limits.extract_entries),
        ("extract-bytes", size, limits.extract_bytes),
    ):
        if amount > limit:
            return LimitReached(name, limit).finding()
    return None
