"""The findings as text: worst first, grouped by code, each with its place and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from imgtar.contract.catalogue import kinds
from imgtar.contract.content import View
from imgtar.contract.inspect import FindingRow
from imgtar.report.table.drawing import SEVERITY_STYLES, marks, paint, wrapped
from imgtar.report.words.image import severity_counts
from imgtar.text import escape_stored, neutralise

_INDENT = 12
_NOTHING = "Nothing"  # the remedy of what needs none


def findings_section(findings: Sequence[FindingRow], ignored: int, view: View, *, images: int = 1) -> Iterator[str]:
    """A headline with the number of each severity, then each code with its places."""
    counts = ", ".join(f"{count:,} {severity}" for severity, count in severity_counts(findings).items())
    hidden = f" ({ignored:,} ignored)" if ignored else ""
    yield f"  {paint('Findings', 'bold', view)}  {counts or 'none'}{hidden}"
    for _, group in groupby(findings, key=lambda finding: (finding.severity, finding.code)):
        yield from _code(list(group), view, several_images=images > 1)


def _code(group: Sequence[FindingRow], view: View, *, several_images: bool) -> Iterator[str]:
    first = group[0]
    total = sum(finding.count for finding in group)
    times = f" {marks(view).times}{total:,}" if total > 1 else ""
    severity = paint(f"{first.severity:<8}", SEVERITY_STYLES[first.severity], view)
    references = paint("  " + ", ".join(first.references) if first.references else "", "dim", view)
    yield f"  {severity}  {first.code}{times}{references}"
    most = len(group) if view.top == 0 else max(1, view.top // 3)
    for finding in group[:most]:
        words = f"{_place(finding, view, several_images=several_images)}{finding.message}"
        yield from wrapped(neutralise(words, ascii_only=not view.unicode).split(" "), view, _INDENT)
    rest = total - sum(finding.count for finding in group[:most])
    if rest:
        yield paint(" " * _INDENT + f"{marks(view).cut} {rest:,} more (--top 0 shows all)", "dim", view)
    kind = kinds().get(first.code)
    if kind is not None and not kind.remedy.startswith(_NOTHING):
        advice = f"{marks(view).arrow} {kind.remedy}"
        yield from (paint(line, "dim", view) for line in wrapped(advice.split(" "), view, _INDENT))


def _place(finding: FindingRow, view: View, *, several_images: bool) -> str:
    where = finding.where
    parts = [f"image @{where.image}"] if several_images and where.image is not None else []
    if where.layer is not None:
        parts.append(f"layer {where.layer}")
    if where.path is not None:
        path = escape_stored(where.path, where.path_b64, ascii_only=not view.unicode)
        parts += [] if path.lstrip("/") in finding.message else [path]
    elif where.member is not None and where.layer is None:
        member = escape_stored(where.member, where.member_b64, ascii_only=not view.unicode)
        parts += [] if member in finding.message else [member]
    if where.offset is not None and f"{where.offset}" not in finding.message:
        parts.append(f"at byte {where.offset:,}")
    return f"{' '.join(parts)}: " if parts else ""
