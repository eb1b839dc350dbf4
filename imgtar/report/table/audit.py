"""The text of `audit`: the findings, the steps of their layers, the ignored findings; and the list of rules."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from imgtar.contract.content import AuditContent, NamedStep, RulesContent, TextSettings
from imgtar.contract.judgements import AuditReport, IgnoreRow
from imgtar.report.table.drawing import (
    SEVERITY_STYLES,
    Cell,
    Column,
    Style,
    draw,
    encoded,
    marks,
    paint,
    shown,
    shown_lines,
    wrapped,
)
from imgtar.report.table.sections import findings_section, head, heading

_KEYWORD = 5  # columns


def audit(content: AuditContent, settings: TextSettings) -> Iterator[bytes]:
    """The findings, for a person at a terminal."""
    return encoded(_lines(content, settings), settings)


def rules(content: RulesContent, settings: TextSettings) -> Iterator[bytes]:
    """All rules, family by family."""
    return encoded(_rules(content, settings), settings)


def _lines(content: AuditContent, settings: TextSettings) -> Iterator[str]:
    document, images = content.document, content.report.images
    yield from head(document, document.findings, settings)
    for index, image in enumerate(images):
        yield ""
        yield heading(image, index if len(images) > 1 else None, settings)
    yield ""
    yield from findings_section(document, content.explanations, settings)
    if content.steps:
        yield ""
        yield f"  {paint('Layers named above', 'bold', settings)}"
        yield from draw(
            [Column("", right=True), Column("", shrink="end")],
            [_step(step, settings, several=len(images) > 1) for step in content.steps],
            settings,
        )
    yield ""
    yield from _judged_by(document, settings)


def _step(step: NamedStep, settings: TextSettings, *, several: bool) -> list[Cell]:
    number = f"@{step.image} {step.layer}" if several else str(step.layer)
    return [Cell(number, "bold"), Cell(f"{step.instruction:<{_KEYWORD}} {shown_lines(step.text, settings)}".strip())]


def _judged_by(document: AuditReport, settings: TextSettings) -> Iterator[str]:
    """The settings of the audit: the day, the configuration, the ignore file and each of its rules."""
    yield f"  dates compared with {document.judged_on}"
    if document.config is not None:
        yield f"  configuration: {shown(document.config, settings)}"
    if document.ignore_file is not None:
        yield f"  ignore file: {shown(document.ignore_file, settings)}{'' if document.ignores else ' (empty)'}"
    for rule in document.ignores:
        style: Style = "yellow" if rule.expired else ""
        yield from (paint(line, style, settings) for line in wrapped(_ignored(rule, settings).split(" "), settings, 4))


def _ignored(rule: IgnoreRow, settings: TextSettings) -> str:
    what = " on ".join(shown(part, settings) for part in (rule.code, rule.path) if part is not None)
    until = "" if rule.expires is None else f" until {rule.expires}"
    state = "EXPIRED" if rule.expired else f"{marks(settings).times}{rule.count}"
    return f"{state}  {what}{until}: {shown_lines(rule.reason, settings)}"


def _rules(content: RulesContent, settings: TextSettings) -> Iterator[str]:
    for family, group in groupby(content.document.rules, key=lambda rule: rule.family):
        yield paint(family, "bold", settings)
        for rule in group:
            severity = paint(f"{rule.severity:<8}", SEVERITY_STYLES[rule.severity], settings)
            yield f"  {severity}  {rule.code}  {paint(', '.join(rule.references), 'dim', settings)}".rstrip()
            yield from wrapped(rule.meaning.split(" "), settings, 12)
        yield ""
