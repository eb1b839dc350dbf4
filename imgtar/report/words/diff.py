"""The words about a difference of two images that several formats share; every one is escaped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imgtar.contract.commands import CheckRule
from imgtar.contract.diff import DiffReport
from imgtar.report.words.image import counted
from imgtar.text import human_size

_NAMES = {"max-growth": "growth", "max-pull": "pull"}
_DIGITS = 15  # of a percentage: two different floats differ within that many


def passes(document: DiffReport) -> bool:
    """Is the exit code 0, as far as the differences decide it? Without a gate only where both are equal."""
    return document.equal is True if document.passed is None else document.passed


def verdict_words(documents: Sequence[DiffReport]) -> str:
    """`verdict: ok`, `verdict: failed growth 5.4 % > 3 %`; without a gate `verdict: equal`, `different`, `unknown`."""
    failed = list(dict.fromkeys(words for document in documents for words in _failures(document)))
    if failed:
        return f"verdict: failed {'; '.join(failed)}"
    if any(document.passed is not None for document in documents):
        return "verdict: ok"
    states = {document.equal for document in documents}
    return f"verdict: {'different' if False in states else 'unknown' if None in states else 'equal'}"


def _failures(document: DiffReport) -> Iterator[str]:
    for rule in document.rules:
        if not rule.passed:
            yield _failure(rule)


def _failure(rule: CheckRule) -> str:
    if rule.rule == "allow":
        assert isinstance(rule.value, int)
        return f"{counted(rule.value, 'difference')} outside --allow" if rule.value else "allow: not all was read"
    name = _NAMES[rule.rule]
    if not isinstance(rule.value, (int, float)) or not isinstance(rule.limit, (int, float)):
        return f"{name} of nothing"
    if rule.value <= rule.limit:
        return f"{name} at least {_amount(rule, rule.value, rule.limit)}: not all was read"
    return f"{name} {_amount(rule, rule.value, rule.limit)} > {_amount(rule, rule.limit, rule.value)}"


def _amount(rule: CheckRule, number: float, other: float) -> str:
    """The number in its unit, with enough digits to tell it from the other one."""
    if rule.unit == "bytes":
        size, plain = signed_size(int(number)), f"{int(number):,} B"
        return size if number == other or size != signed_size(int(other)) else plain
    for digits in range(1, _DIGITS):
        if number == other or _percent(number, digits) != _percent(other, digits):
            return _percent(number, digits)
    return _percent(number, _DIGITS)


def _percent(share: float, digits: int) -> str:
    return f"{share * 100:.{digits}f}".rstrip("0").rstrip(".") + " %"


def signed_size(size: int, plus: str = "") -> str:
    """`44.1 MB`, `-3 B`; with `plus` in front of what is not negative."""
    return f"-{human_size(-size)}" if size < 0 else f"{plus}{human_size(size)}"


def size_words(document: DiffReport) -> str:
    """`+44.1 MB (5.4 %); pull 634 MB in 8 of 18 layers, 586 MB of it for nothing`."""
    growth, pull = document.growth, document.pull
    share = "" if growth.percent is None else f" ({growth.percent:+.1f} %)"
    least = "" if growth.exact else "of what was read: "
    words = f"{least}{signed_size(growth.bytes, '+')}{share}" if growth.bytes else f"{least}the same size"
    if pull is None:
        return words
    if not pull.layers:
        return f"{words}; nothing to pull"
    least = "" if pull.exact else "at least "
    plain = " uncompressed" if pull.by == "diff_id" else ""
    words += (
        f"; pull {least}{human_size(pull.bytes)}{plain} in {pull.layers:,} of {counted(document.b.layers, 'layer')}"
    )
    return f"{words}, {human_size(pull.needless)} of it for nothing" if pull.needless else words
