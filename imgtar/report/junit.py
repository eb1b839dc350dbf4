"""JUnit XML of `check` for CI servers: a test case for each rule, a failure for a failed one, an error for damage.

Every text is escaped, so no character is left that XML 1.0 forbids.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

from imgtar.contract.content import CheckContent, TextSettings
from imgtar.contract.judgements import CheckRule
from imgtar.report.words.check import cause_words, image_words, limit_words, rule_words, top_causes
from imgtar.report.words.condition import condition, source_name
from imgtar.text import neutralise

_CONDITION = "the archive is whole and sound"


def check(content: CheckContent, settings: TextSettings) -> Iterator[bytes]:
    """One suite for the archive; `settings.top` causes of each failure (0: all)."""
    document, state = content.document, condition(content.report)
    numbers = {
        "tests": str(len(document.rules) + 1),
        "failures": str(sum(not rule.passed for rule in document.rules)),
        "errors": str(int(state.damaged)),
    }
    root = ElementTree.Element("testsuites", {"name": "imgtar check", **numbers})
    suite = ElementTree.SubElement(root, "testsuite", {"name": neutralise(source_name(document.source)), **numbers})
    whole = ElementTree.SubElement(suite, "testcase", classname="imgtar.check", name=_CONDITION)
    if state.damaged:
        error = ElementTree.SubElement(whole, "error", type="damage", message=f"{state.title}: {state.text}")
        error.text = "\n".join(neutralise(f"{cause.message} ({cause.code})") for cause in state.causes)
    for rule in document.rules:
        _case(suite, content, rule, settings)
    ElementTree.indent(root)
    yield ElementTree.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _case(suite: ElementTree.Element, content: CheckContent, rule: CheckRule, settings: TextSettings) -> None:
    # Jenkins takes what stands before the last dot for a package, so a tag such as 8.0 would be cut.
    about = "" if rule.image is None else f".{image_words(content.document.images[rule.image]).replace('.', '_')}"
    name = f"{rule.rule}: {limit_words(rule)}"
    case = ElementTree.SubElement(suite, "testcase", classname=f"imgtar.check{about}", name=neutralise(name))
    if not rule.passed:
        message = neutralise(rule_words(rule))
        failure = ElementTree.SubElement(case, "failure", type="policy", message=message)
        listed = top_causes(rule, settings.top, content.explanations)
        failure.text = "\n".join(neutralise(cause_words(cause)) for cause in listed)
