"""The gates of `imgtar diff`: how much an image may grow, how much is pulled again, and what may differ."""

from __future__ import annotations

import fnmatch
import math
from collections.abc import Iterator, Sequence

import msgspec

from imgtar.analysis.comparison.comparison import Comparison
from imgtar.gates.verdict import LISTED, Cause, Unit, Verdict
from imgtar.globs import Globs
from imgtar.policy.values import Growth

CONFIG_PREFIX = "config:"
_NO_LAYERS = "one of the two has no layers that could be pulled"
_UNREAD = "a layer was not read, so the number is not known"


class DifferenceGates(msgspec.Struct, frozen=True, kw_only=True):
    """The limits; None where there is none. `allow` has globs of paths, and of keys of the configuration as
    `config:KEY`.
    """

    max_growth: Growth | None = None
    max_pull: Growth | None = None
    allow: Sequence[str] = ()

    @property
    def has_gate(self) -> bool:
        """Is any limit given?"""
        return self.max_growth is not None or self.max_pull is not None or bool(self.allow)


def difference_verdicts(compared: Comparison, gates: DifferenceGates) -> Iterator[Verdict]:
    """The verdict of each gate on two images. Raises BadGlob for an invalid pattern of `allow`."""
    if gates.max_growth is not None:
        growth = compared.growth
        yield _at_most("max-growth", growth.bytes, growth.content_size[0], gates.max_growth, known=compared.complete)
    if gates.max_pull is not None and compared.pull is not None:
        pull = compared.pull
        yield _at_most("max-pull", pull.bytes, pull.total, gates.max_pull, known=pull.exact)
    elif gates.max_pull is not None:
        nothing = _at_most("max-pull", 0, 0, gates.max_pull, known=False)
        yield msgspec.structs.replace(nothing, value=None, causes=(Cause(sentence=_NO_LAYERS),))
    if gates.allow:
        yield _allowed(compared, gates.allow)


def _at_most(rule: str, value: int, whole: int, limit: Growth, *, known: bool) -> Verdict:
    """The verdict on bytes, or on their share of the `whole`. An unknown number, of which `value` is a part, fails."""
    number: float = value
    unit: Unit = "bytes"
    most: float | None = limit.size
    if limit.share is not None:
        number, unit, most = value / whole if whole else math.inf if value else 0.0, "share", limit.share
    assert most is not None
    return Verdict(
        rule=rule,
        image=None,
        passed=known and number <= most,
        value=number if math.isfinite(number) else None,
        limit=most,
        unit=unit,
        causes=() if known else (Cause(sentence=_UNREAD),),
    )


def _allowed(compared: Comparison, patterns: Sequence[str]) -> Verdict:
    keys = [text.removeprefix(CONFIG_PREFIX) for text in patterns if text.startswith(CONFIG_PREFIX)]
    globs = Globs(text for text in patterns if not text.startswith(CONFIG_PREFIX))
    causes: list[Cause] = []
    count = 0
    for difference in compared.config:
        if not any(fnmatch.fnmatchcase(difference.key, key) for key in keys):
            count += 1
            causes.append(Cause(sentence="{key} differs", arguments={"key": difference.key}))
    for row in compared.files.rows:
        paths = (row.path,) if row.moved_from is None else (row.path, row.moved_from)
        if not all(map(globs.match, paths)):
            count += 1
            if len(causes) < LISTED:
                causes.append(Cause(sentence=row.kind, path=row.path))
    return Verdict(
        rule="allow",
        image=None,
        passed=not count and compared.equal is not None,
        value=count,
        limit=", ".join(patterns),
        unit="count",
        causes=tuple(causes[:LISTED]),
    )
