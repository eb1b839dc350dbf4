"""The text of `check`: the verdict, then one line for each rule; under a failed rule its causes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imgtar.contract.content import CheckContent, Explanations, TextSettings
from imgtar.contract.judgements import CheckReport, CheckRule
from imgtar.report.table.drawing import Cell, Column, Style, draw, encoded, marks, paint, unlisted, wrapped
from imgtar.report.table.sections import LISTED_BY_INSPECT, head
from imgtar.report.words.check import (
    base_words,
    cause_words,
    config_words,
    image_words,
    limit_words,
    of_image,
    result,
    top_causes,
    value_words,
    verdict_words,
)
from imgtar.report.words.image import severity_words
from imgtar.text import cut, neutralise

_INDENT = 8
_COLUMNS = [Column(""), Column(""), Column("", shrink="end"), Column("", shrink="end")]


def check(content: CheckContent, settings: TextSettings) -> Iterator[bytes]:
    """The verdicts for a person at a terminal or in a log."""
    return encoded(_lines(content, settings), settings)


def _lines(content: CheckContent, settings: TextSettings) -> Iterator[str]:
    document = content.document
    yield from head(document, document.findings, settings, rest=LISTED_BY_INSPECT)
    yield ""
    yield from _verdict(document, settings)
    for number, image in enumerate(document.images):
        rules = of_image(document.rules, number)
        if not rules:
            continue
        yield ""
        if len(document.images) > 1:
            yield from wrapped([f"@{number}", *_words(image_words(image), settings)], settings, 0)
        if base := base_words(document, image, rules):
            yield from (paint(line, "dim", settings) for line in wrapped(base.split(" "), settings))
        yield from _rules(rules, content.explanations, settings)
    if rules := of_image(document.rules, None):
        yield ""
        yield from _rules(rules, content.explanations, settings)
    yield ""
    yield from wrapped(_findings(document).split(" "), settings, 0)


def _findings(document: CheckReport) -> str:
    lister = "audit" if any(rule.rule in ("max-severity", "fail-on") for rule in document.rules) else "inspect"
    return f"Findings: {severity_words(document)}{f'; imgtar {lister} lists them' if document.findings else ''}"


def _words(escaped: str, settings: TextSettings) -> list[str]:
    return neutralise(escaped, ascii_only=not settings.unicode).split(" ")


def _verdict(document: CheckReport, settings: TextSettings) -> Iterator[str]:
    style: Style = "green" if document.passed else "alarm"
    first = "PASSED:" if document.passed else "NOT PASSED:"
    words = _words(f"{verdict_words(document)}; {config_words(document)}", settings)
    line, *rest = wrapped([first, *words], settings, 0)
    yield line.replace(first, paint(first, style, settings), 1)
    yield from rest


def _rules(rules: Sequence[CheckRule], explanations: Explanations, settings: TextSettings) -> Iterator[str]:
    rows = [
        [
            Cell(result(rule), "green" if rule.passed else "alarm"),
            Cell(rule.rule, "" if rule.passed else "bold"),
            Cell(value_words(rule, ascii_only=not settings.unicode)),
            Cell(limit_words(rule, ascii_only=not settings.unicode)),
        ]
        for rule in rules
    ]
    for rule, line in zip(rules, draw(_COLUMNS, rows, settings), strict=True):
        yield line
        yield from _causes(rule, explanations, settings)


def _causes(rule: CheckRule, explanations: Explanations, settings: TextSettings) -> Iterator[str]:
    listed = top_causes(rule, settings.top, explanations)
    for cause in listed:
        words = cause_words(cause, ascii_only=not settings.unicode)
        if cause.layer is not None and cause.code is None and not settings.whole:  # an instruction may be very long
            words = cut(words, max(settings.width - _INDENT, _INDENT), marks(settings).cut)
        yield from wrapped(_words(words, settings), settings, _INDENT)
    rest = len(rule.causes) - len(listed)
    if rest:
        yield unlisted(rest, settings, _INDENT)
