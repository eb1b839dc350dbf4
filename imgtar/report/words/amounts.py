"""Numbers in their units: the value and the limit of a rule, and the sizes that may be negative."""

from __future__ import annotations

from imgtar.contract.judgements import CheckRule
from imgtar.text import human_size

_DIGITS = 15  # of a percentage: two different floats differ within that many


def number_words(number: float | None, rule: CheckRule) -> str:
    """The rule's value or limit in its unit, with enough digits to tell the two apart."""
    assert number is not None
    other = rule.limit if number == rule.value else rule.value
    different = None if other is None or isinstance(other, str) or other == number else other
    if rule.unit == "bytes":
        size, plain = signed_size(int(number)), f"{int(number):,} B"
        return size if different is None or size != signed_size(int(different)) else plain
    if rule.unit == "count":
        return f"{number:,}"
    for digits in range(1, _DIGITS):
        if different is None or _percent(number, digits) != _percent(different, digits):
            return _percent(number, digits)
    return _percent(number, _DIGITS)


def signed_size(size: int, plus: str = "") -> str:
    """`44.1 MB`, `-3 B`; with `plus` in front of what is not negative."""
    return f"-{human_size(-size)}" if size < 0 else f"{plus}{human_size(size)}"


def _percent(share: float, digits: int) -> str:
    return f"{share * 100:.{digits}f}".rstrip("0").rstrip(".") + " %"
