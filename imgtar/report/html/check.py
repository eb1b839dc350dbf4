"""The page of `check`: one self-contained file without a script; the verdict, the gates, the causes, the findings."""

from __future__ import annotations

from collections.abc import Iterator

from imgtar.contract.commands import CheckRule
from imgtar.contract.content import CheckContent, TextSettings
from imgtar.report.html.page import END, Assets, Escaped, frame, rendered, sentence
from imgtar.report.html.sections import finding_groups
from imgtar.report.words import check as words

_IMAGES = 200


def check(content: CheckContent, settings: TextSettings) -> Iterator[bytes]:
    """The page; `settings.top` causes of a failure (0: all)."""
    document, inspected = content.document, content.report
    context = frame(inspected, Assets.load(scripted=False), None, "check")
    yield rendered(
        "check.html.j2",
        **context,
        check=document,
        verdict=words.verdict_words(document),
        source=Escaped(words.config_words(document)),
        parts=list(_parts(content, settings)),
        groups=finding_groups(inspected.findings, content.explanations, several_images=len(inspected.images) > 1),
    )
    yield END


def _parts(content: CheckContent, settings: TextSettings) -> Iterator[dict[str, object]]:
    document = content.document
    for number, image in enumerate(document.images[:_IMAGES]):
        rules = words.of_image(document.rules, number)
        if rules:
            own = any(rule.rule == "max-own-waste" for rule in rules)
            base = words.base_words(image) if own else ""
            yield {
                "title": Escaped(words.image_words(image)),
                "base": base,
                "rules": [_rule(rule, content, settings) for rule in rules],
            }
    if rules := words.of_image(document.rules, None):
        yield {"title": "The archive", "base": "", "rules": [_rule(rule, content, settings) for rule in rules]}


def _rule(rule: CheckRule, content: CheckContent, settings: TextSettings) -> dict[str, object]:
    listed = words.top_causes(rule, settings.top, content.explanations)
    return {
        "passed": rule.passed,
        "result": words.result(rule),
        "name": rule.rule,
        "value": Escaped(words.value_words(rule)),
        "limit": Escaped(words.limit_words(rule)),
        "causes": [sentence(words.cause_words(cause)) for cause in listed],
        "unlisted": len(rule.causes) - len(listed),
    }
