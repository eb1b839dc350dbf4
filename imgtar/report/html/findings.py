"""The findings of a page by code. Without its script a page has them all; the script searches and filters them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby, islice

import msgspec

from imgtar.contract.content import Explanations
from imgtar.contract.envelope import SEVERITIES, FindingRow, Severity
from imgtar.contract.inspect import InspectReport
from imgtar.report.html.page import PATH, Escaped, sentence
from imgtar.report.words.condition import place
from imgtar.report.words.reading import secret_command
from imgtar.text import cut_middle, escape_stored

_CODES = 200
_UNFOLDED = 20  # findings of one code
_FOLDED = 1000  # more of them, behind a line to open
_MARKED = 1000  # characters of a path whose file is marked; so the marks of a page stay smaller than its findings


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One finding of a group. `image` is None where the page is about one image; `command` reads a deleted secret.

    `path` is that of the file which the script marks; empty where the page has no files, or the path is long.
    """

    message: Escaped
    place: Escaped
    image: int | None
    layer: int | None
    count: int
    path: Escaped
    command: Escaped


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """The findings of one code and severity: those in view, those behind a line to open, and the number of others."""

    code: str
    severity: str
    count: int
    damaging: bool
    meaning: str
    remedy: str
    references: tuple[str, ...]
    items: list[Item]
    folded: list[Item]
    unlisted: int


class Flag(msgspec.Struct, frozen=True):
    """How many findings of a severity there are about an image or a layer."""

    severity: Severity
    count: int


def flags_of(findings: Iterable[FindingRow]) -> list[Flag]:
    """The findings by severity, worst first, without those that are mere information."""
    counts: Counter[Severity] = Counter()
    for finding in findings:
        counts[finding.severity] += finding.count
    return [Flag(severity, counts[severity]) for severity in reversed(SEVERITIES[1:]) if counts[severity]]


def layer_flags(findings: Iterable[FindingRow]) -> dict[int, list[Flag]]:
    """The flags of each layer of one image that has some."""
    found: dict[int, list[FindingRow]] = {}
    for finding in findings:
        if finding.where.layer is not None:
            found.setdefault(finding.where.layer, []).append(finding)
    return {layer: flags_of(rows) for layer, rows in found.items()}


def finding_groups(
    findings: Sequence[FindingRow],
    explanations: Explanations,
    document: InspectReport | None,
    *,
    several_images: bool,
    marks_files: bool = False,
) -> list[Group]:
    """The findings by code, worst first; `several_images`: each says which image of the document it is about.

    `marks_files`: the page has the files that the findings are about, and marks them.

    Without a document, as in a comparison of two, no secret is named, and so no command that reads one.
    """
    groups = (list(group) for _, group in groupby(findings, key=lambda finding: (finding.severity, finding.code)))
    return [
        _group(group, explanations, document, several_images=several_images, marks_files=marks_files)
        for group in islice(groups, _CODES)
    ]


def _group(
    findings: Sequence[FindingRow],
    explanations: Explanations,
    document: InspectReport | None,
    *,
    several_images: bool,
    marks_files: bool,
) -> Group:
    first = findings[0]
    explanation = explanations[first.code]
    unfolded = len(findings) if explanation.always_listed else _UNFOLDED
    listed = findings if explanation.always_listed else findings[: _UNFOLDED + _FOLDED]
    items = [_item(finding, document, several_images=several_images, marks_files=marks_files) for finding in listed]
    return Group(
        code=first.code,
        severity=first.severity,
        count=sum(finding.count for finding in findings),
        damaging=any(finding.effect != "none" for finding in findings),
        meaning=explanation.meaning,
        remedy=explanation.remedy,
        references=tuple(dict.fromkeys(name for finding in findings for name in finding.references)),
        items=items[:unfolded],
        folded=items[unfolded:],
        unlisted=sum(finding.count for finding in findings[len(listed) :]),
    )


def _item(finding: FindingRow, document: InspectReport | None, *, several_images: bool, marks_files: bool) -> Item:
    where = finding.where
    path = escape_stored(where.path, where.path_b64) if marks_files and where.path is not None else ""
    return Item(
        message=sentence(finding.message),
        place=Escaped(cut_middle(place(finding, several_images=several_images), PATH)),
        image=where.image if several_images else None,
        layer=where.layer,
        count=finding.count,
        path=Escaped(path if len(path) <= _MARKED else ""),
        command=Escaped("" if document is None else secret_command(finding, document.source, document.images)),
    )
