"""Which findings a report shows. Filters hide; what a finding means for the exit code stays (contract.md section 2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from imgtar.report.catalogue import severity_rank
from imgtar.report.model import FindingRow

PathTest = Callable[[str], bool]


class Filtered(msgspec.Struct, frozen=True):
    """`shown` and `hidden` (below the least severity) are what is not ignored; `ignored` counts the rest."""

    shown: list[FindingRow]
    hidden: list[FindingRow]
    ignored: int

    def reach(self, severity: str) -> bool:
        """Is there a finding of this severity or worse, shown or not?"""
        rank = severity_rank(severity)
        return any(severity_rank(row.severity) >= rank for row in (*self.shown, *self.hidden))


class Filter(msgspec.Struct, frozen=True):
    """Shows findings from severity rank `least` on, but none of `codes` and none on a path that `on_path` takes."""

    least: int
    codes: frozenset[str]
    on_path: PathTest | None

    @classmethod
    def of(cls, min_severity: str | None, codes: Iterable[str], globs: Sequence[str]) -> Filter:
        """The filter of the options `--min-severity`, `--ignore` and `--ignore-path` (gitignore's patterns)."""
        least = 0 if min_severity is None else severity_rank(min_severity)
        return cls(least, frozenset(codes), _path_test(globs) if globs else None)

    def apply(self, rows: Iterable[FindingRow]) -> Filtered:
        """Sorts the findings into shown, hidden and ignored."""
        shown: list[FindingRow] = []
        hidden: list[FindingRow] = []
        ignored = 0
        for row in rows:
            if self._ignores(row):
                ignored += row.count
            else:
                (shown if severity_rank(row.severity) >= self.least else hidden).append(row)
        return Filtered(shown, hidden, ignored)

    def _ignores(self, row: FindingRow) -> bool:
        if row.code in self.codes:
            return True
        path = row.where.path
        return self.on_path is not None and path is not None and self.on_path(path.lstrip("/"))


def _path_test(globs: Sequence[str]) -> PathTest:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(globs).match_file
