"""The words for a verdict that all text formats of `check` share; every one is escaped."""

from __future__ import annotations

from collections.abc import Sequence

from imgtar.contract.content import Explanations
from imgtar.contract.judgements import CauseRow, CheckImage, CheckReport, CheckRule
from imgtar.report.words.amounts import number_words
from imgtar.report.words.image import counted, image_name
from imgtar.text import escape, escape_stored, human_size

# The words before a limit and after a number of violations, by the first word of the rule.
_LIMITS = {
    "min": "at least",
    "lowest": "at least",
    "max": "at most",
    "highest": "at most",
    "forbid": "none of",
    "allow": "only",
    "require": "all of",
    "fail": "below",
}
_VIOLATIONS = {"forbid": "found", "require": "missing"}
_SOURCES = {
    "--base": "from --base",
    "--base-image": "from --base-image",
    "label": "from a label",
    "provenance": "from the provenance",
    "history": "from the history",
    "none": "none found in the history",
}


def result(rule: CheckRule) -> str:
    """`pass` or `FAIL`."""
    return "pass" if rule.passed else "FAIL"


def value_words(rule: CheckRule, *, ascii_only: bool = False) -> str:
    """The value that the rule measured, in its unit."""
    value, first = rule.value, rule.rule.partition("-")[0]
    if value is None:
        return "none" if rule.unit == "text" else "not a number"
    if isinstance(value, str):
        return escape(value, ascii_only=ascii_only)
    if rule.unit == "count" and isinstance(rule.limit, str):
        return f"{value:,} {_VIOLATIONS[first]}"
    return number_words(value, rule)


def limit_words(rule: CheckRule, *, ascii_only: bool = False) -> str:
    """The allowed value: `at most 12`."""
    limit = rule.limit
    if rule.rule == "require-user":
        return str(limit)
    shown = escape(limit, ascii_only=ascii_only) if isinstance(limit, str) else number_words(limit, rule)
    return f"{_LIMITS[rule.rule.partition('-')[0]]} {shown}"


def cause_words(cause: CauseRow, *, ascii_only: bool = False) -> str:
    """`12.3 MB in layer 4: RUN make`, `1.2 MB /opt/x: deleted in layer 4, added in layer 2`; one line."""
    size = [] if cause.bytes is None else [human_size(cause.bytes)]
    path = "" if cause.path is None else escape_stored(cause.path, cause.path_b64, ascii_only=ascii_only)
    places = [path] if path and path not in cause.message else []
    where = [] if cause.image is None else [f"image @{cause.image}"]
    where += [] if cause.layer is None else [f"layer {cause.layer}"]
    if where:
        places.append(f"in {', '.join(where)}")
    front = " ".join([*size, *places])
    code = "" if cause.code is None else f" ({escape(cause.code)})"
    return f"{front}: {cause.message}{code}" if front and cause.message else f"{front}{cause.message}{code}"


def rule_words(rule: CheckRule) -> str:
    """`max-layers: 14; allowed: at most 12`."""
    return f"{rule.rule}: {value_words(rule)}; allowed: {limit_words(rule)}"


def top_causes(rule: CheckRule, top: int, explanations: Explanations) -> list[CauseRow]:
    """The first `top` causes (0: all), and each finding that is always listed."""
    if top == 0:
        return rule.causes
    return [cause for number, cause in enumerate(rule.causes) if number < top or is_always_listed(cause, explanations)]


def is_always_listed(cause: CauseRow, explanations: Explanations) -> bool:
    """Is the cause a finding of a code that is always listed?"""
    return cause.code is not None and explanations[cause.code].always_listed


def verdict_words(document: CheckReport) -> str:
    """One sentence: `2 of 5 gates failed`."""
    failed = sum(not rule.passed for rule in document.rules)
    total = counted(len(document.rules), "gate")
    counts = f"{failed:,} of {total} failed" if failed else f"{total} passed"
    damaged = not document.complete or document.integrity == "failed"
    return f"{counts}, based on the parts that were read" if damaged else counts


def config_words(document: CheckReport) -> str:
    """`gates from options`, or the configuration file that they come from."""
    return "gates from options" if document.config is None else f"gates from {escape(document.config)}"


def image_words(image: CheckImage) -> str:
    """What the image is called."""
    return escape(image_name(image))


def base_words(document: CheckReport, image: CheckImage, rules: Sequence[CheckRule]) -> str:
    """`1 base layer (from the history)`; empty where no rule depends on the base."""
    if not document.own and all(rule.rule != "max-own-waste" for rule in rules):
        return ""
    known = f"{counted(image.base.layers, 'base layer')} ({_SOURCES[image.base.source]})"
    return f"{known}, left out by --own" if document.own else known


def of_image(rules: Sequence[CheckRule], image: int | None) -> list[CheckRule]:
    """The rules on one image; None: on the whole archive."""
    return [rule for rule in rules if rule.image == image]
