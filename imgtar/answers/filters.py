"""Which findings a report shows. Filters hide; what a finding means for the exit code stays (contract.md section 2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from imgtar.answers.finding_rows import finding_rows
from imgtar.contract.envelope import FindingRow
from imgtar.findings import Finding, Severity
from imgtar.globs import Globs


class IgnoreRule(msgspec.Struct, frozen=True):
    """Leaves out findings of a code, on a path that `paths` match, or both together; None: any."""

    code: str | None = None
    paths: Globs | None = None

    def takes(self, finding: Finding) -> bool:
        """Does the rule leave out this finding?"""
        if self.code is not None and self.code != finding.code:
            return False
        path = finding.where.path
        return self.paths is None or (path is not None and self.paths.match(path.lstrip(b"/")))


class Filtered(msgspec.Struct, frozen=True):
    """The findings as rows: `shown` and `hidden` (below the least severity) are not ignored; `ignored` counts the rest.

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

    def taking(self, finding: Finding, /) -> int | None:
        """The number of the first rule that leaves out the finding; None where it is shown."""
        return next((number for number, rule in enumerate(self.rules) if rule.takes(finding)), None)

    def apply(self, findings: Iterable[Finding]) -> Filtered:
        """Sorts the findings into shown, hidden and ignored; only then long lists are cut."""
        shown: list[Finding] = []
        hidden: list[Finding] = []
        by_rule = [0] * len(self.rules)
        for finding in findings:
            rule = self.taking(finding)
            if rule is not None:
                by_rule[rule] += finding.count
            else:
                (shown if finding.kind.severity.rank >= self.least else hidden).append(finding)
        return Filtered(finding_rows(shown), finding_rows(hidden), by_rule)
