"""The findings of a scan as rows of a cache, and back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from imgtar.findings import LISTED_PER_CODE, Argument, Effect, Finding, Kind, Where
from imgtar.formats.compression import KINDS as COMPRESSION_KINDS
from imgtar.formats.tar import problems as tar_problems
from imgtar.layer import problems as layer_problems
from imgtar.severity import Severity

# The kinds that a scan of a layer may have. A scan that a limit stopped is not kept, so those of limits are not here.
_KINDS: dict[str, Kind] = {kind.code: kind for kind in (*COMPRESSION_KINDS, *tar_problems.KINDS, *layer_problems.KINDS)}
_Argument = tuple[str, str | bool | int | float | None, bytes | None]


class FindingRow(msgspec.Struct, frozen=True, array_like=True):
    """A finding by the code of its kind. An argument has its name, a value, and in its stead bytes where it is raw."""

    code: str
    severity: Severity
    effect: Effect
    where: Where
    arguments: list[_Argument]
    count: int


def finding_rows(findings: Iterable[Finding]) -> list[FindingRow] | None:
    """The rows of these findings; None where there is one of another room, which no row can name."""
    rows: list[FindingRow] = []
    for finding in findings:
        kind = finding.kind
        if _kind(kind.code, kind.severity) != kind:
            return None
        arguments: list[_Argument] = [
            (name, None, value) if isinstance(value, bytes) else (name, value, None)
            for name, value in finding.arguments.items()
        ]
        rows.append(FindingRow(kind.code, kind.severity, finding.effect, finding.where, arguments, finding.count))
    return rows


def findings_of(rows: Iterable[FindingRow]) -> tuple[Finding, ...]:
    """The findings of these rows. Raises ValueError for a code that is not known."""
    found: list[Finding] = []
    for row in rows:
        kind = _kind(row.code, row.severity)
        if kind is None:
            raise ValueError(row.code)
        arguments: dict[str, Argument] = {name: value if raw is None else raw for name, value, raw in row.arguments}
        found.append(Finding(kind=kind, effect=row.effect, where=row.where, arguments=arguments, count=row.count))
    return tuple(found)


def are_all_listed(findings: Iterable[Finding]) -> bool:
    """Would rules that leave out findings have changed nothing of the list? So it is where no code has too many."""
    counts: Counter[str] = Counter()
    for finding in findings:
        counts[finding.code] += finding.count
    return all(count < LISTED_PER_CODE for count in counts.values())


def _kind(code: str, severity: Severity) -> Kind | None:
    kind = _KINDS.get(code)
    return None if kind is None else kind.at_most(severity)
