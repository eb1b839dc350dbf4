"""The verdict of a gate: passed or failed, the value and its limit, and the causes of a failure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from imgtar.analysis.stacked_image import MeasuredImage
from imgtar.audit.secrets.redaction import redact_text
from imgtar.findings import Argument

Unit = Literal["share", "bytes", "count", "text"]
Value = float | int | str | None
LISTED = 100  # causes of one failure; findings are limited where they are listed
_EXAMINED = 16 << 10  # characters of a text that are searched for secrets; far more than are shown
_LONGEST = 1000  # characters of an image's text in a verdict


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """One reason for a failure.

    `sentence` is a `str.format` template over the arguments, which may hold text of the image. `path` is raw, without
    a leading slash; `size` is in bytes. If a finding is the cause, `finding` is its number and there is no sentence.
    """

    sentence: str = ""
    arguments: dict[str, Argument] = msgspec.field(default_factory=dict)
    layer: int | None = None
    path: bytes | None = None
    size: int | None = None
    finding: int | None = None


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict of one gate on image number `image` (None: on the whole archive).

    `value` is what the image has and `limit` what is allowed, both in `unit`; None if there is no such number. A share
    is a fraction. Text may come from the image.
    """

    rule: str
    image: int | None
    passed: bool
    value: Value
    limit: Value
    unit: Unit
    causes: tuple[Cause, ...] = ()


def shown_text(text: str) -> str:
    """A text of the image as a verdict may show it: secrets redacted, at most 1,000 characters."""
    redacted = redact_text(text[:_EXAMINED])
    return redacted if len(redacted) <= _LONGEST else f"{redacted[:_LONGEST]}…"


def count_verdict(rule: str, image: int, count: int, patterns: Sequence[str], causes: Sequence[Cause]) -> Verdict:
    """The verdict of a gate that fails if anything is counted: paths or labels that are forbidden, or missing."""
    return Verdict(
        rule=rule,
        image=image,
        passed=not count,
        value=count,
        limit=", ".join(patterns),
        unit="count",
        causes=tuple(causes[:LISTED]),
    )


def layer_size(stacked: MeasuredImage, index: int) -> int:
    """Bytes of a layer as `docker history` shows them; 0 if the layer is absent."""
    scan = stacked.image.layers[index].scan
    return scan.content_size if scan is not None and scan.is_tar else 0


def layer_cause(stacked: MeasuredImage, index: int) -> Cause:
    """A layer with its size and the step that made it."""
    step = stacked.image.pairing.step_of(index)
    line = "" if step is None else step.text or step.entry.created_by or ""
    return Cause(
        sentence="{step}",
        arguments={"step": shown_text(line)},
        layer=index,
        size=layer_size(stacked, index),
    )


def largest_layers(stacked: MeasuredImage, first_layer: int = 0) -> tuple[Cause, ...]:
    """The layers from `first_layer` on that hold at least one byte, the largest first."""
    sizes = [(layer_size(stacked, index), index) for index in range(first_layer, len(stacked.image.layers))]
    ordered = sorted((pair for pair in sizes if pair[0]), key=lambda pair: (-pair[0], pair[1]))
    return tuple(layer_cause(stacked, index) for _, index in ordered[:LISTED])


def wasted_files(stacked: MeasuredImage, *, added_from: int = 0, removed_from: int = 0) -> tuple[Cause, ...]:
    """The files that are wasted, the most bytes first.

    Only those that the layers from `added_from` on brought, and that the layers from `removed_from` on deleted,
    overwrote or repeated.
    """
    rows = [row for row in stacked.waste.rows if row.added_in >= added_from and row.removed_in >= removed_from]
    return tuple(
        Cause(
            sentence="{kind} in layer {removed}, added in layer {added}",
            arguments={"kind": row.kind, "removed": row.removed_in, "added": row.added_in},
            path=row.path,
            size=row.size,
        )
        for row in rows[:LISTED]
    )
