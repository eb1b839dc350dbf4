"""Markdown of an audit, for a pull-request comment or a job summary."""

from __future__ import annotations

from collections.abc import Iterator

from imgtar.contract.content import AuditContent, NamedStep, TextSettings
from imgtar.contract.judgements import AuditReport
from imgtar.report.markdown.fit import Section, encoded, table_head, table_row
from imgtar.report.markdown.sections import (
    archive_facts,
    archive_span,
    code_span,
    condition_band,
    findings_table,
    foot,
    image_title,
)
from imgtar.report.words.image import platform_words, short

_COLUMNS = 120


def audit(content: AuditContent, settings: TextSettings) -> Iterator[bytes]:
    """The findings (`settings.top` 0: as many as fit), the steps of their layers, the ignored findings."""
    document, inspected = content.document, content.report
    several = len(inspected.images) > 1
    sections = [
        Section(before=[*condition_band(inspected), f"# Audit: {archive_span(inspected)}"]),
        _images(content),
        findings_table(document, content.explanations, settings),
    ]
    if content.steps:
        rows = [table_row(_step(step, several=several)) for step in content.steps]
        sections.append(Section(before=["### Layers named above"], head=table_head(">Layer", "Step"), rows=rows))
    if document.ignores:
        sections.append(_ignored(document))
    end = f"; dates compared with {document.judged_on}; `imgtar audit` shows the full report"
    sections.append(foot(inspected, settings, f"{archive_facts(inspected)}.", end))
    return encoded(sections)


def _images(content: AuditContent) -> Section:
    rows = [
        table_row(
            [
                str(index),
                image_title(image),
                f"`{short(image.id) or 'none'}`",
                code_span(platform_words(image), 40),
            ]
        )
        for index, image in enumerate(content.report.images)
    ]
    return Section(before=[], head=table_head("&#64;", "Image", "ID", "Platform"), rows=rows)


def _step(step: NamedStep, *, several: bool) -> list[str]:
    number = f"{step.layer} of &#64;{step.image}" if several else str(step.layer)
    return [number, code_span(f"{step.instruction} {step.text}".strip(), _COLUMNS)]


def _ignored(document: AuditReport) -> Section:
    rows = [
        table_row(
            [
                "expired" if rule.expired else f"{rule.count:,}",
                *("" if value is None else code_span(value, _COLUMNS) for value in (rule.code, rule.path)),
                rule.expires or "",
                code_span(rule.reason, _COLUMNS),
            ]
        )
        for rule in document.ignores
    ]
    name = code_span(document.ignore_file or "", _COLUMNS)
    head = table_head(">Ignored", "Code", "Path", "Until", "Reason")
    return Section(before=[f"## Ignored by {name}"], head=head, rows=rows)
