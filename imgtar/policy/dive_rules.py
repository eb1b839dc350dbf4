"""dive's three rules, whose values are read as dive reads them."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

DEFAULTS = {"lowest-efficiency": "0.9", "highest-wasted-bytes": "disabled", "highest-user-wasted-percent": "0.1"}
_OFF = frozenset({"", "disabled", "off", "false"})
_BYTES = re.compile(r"([\d.,]+)\s*((?:[kmgtpe]i?)?b?)", re.IGNORECASE | re.ASCII)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5, "e": 6}
_MOST = 1 << 64
_SHOWN = 60  # characters of a value in an error


class DiveRules(msgspec.Struct, frozen=True, kw_only=True):
    """dive's rules; None for a rule that is switched off. Shares are fractions."""

    lowest_efficiency: float | None = None
    highest_wasted_bytes: int | None = None
    highest_user_wasted_percent: float | None = None


class BadRule(ValueError):
    """A value that dive calls misconfigured; `key` as written in the file."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(reason)
        self.key = key


def dive_rules(given: Mapping[str, tuple[str, str]]) -> DiveRules:
    """The rules, `given` by their names in DEFAULTS: the key as written and the text of the value.

    A rule that is not given has dive's default. Raises BadRule for an invalid value.
    """

    def text(name: str) -> tuple[str, str]:
        return given.get(name, (name, DEFAULTS[name]))

    return DiveRules(
        lowest_efficiency=_ratio(*text("lowest-efficiency")),
        highest_wasted_bytes=_bytes(*text("highest-wasted-bytes")),
        highest_user_wasted_percent=_ratio(*text("highest-user-wasted-percent")),
    )


def _ratio(key: str, text: str) -> float | None:
    if text.lower() in _OFF:
        return None
    try:
        found = float(text)
    except ValueError:
        raise BadRule(key, f"{text[:_SHOWN]!r} is not a number from 0 to 1") from None
    if not 0 <= found <= 1:
        raise BadRule(key, f"{text[:_SHOWN]!r} is not from 0 to 1")
    return found


def _bytes(key: str, text: str) -> int | None:
    """As go-humanize reads it, in floating point."""
    if text.lower() in _OFF:
        return None
    match = _BYTES.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        unit = match[2].lower().removesuffix("b")
        found = float(match[1].replace(",", "")) * (1024 if unit.endswith("i") else 1000) ** _POWERS[unit[:1]]
    except (ValueError, OverflowError):
        raise BadRule(key, f"{text[:_SHOWN]!r} is not a size such as 20MB") from None
    if found >= _MOST:
        raise BadRule(key, f"{text[:_SHOWN]!r} is too large")
    return int(found)
