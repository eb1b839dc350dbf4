"""Markdown of `check` for a pull-request comment or a job summary: the verdict, a table of rules, the causes."""

from __future__ import annotations

from collections.abc import Iterator

from imgtar.contract.content import CheckContent, Explanations, TextSettings
from imgtar.contract.judgements import CheckReport, CheckRule
from imgtar.report.markdown.fit import Section, encoded, table_head, table_row
from imgtar.report.markdown.sections import (
    NAME_COLUMNS,
    archive_span,
    condition_band,
    escaped_span,
    foot,
)
from imgtar.report.words.check import (
    base_words,
    cause_words,
    config_words,
    image_words,
    is_always_listed,
    limit_words,
    of_image,
    top_causes,
    value_words,
    verdict_words,
)
from imgtar.report.words.image import severity_words

_CELL, _CAUSE = 120, 240  # columns


def check(content: CheckContent, settings: TextSettings) -> Iterator[bytes]:
    """The summary of `check`; `settings.top` causes of each failed rule (0: all)."""
    document = content.document
    sections = [_head(content), *rule_sections(document)]
    sections.extend(cause_sections(document, content.explanations, settings))
    sections.append(foot(content.report, settings, f"Findings: {severity_words(document)}."))
    return encoded(sections)


def rule_sections(document: CheckReport) -> Iterator[Section]:
    """The verdicts, image by image, and those on the whole archive."""
    for number, image in enumerate(document.images):
        rules = of_image(document.rules, number)
        if rules:
            base = base_words(document, image, rules)
            yield _rules(escaped_span(image_words(image), NAME_COLUMNS), rules, [base] if base else [])
    if rules := of_image(document.rules, None):
        yield _rules("The archive", rules, [])


def cause_sections(document: CheckReport, explanations: Explanations, settings: TextSettings) -> Iterator[Section]:
    """Why gates failed; `settings.top` causes of each (0: all)."""
    return (_causes(document, explanations, rule, settings) for rule in document.rules if not rule.passed)


def _head(content: CheckContent) -> Section:
    document = content.document
    state = "Passed" if document.passed else "Not passed"
    config = config_words(document)
    source = config if document.config is None else escaped_span(config, NAME_COLUMNS)
    return Section(
        before=[
            *condition_band(content.report),
            f"# Image check: {archive_span(content.report)}",
            "",
            f"**{state}**: {verdict_words(document)}; {source}.",
        ]
    )


def _rules(title: str, rules: list[CheckRule], notes: list[str]) -> Section:
    rows = [
        table_row(
            [
                "pass" if rule.passed else "**FAIL**",
                f"`{rule.rule}`",
                escaped_span(value_words(rule), _CELL),
                escaped_span(limit_words(rule), _CELL),
            ]
        )
        for rule in rules
    ]
    return Section(before=[f"## {title}"], head=table_head("", "Rule", "Found", "Allowed"), rows=rows, after=notes)


def _causes(document: CheckReport, explanations: Explanations, rule: CheckRule, settings: TextSettings) -> Section:
    listed = top_causes(rule, settings.top, explanations)
    rest = len(rule.causes) - len(listed)
    several = len(document.images) > 1 and rule.image is not None
    where = f" (image {rule.image})" if several else ""
    return Section(
        before=[f"### `{rule.rule}`{where}"],
        rows=[f"- {escaped_span(cause_words(cause), _CAUSE)}" for cause in listed],
        kept={number for number, cause in enumerate(listed) if is_always_listed(cause, explanations)},
        after=[f"… {rest:,} more"] if rest else [],
    )
