"""Markdown of `check` for a pull-request comment or a job summary: the verdict, a table of rules, what is to blame."""

from __future__ import annotations

from collections.abc import Iterator

from imgtar.contract.commands import CheckReport, CheckRule
from imgtar.contract.content import CheckContent, View
from imgtar.report.markdown.fit import Section, fit, table_head, table_row
from imgtar.report.words.check import (
    base_words,
    cause_words,
    config_words,
    image_words,
    limit_words,
    of_image,
    top_causes,
    value_words,
    verdict_words,
)
from imgtar.report.words.condition import condition, source_name
from imgtar.report.words.image import severity_counts
from imgtar.text import cut, cut_middle, markdown_code
from imgtar.text import markdown as markdown_text

LIMIT = 60_000  # bytes
_NAME, _CELL, _CAUSE = 120, 120, 240  # columns


def check(content: CheckContent, view: View) -> Iterator[bytes]:
    """The summary of `check`; `view.top` causes of each failed rule (0: all)."""
    document = content.document
    sections = [_head(content)]
    for number, image in enumerate(document.images):
        rules = of_image(document.rules, number)
        if rules:
            notes = [base_words(image)] if any(rule.rule == "max-own-waste" for rule in rules) else []
            sections.append(_rules(_code(image_words(image), _NAME), rules, notes))
    if rules := of_image(document.rules, None):
        sections.append(_rules("The archive", rules, []))
    sections.extend(_causes(document, rule, view) for rule in document.rules if not rule.passed)
    sections.append(_foot(content))
    yield ("\n".join(fit(sections, LIMIT - 1000)).rstrip("\n") + "\n").encode("utf-8", "backslashreplace")


def _code(escaped: str, columns: int) -> str:
    return markdown_code(cut(escaped, columns), escaped=True)


def _head(content: CheckContent) -> Section:
    document, state = content.document, condition(content.report)
    name = markdown_code(cut_middle(source_name(document.source), _NAME), escaped=True)
    lines = [f"# Image check: {name}", "", f"**{'Passed' if document.passed else 'Not passed'}**: "]
    config = config_words(document)
    lines[-1] += f"{verdict_words(document)}; {config if document.config is None else _code(config, _NAME)}."
    if state.damaged:
        band = [f"> **{state.title}.** {state.text}"]
        band += [f"> - {_code(cause.message, _CAUSE)}" for cause in state.causes[:3]]
        lines = [*band[:1], *([">"] if len(band) > 1 else []), *band[1:], "", *lines]
    return Section(before=lines)


def _rules(title: str, rules: list[CheckRule], notes: list[str]) -> Section:
    rows = [
        table_row(
            [
                "pass" if rule.passed else "**FAIL**",
                f"`{rule.rule}`",
                _code(value_words(rule), _CELL),
                _code(limit_words(rule), _CELL),
            ]
        )
        for rule in rules
    ]
    return Section(before=[f"## {title}"], head=table_head("", "Rule", "Found", "Allowed"), rows=rows, after=notes)


def _causes(document: CheckReport, rule: CheckRule, view: View) -> Section:
    listed = top_causes(rule, view.top)
    rest = len(rule.causes) - len(listed)
    several = len(document.images) > 1 and rule.image is not None
    where = f" (image {rule.image})" if several else ""
    return Section(
        before=[f"### `{rule.rule}`{where}"],
        rows=[f"- {_code(cause_words(cause), _CAUSE)}" for cause in listed],
        after=[f"… {rest:,} more"] if rest else [],
    )


def _foot(content: CheckContent) -> Section:
    document = content.document
    counts = ", ".join(f"{count:,} {severity}" for severity, count in severity_counts(document.findings).items())
    ignored = f" ({document.ignored:,} ignored)" if document.ignored else ""
    version = markdown_text(document.generator.version)
    title = condition(content.report).title
    return Section(before=["---", "", f"Findings: {counts or 'none'}{ignored}. {title}. Made by imgtar {version}."])
