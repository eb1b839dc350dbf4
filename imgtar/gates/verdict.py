"""What a gate says: passed or failed, by which value against which limit, and what is to blame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from imgtar.analysis.stacked_image import Stacked
from imgtar.audit.secrets.redaction import redact_text
from imgtar.findings import Argument

Unit = Literal["share", "bytes", "count", "text"]
Value = float | int | str | None
LISTED = 100  # causes of one failure
_EXAMINED = 16 << 10  # characters of a text; far more than is shown
_KEPT = 1000  # characters of a value that an image states


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """One reason for a failure.

    `sentence` is a `str.format` template over the arguments, which may hold text of the image. `path` is raw, without
    a leading slash. `finding` is the number of the finding that is the cause, instead of a sentence.
    """

    sentence: str = ""
    arguments: dict[str, Argument] = msgspec.field(default_factory=dict)
    layer: int | None = None
    path: bytes | None = None
    size: int | None = None
    finding: int | None = None


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """One gate's word on one image (None: on the whole archive).

    `value` is what was found and `limit` what is allowed, both in `unit`; None where there is no such number. A share
    is a fraction. Text may hold text of the image.
    """

    rule: str
    image: int | None
    passed: bool
    value: Value
    limit: Value
    unit: Unit
    causes: tuple[Cause, ...] = ()


def without_secrets(text: str) -> str:
    """A text of the image, its secrets redacted and of bounded length."""
    shown = redact_text(text[:_EXAMINED])
    return shown if len(shown) <= _KEPT else f"{shown[:_KEPT]}…"


def violations(rule: str, image: int, value: int, wanted: Sequence[str], causes: Sequence[Cause]) -> Verdict:
    """The verdict of a rule whose value is how often it is broken."""
    return Verdict(
        rule=rule,
        image=image,
        passed=not value,
        value=value,
        limit=", ".join(wanted),
        unit="count",
        causes=tuple(causes[:LISTED]),
    )


def largest_layers(answer: Stacked) -> tuple[Cause, ...]:
    """The layers that hold something, the largest first."""
    sizes = [(layer_size(answer, index), index) for index in range(len(answer.image.layers))]
    ordered = sorted((pair for pair in sizes if pair[0]), key=lambda pair: (-pair[0], pair[1]))
    return tuple(layer_cause(answer, index) for _, index in ordered[:LISTED])


def layer_size(answer: Stacked, index: int) -> int:
    """What `docker history` shows of a layer in bytes; 0 for one that is absent."""
    scan = answer.image.layers[index].scan
    return scan.content_size if scan is not None and scan.is_tar else 0


def layer_cause(answer: Stacked, index: int) -> Cause:
    """A layer with its size and the step that made it."""
    step = answer.image.pairing.step_of(index)
    line = "" if step is None else step.text or step.entry.created_by or ""
    return Cause(
        sentence="{step}",
        arguments={"step": without_secrets(line)},
        layer=index,
        size=layer_size(answer, index),
    )


def wasted(answer: Stacked, removed_from: int = 0) -> tuple[Cause, ...]:
    """What the layers from `removed_from` on made useless, the most bytes first."""
    rows = [row for row in answer.waste.rows if row.removed_in >= removed_from]
    return tuple(
        Cause(
            sentence="{kind} in layer {removed}, added in layer {added}",
            arguments={"kind": row.kind, "removed": row.removed_in, "added": row.added_in},
            path=row.path,
            size=row.size,
        )
        for row in rows[:LISTED]
    )
