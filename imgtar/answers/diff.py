"""What `diff` says of two archives: their images in pairs, and of each pair everything that differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec
from msgspec import UNSET

from imgtar.analysis.comparison.comparison import (
    NO_IMAGE,
    Comparison,
    compare_images,
    compare_with_nothing,
)
from imgtar.analysis.comparison.effects import Wanted, everything
from imgtar.analysis.comparison.files import Level
from imgtar.analysis.stacked_image import StackedImage
from imgtar.answers import diff_rows
from imgtar.answers.compared_bases import base_layers
from imgtar.answers.envelope import GENERATOR
from imgtar.answers.finding_rows import explanations, finding_rows
from imgtar.answers.session import Session
from imgtar.contract import diff as model
from imgtar.contract.judgements import CheckRule
from imgtar.errors import UsageError
from imgtar.findings import Finding
from imgtar.gates.differences import DifferenceGates, difference_verdicts
from imgtar.globs import Globs
from imgtar.image.counterparts import Counterparts
from imgtar.image.image import ImageOutline
from imgtar.image.selection import choices
from imgtar.limits import DEFAULT, Limits


class DiffSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What of two images is compared: the level, the paths that count (all but `exclude`; of those, where there are
    any, what `only` has), and the limits. `own`: what lies in the base images is left out. `layers_only`: the report
    leaves the files out. `unified` are paths of text files whose lines are compared.
    """

    level: Level = "default"
    exclude: Sequence[str] = ()
    only: Sequence[str] = ()
    gates: DifferenceGates = DifferenceGates()
    layers_only: bool = False
    unified: Sequence[str] = ()
    own: bool = False


def diff_content(
    a: Session, b: Session, settings: DiffSettings, limits: Limits = DEFAULT
) -> tuple[model.DiffContent, list[Finding]]:
    """What differs between the images of two archives, which were read, and all findings, each with its operand.

    Raises UsageError where images have no counterpart, InputError where a file cannot be read, BadGlob for an invalid
    pattern.
    """
    pairs = _pairs(a.outlines, b.outlines)
    wanted = _wanted(settings)
    compared = [(x, y, _compare(a, x, b, y, settings, wanted, limits)) for x, y in pairs]
    texts, unread = _texts(a, b, pairs, settings)
    findings = [
        *(finding.of_input("a") for finding in a.findings),
        *(finding.of_input("b") for finding in b.findings),
        *_found(compared),
        *unread,
    ]
    sides = _Sides(a, b, findings)
    rows = [sides.pair(*pair, text, settings) for pair, text in zip(compared, texts, strict=True)]
    return model.DiffContent(pairs=rows, explanations=explanations(findings)), findings


def _found(compared: Sequence[tuple[int | None, int | None, Comparison]]) -> Iterator[Finding]:
    """What comparing found: the limit of all pairs once, and of each layer with the number of its image."""
    limits = set()
    for _, y, comparison in compared:
        for finding in comparison.findings:
            if finding.where.layer is not None:
                yield finding.within(image=y)
            elif finding.kind.code not in limits:
                limits.add(finding.kind.code)
                yield finding


def _texts(
    a: Session, b: Session, pairs: Sequence[tuple[int | None, int | None]], settings: DiffSettings
) -> tuple[list[list[model.UnifiedDiff]], list[Finding]]:
    """For each pair the text files whose lines are compared, and why some are not whole."""
    rows: list[list[model.UnifiedDiff]] = [[] for _ in pairs]
    unread: list[Finding] = []
    if settings.unified:
        from imgtar.answers.unified import unified

        for number, (x, y) in enumerate(pairs):
            if x is None or y is None:
                continue
            for path in settings.unified:
                row, findings = unified(path, (a, x), (b, y))
                rows[number].append(row)
                unread += findings
    return rows, unread


def _pairs(a: Sequence[ImageOutline], b: Sequence[ImageOutline]) -> list[tuple[int | None, int | None]]:
    """The images that belong together, in the order of `a`; None where a damaged archive has no image left."""
    if not a or not b:
        count = max(len(a), len(b), 1)
        return [(number if a else None, number if b else None) for number in range(count)]
    counterparts = Counterparts(b)
    found = [(number, counterparts.of(image, len(a))) for number, image in enumerate(a)]
    pairs: list[tuple[int | None, int | None]] = [pair for pair in found if pair[1] is not None]
    if not pairs or len(pairs) < max(len(a), len(b)) or len({other for _, other in pairs}) < len(pairs):
        message = f"these images do not pair by platform and name: IMAGE has {_choices(a)}; OTHER has {_choices(b)}"
        raise UsageError("usage.no-pairs", message, "choose one of each: --image REF for both, or FORM:PATH:REF")
    return pairs


def _choices(images: Sequence[ImageOutline]) -> str:
    return choices([image.record for image in images])


def _wanted(settings: DiffSettings) -> Wanted:
    exclude, only = Globs(settings.exclude), Globs(settings.only)

    def wanted(path: bytes) -> bool:
        return not exclude.match(path) and (not settings.only or only.match(path))

    return wanted if settings.exclude or settings.only else everything


def _compare(
    a: Session, x: int | None, b: Session, y: int | None, settings: DiffSettings, wanted: Wanted, limits: Limits
) -> Comparison:
    if x is None or y is None:
        return compare_with_nothing(_stacked(a, x), _stacked(b, y))
    has_layers = b.archive.catalog.form != "rootfs"
    return compare_images(
        a.stacked(x),
        b.stacked(y),
        limits,
        level=settings.level,
        wanted=wanted,
        has_layers=has_layers,
        bases=base_layers(a, x, b, y) if settings.own else (0, 0),
    )


def _stacked(session: Session, number: int | None) -> StackedImage:
    return NO_IMAGE if number is None else session.stacked(number)


class _Sides:
    """Both archives, with the findings of the run."""

    def __init__(self, a: Session, b: Session, findings: Sequence[Finding]) -> None:
        self._a = a
        self._b = b
        self._rows = finding_rows(findings)
        self._envelopes = a.envelope, b.envelope

    def pair(
        self,
        x: int | None,
        y: int | None,
        compared: Comparison,
        texts: list[model.UnifiedDiff],
        settings: DiffSettings,
    ) -> model.ComparedPair:
        """The content about image `x` of the first archive and image `y` of the second."""
        stacked_a, stacked_b = _stacked(self._a, x), _stacked(self._b, y)
        rules = _rules(compared, settings.gates)
        kinds = Counter(row.kind for row in compared.files.rows)
        document = model.DiffReport(
            generator=GENERATOR,
            a=diff_rows.side(self._envelopes[0], stacked_a),
            b=diff_rows.side(self._envelopes[1], stacked_b),
            level=settings.level,
            base_layers=list(base_layers(self._a, x, self._b, y)) if settings.own else UNSET,
            equal=compared.equal,
            pull=diff_rows.pull(compared),
            growth=diff_rows.growth(compared),
            config=[model.ConfigRow(key=row.key, a=row.a, b=row.b) for row in compared.config],
            layers=[diff_rows.layer(row, stacked_a, stacked_b, compared) for row in compared.layers],
            counts=model.FileCounts(
                added=kinds["added"], modified=kinds["modified"], deleted=kinds["deleted"], moved=kinds["moved"]
            ),
            times_only=compared.files.times_only,
            left_out=[diff_rows.left_out(row) for row in compared.left_out],
            unified=texts if settings.unified else msgspec.UNSET,
            rules=rules,
            passed=all(rule.passed for rule in rules) if settings.gates.has_gate else None,
            findings=self._rows,
        )
        return model.ComparedPair(
            document=document,
            files=lambda: diff_rows.files(compared.files.rows, _stacked(self._a, x).tree, _stacked(self._b, y).tree),
            layers_only=settings.layers_only,
            volumes=stacked_a.image.execution.volumes,
        )


def _rules(compared: Comparison, gates: DifferenceGates) -> list[CheckRule]:
    if not gates.has_gate:
        return []
    from imgtar.answers.check import rule_row  # with all rules of the audit

    return [rule_row(verdict) for verdict in difference_verdicts(compared, gates)]
