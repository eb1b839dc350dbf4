"""The gates on numbers: waste, sizes, layers, growth. dive's rules by dive's numbers, our own by the exact ones."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import msgspec

from imgtar.analysis.stacked_image import Stacked
from imgtar.gates.baseline import Earlier
from imgtar.gates.verdict import LISTED, Cause, Unit, Verdict, largest_layers, layer_cause, layer_size, wasted
from imgtar.policy.dive_rules import DiveRules
from imgtar.policy.policy import Gates
from imgtar.policy.values import Growth

Causes = Callable[[], tuple[Cause, ...]]
_NO_SCORE = "a layer is absent, so dive's numbers cannot be known"
_NO_EARLIER = "the baseline has no counterpart of this image"


def sizes(number: int, answer: Stacked, gates: Gates, base: int) -> Iterator[Verdict]:
    """The verdicts on waste and sizes of one image; its layers from `base` on are its own."""
    layers = range(len(answer.image.layers))
    waste = answer.waste
    judged = _Judge(number)
    if gates.min_efficiency is not None:
        limit = gates.min_efficiency
        yield judged.at_least("min-efficiency", waste.efficiency, limit, lambda: wasted(answer))
    if gates.max_wasted_bytes is not None:
        limit = gates.max_wasted_bytes
        yield judged.at_most("max-wasted-bytes", waste.wasted_bytes, limit, "bytes", lambda: wasted(answer))
    if gates.max_own_waste is not None:
        limit = gates.max_own_waste
        yield judged.at_most("max-own-waste", own_waste(answer, base), limit, "share", lambda: wasted(answer, base))
    if gates.max_size is not None:
        total = sum(layer_size(answer, index) for index in layers)
        yield judged.at_most("max-size", total, gates.max_size, "bytes", lambda: largest_layers(answer))
    if gates.max_layer_size is not None:
        limit = gates.max_layer_size
        largest = max((layer_size(answer, index) for index in layers), default=0)
        yield judged.at_most("max-layer-size", largest, limit, "bytes", lambda: _larger(answer, limit))
    if gates.max_layers is not None:
        yield judged.at_most("max-layers", len(layers), gates.max_layers, "count", lambda: _smallest(answer))
    yield from dive(judged, answer, gates.dive)


def own_waste(answer: Stacked, base: int) -> float:
    """The bytes that the layers from `base` on made useless, in their own and in lower layers, over what they store.

    0 where nothing is wasted; infinite where they store nothing.
    """
    lost = sum(row.size for row in answer.waste.rows if row.removed_in >= base)
    stored = sum(layer.scan.stored_bytes for layer in answer.image.layers[base:] if layer.scan is not None)
    return lost / stored if stored else (math.inf if lost else 0.0)


def dive(judged: _Judge, answer: Stacked, rules: DiveRules) -> Iterator[Verdict]:
    """dive's three rules: each fails where dive's number is beyond the limit, which NaN never is."""
    score = answer.dive
    limits: tuple[tuple[str, float | None, Unit], ...] = (
        ("lowest-efficiency", rules.lowest_efficiency, "share"),
        ("highest-wasted-bytes", rules.highest_wasted_bytes, "bytes"),
        ("highest-user-wasted-percent", rules.highest_user_wasted_percent, "share"),
    )
    values = (None,) * 3 if score is None else (score.efficiency, score.wasted_bytes, score.user_wasted_percent)
    for (rule, limit, unit), value in zip(limits, values, strict=True):
        if limit is None:
            continue
        if value is None:
            yield judged.unknown(rule, limit, unit, _NO_SCORE)
        elif rule == "lowest-efficiency":
            yield judged.at_least(rule, value, limit, lambda: wasted(answer))
        else:
            yield judged.at_most(rule, value, limit, unit, lambda: wasted(answer))


def growth(number: int, answer: Stacked, allowed: Growth, earlier: Earlier | None) -> Verdict:
    """The verdict on what an image has grown by since the earlier report of it."""
    judged = _Judge(number)
    if earlier is None:
        limit = allowed.share if allowed.size is None else allowed.size
        return judged.unknown("max-growth", limit, "bytes" if allowed.share is None else "share", _NO_EARLIER)
    grown = sum(layer_size(answer, index) for index in range(len(answer.image.layers))) - earlier.size

    def new() -> tuple[Cause, ...]:
        known = earlier.diff_ids
        return tuple(
            cause
            for cause in largest_layers(answer)
            if cause.layer is not None and str(answer.image.layers[cause.layer].diff_id) not in known
        )

    if allowed.size is not None:
        return judged.at_most("max-growth", grown, allowed.size, "bytes", new)
    assert allowed.share is not None
    part = grown / earlier.size if earlier.size else (math.inf if grown else 0.0)
    return judged.at_most("max-growth", part, allowed.share, "share", new)


def _larger(answer: Stacked, limit: int) -> tuple[Cause, ...]:
    return tuple(cause for cause in largest_layers(answer) if (cause.size or 0) > limit)


def _smallest(answer: Stacked) -> tuple[Cause, ...]:
    """What could most easily be part of another layer."""
    ordered = sorted(range(len(answer.image.layers)), key=lambda index: (layer_size(answer, index), index))
    return tuple(layer_cause(answer, index) for index in ordered[:LISTED])


class _Judge(msgspec.Struct, frozen=True):
    """Compares a number of image `image` with its limit, which itself is allowed."""

    image: int

    def at_least(self, rule: str, value: float, limit: float, causes: Causes) -> Verdict:
        return self._verdict(rule, value, limit, "share", causes, passed=not value < limit)

    def at_most(self, rule: str, value: float, limit: float, unit: Unit, causes: Causes) -> Verdict:
        return self._verdict(rule, value, limit, unit, causes, passed=not value > limit)

    def unknown(self, rule: str, limit: float | None, unit: Unit, why: str) -> Verdict:
        """What cannot be compared does not pass."""
        return Verdict(
            rule=rule, image=self.image, passed=False, value=None, limit=limit, unit=unit, causes=(Cause(sentence=why),)
        )

    def _verdict(self, rule: str, value: float, limit: float, unit: Unit, causes: Causes, *, passed: bool) -> Verdict:
        return Verdict(
            rule=rule,
            image=self.image,
            passed=passed,
            value=value if math.isfinite(value) else None,
            limit=limit,
            unit=unit,
            causes=() if passed else causes(),
        )
