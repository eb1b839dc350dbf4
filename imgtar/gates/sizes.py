"""The gates on numbers: waste, sizes, layers and growth. dive's rules use dive's numbers, all others the exact ones."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from functools import partial

import msgspec

from imgtar.analysis.stacked_image import MeasuredImage
from imgtar.gates.baseline import BaselineImage
from imgtar.gates.verdict import LISTED, Cause, Unit, Verdict, largest_layers, layer_cause, layer_size, wasted_files
from imgtar.policy.dive_rules import DiveRules
from imgtar.policy.policy import Gates
from imgtar.policy.values import Growth

Causes = Callable[[], tuple[Cause, ...]]
_NO_SCORE = "a layer is absent, so dive's numbers cannot be computed"
_NO_COUNTERPART = "the baseline has no image to compare this image with"


def size_verdicts(number: int, stacked: MeasuredImage, gates: Gates, base: int, first: int = 0) -> Iterator[Verdict]:
    """The verdicts on waste and sizes of image `number`, whose own layers begin at `base`.

    All but `max-own-waste` and dive's rules are about the layers from `first` on, and the waste that these brought.
    """
    layers = range(first, len(stacked.image.layers))
    stored, wasted = _stored(stacked, first), sum(row.size for row in stacked.waste.rows if row.added_in >= first)
    comparison = _Comparison(number)

    def wasted_here() -> tuple[Cause, ...]:
        return wasted_files(stacked, added_from=first)

    if gates.min_efficiency is not None:
        efficiency = (stored - wasted) / stored if stored else 1.0
        yield comparison.at_least("min-efficiency", efficiency, gates.min_efficiency, wasted_here)
    if gates.max_wasted_bytes is not None:
        yield comparison.at_most("max-wasted-bytes", wasted, gates.max_wasted_bytes, "bytes", wasted_here)
    if gates.max_own_waste is not None:
        share, limit = own_waste(stacked, base), gates.max_own_waste
        causes = partial(wasted_files, stacked, removed_from=base)
        yield comparison.at_most("max-own-waste", share, limit, "share", causes)
    if gates.max_size is not None:
        size = sum(layer_size(stacked, index) for index in layers)
        yield comparison.at_most("max-size", size, gates.max_size, "bytes", lambda: largest_layers(stacked, first))
    if gates.max_layer_size is not None:
        limit = gates.max_layer_size
        largest = max((layer_size(stacked, index) for index in layers), default=0)
        yield comparison.at_most(
            "max-layer-size", largest, limit, "bytes", lambda: _layers_above(stacked, limit, first)
        )
    if gates.max_layers is not None:
        yield comparison.at_most(
            "max-layers", len(layers), gates.max_layers, "count", lambda: _smallest(stacked, layers)
        )
    yield from dive_verdicts(comparison, stacked, gates.dive)


def _stored(stacked: MeasuredImage, first: int) -> int:
    """What the layers from `first` on store."""
    return sum(layer.scan.stored_bytes for layer in stacked.image.layers[first:] if layer.scan is not None)


def own_waste(stacked: MeasuredImage, base: int) -> float:
    """The share of wasted bytes in the image's own layers, which begin at `base`.

    Wasted is what these layers delete, overwrite or repeat, in any layer; it is divided by what these layers store.
    0 if nothing is wasted; infinite if something is wasted and these layers store nothing.
    """
    wasted = sum(row.size for row in stacked.waste.rows if row.removed_in >= base)
    stored = _stored(stacked, base)
    return wasted / stored if stored else (math.inf if wasted else 0.0)


def dive_verdicts(comparison: _Comparison, stacked: MeasuredImage, rules: DiveRules) -> Iterator[Verdict]:
    """dive's three rules: each fails if dive's number is beyond the limit, which NaN never is."""
    score = stacked.dive
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
            yield comparison.unknown(rule, limit, unit, _NO_SCORE)
        elif rule == "lowest-efficiency":
            yield comparison.at_least(rule, value, limit, lambda: wasted_files(stacked))
        else:
            yield comparison.at_most(rule, value, limit, unit, lambda: wasted_files(stacked))


def growth(number: int, stacked: MeasuredImage, allowed: Growth, earlier: BaselineImage | None) -> Verdict:
    """The verdict on the growth of image `number` since the earlier report of it; without one the gate fails."""
    comparison = _Comparison(number)
    if earlier is None:
        limit = allowed.share if allowed.size is None else allowed.size
        unit: Unit = "bytes" if allowed.share is None else "share"
        return comparison.unknown("max-growth", limit, unit, _NO_COUNTERPART)
    added_bytes = _size(stacked) - earlier.size

    def new_layers() -> tuple[Cause, ...]:
        known = earlier.diff_ids
        return tuple(
            cause
            for cause in largest_layers(stacked)
            if cause.layer is not None and str(stacked.image.layers[cause.layer].diff_id) not in known
        )

    if allowed.size is not None:
        return comparison.at_most("max-growth", added_bytes, allowed.size, "bytes", new_layers)
    assert allowed.share is not None
    share = added_bytes / earlier.size if earlier.size else (math.inf if added_bytes else 0.0)
    return comparison.at_most("max-growth", share, allowed.share, "share", new_layers)


def _size(stacked: MeasuredImage) -> int:
    return sum(layer_size(stacked, index) for index in range(len(stacked.image.layers)))


def _layers_above(stacked: MeasuredImage, limit: int, first: int) -> tuple[Cause, ...]:
    return tuple(cause for cause in largest_layers(stacked, first) if (cause.size or 0) > limit)


def _smallest(stacked: MeasuredImage, layers: Iterable[int]) -> tuple[Cause, ...]:
    """The layers, the smallest first: a small layer is the easiest to merge into another."""
    ordered = sorted(layers, key=lambda index: (layer_size(stacked, index), index))
    return tuple(layer_cause(stacked, index) for index in ordered[:LISTED])


class _Comparison(msgspec.Struct, frozen=True):
    """Compares a number of image number `image` with its limit. A number that equals its limit passes."""

    image: int

    def at_least(self, rule: str, value: float, limit: float, causes: Causes) -> Verdict:
        return self._verdict(rule, value, limit, "share", causes, passed=not value < limit)

    def at_most(self, rule: str, value: float, limit: float, unit: Unit, causes: Causes) -> Verdict:
        return self._verdict(rule, value, limit, unit, causes, passed=not value > limit)

    def unknown(self, rule: str, limit: float | None, unit: Unit, reason: str) -> Verdict:
        """A number that is unknown does not pass."""
        return Verdict(
            rule=rule,
            image=self.image,
            passed=False,
            value=None,
            limit=limit,
            unit=unit,
            causes=(Cause(sentence=reason),),
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
