"""The page of `check`: the verdict, the gates, the causes, the findings; its script only searches and filters these."""

from __future__ import annotations

from collections.abc import Iterator

from imgtar.contract.content import CheckContent, TextSettings
from imgtar.contract.judgements import CheckReport, CheckRule
from imgtar.report.html.findings import finding_groups
from imgtar.report.html.page import FINDINGS, Assets, Escaped, frame, rendered, sentence
from imgtar.report.words import check as words
from imgtar.report.words.image import severity_counts

_IMAGES = 200


def check(content: CheckContent, settings: TextSettings) -> Iterator[bytes]:
    """The page; `settings.top` causes of a failure (0: all)."""
    document, inspected = content.document, content.report
    assets = Assets.load(FINDINGS)
    yield rendered(
        "check.html.j2",
        **frame(inspected, assets, None, "check", settings),
        check=document,
        verdict=words.verdict_words(document),
        source=Escaped(words.config_words(document)),
        parts=list(rule_parts(document, settings)),
        counts=list(severity_counts(inspected.findings).items()),
        groups=finding_groups(
            inspected.findings, content.explanations, inspected, several_images=len(inspected.images) > 1
        ),
    )
    yield assets.end


def rule_parts(document: CheckReport, settings: TextSettings) -> Iterator[dict[str, object]]:
    """The verdicts on each image, and those on the whole archive; `settings.top` causes of a failure (0: all)."""
    for number, image in enumerate(document.images[:_IMAGES]):
        rules = words.of_image(document.rules, number)
        if rules:
            yield {
                "title": Escaped(words.image_words(image)),
                "base": words.base_words(document, image, rules),
                "rules": [_rule(rule, settings) for rule in rules],
            }
    if rules := words.of_image(document.rules, None):
        yield {"title": "The archive", "base": "", "rules": [_rule(rule, settings) for rule in rules]}


def _rule(rule: CheckRule, settings: TextSettings) -> dict[str, object]:
    listed = rule.causes if settings.top == 0 else rule.causes[: settings.top]  # all findings are on the page
    return {
        "passed": rule.passed,
        "result": words.result(rule),
        "name": rule.rule,
        "value": Escaped(words.value_words(rule)),
        "limit": Escaped(words.limit_words(rule)),
        "causes": [sentence(words.cause_words(cause)) for cause in listed],
        "unlisted": len(rule.causes) - len(listed),
        "of_findings": any(cause.code is not None for cause in rule.causes),
    }
