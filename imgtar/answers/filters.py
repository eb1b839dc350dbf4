"""Which findings a report shows. Filters hide; what a finding means for the exit code stays (contract.md section 2)."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable, Sequence

import msgspec

from imgtar.contract.inspect import FindingRow
from imgtar.findings import Severity
from imgtar.globs import Globs


class IgnoreRule(msgspec.Struct, frozen=True):
    """Leaves out findings of a code, on a path that `paths` match, or both together; None: any."""

    code: str | None = None
    paths: Globs | None = None

    def takes(self, row: FindingRow) -> bool:
        """Does the rule leave out this finding?"""
        if self.code is not None and self.code != row.code:
            return False
        path = _path(row)
        return self.paths is None or (path is not None and self.paths.match(path))


class Filtered(msgspec.Struct, frozen=True):
    """`shown` and `hidden` (below the least severity) are what is not ignored; `ignored` counts the rest.

    `by_rule` has a count for each rule of the filter: a finding counts for the first that takes it.
    """

    shown: list[FindingRow]
    hidden: list[FindingRow]
    by_rule: list[int]

    @property
    def ignored(self) -> int:
        """How many findings are left out."""
        return sum(self.by_rule)

    def reach(self, severity: str) -> bool:
        """Is there a finding of this severity or worse, shown or not?"""
        rank = Severity(severity).rank
        return any(Severity(row.severity).rank >= rank for row in (*self.shown, *self.hidden))


class Filter(msgspec.Struct, frozen=True):
    """Shows findings from severity rank `least` on that none of the rules takes."""

    least: int = 0
    rules: tuple[IgnoreRule, ...] = ()

    @classmethod
    def of(cls, min_severity: str | None, codes: Iterable[str], globs: Sequence[str]) -> Filter:
        """The filter of the options `--min-severity`, `--ignore` and `--ignore-path`. Raises BadGlob."""
        least = 0 if min_severity is None else Severity(min_severity).rank
        on_paths = (IgnoreRule(paths=Globs(globs)),) if globs else ()
        return cls(least, (*(IgnoreRule(code) for code in codes), *on_paths))

    def with_rules(self, rules: Iterable[IgnoreRule]) -> Filter:
        """The filter with more rules behind its own."""
        return Filter(self.least, (*self.rules, *rules))

    def apply(self, rows: Iterable[FindingRow]) -> Filtered:
        """Sorts the findings into shown, hidden and ignored."""
        found = Filtered([], [], [0] * len(self.rules))
        for row in rows:
            taken = next((number for number, rule in enumerate(self.rules) if rule.takes(row)), None)
            if taken is not None:
                found.by_rule[taken] += row.count
            else:
                (found.shown if Severity(row.severity).rank >= self.least else found.hidden).append(row)
        return found


def _path(row: FindingRow) -> str | bytes | None:
    """The path of a finding as the image has it, without its leading slash."""
    path, encoded = row.where.path, row.where.path_b64
    if isinstance(encoded, str):
        return b64decode(encoded).lstrip(b"/")
    return None if path is None else path.lstrip("/")
