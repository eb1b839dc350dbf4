"""CSV of `check`: one row for each rule and image."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imgtar.contract.content import CheckContent, TextSettings
from imgtar.contract.judgements import CheckRule
from imgtar.report.csv.damage import damage_rows
from imgtar.report.csv.rows import Value, cell, encoded_rows
from imgtar.report.words.check import cause_words, image_words, top_causes
from imgtar.text import csv_cell

RULES = ("image", "kind", "rule", "value", "limit", "unit", "causes", "note")


def rules(content: CheckContent, settings: TextSettings) -> Iterator[bytes]:
    """One row per rule and image; `kind` is `passed` or `failed`; `settings.top` causes of a failure (0: all)."""
    return encoded_rows(_rule_rows(content, settings))


def _rule_rows(content: CheckContent, settings: TextSettings) -> Iterator[Sequence[Value]]:
    yield RULES
    yield from damage_rows(content.report.findings, RULES, content.report.images)
    for rule in content.document.rules:
        yield _rule(content, rule, settings)


def _rule(content: CheckContent, rule: CheckRule, settings: TextSettings) -> Sequence[Value]:
    images = content.document.images
    causes = "; ".join(cause_words(cause) for cause in top_causes(rule, settings.top, content.explanations))
    return (
        None if rule.image is None else csv_cell(image_words(images[rule.image]), escaped=True),
        "passed" if rule.passed else "failed",
        rule.rule,
        cell(rule.value) if isinstance(rule.value, str) else rule.value,
        cell(rule.limit) if isinstance(rule.limit, str) else rule.limit,
        rule.unit,
        csv_cell(causes, escaped=True),
        None,
    )
