"""The ignore file: which findings a user accepts, why, and until when.

The file is TOML. Each `[[ignore]]` has a `reason`, and a `code`, a `path` (a pattern as in .gitignore) or both. It may
have the last day on which it counts: `expires = 2027-03-31`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

import msgspec

from imgtar.errors import UsageError
from imgtar.policy.toml import read_toml

IGNORE_FILE = ".imgtarignore.toml"
_KEYS = ("code", "path", "reason", "expires")
_EXAMPLE = "write [[ignore]] with a reason, and a code, a path or both; expires = 2027-03-31 is optional"


class Ignore(msgspec.Struct, frozen=True, kw_only=True):
    """One accepted risk. `expires` is the last day on which the rule counts; None for no expiry."""

    code: str | None
    path: str | None
    reason: str
    expires: date | None

    def is_expired(self, judged_on: date) -> bool:
        """Is the day after the last day of the rule?"""
        return self.expires is not None and judged_on > self.expires


def parse_ignores(name: str, raw: bytes, codes: Collection[str]) -> tuple[Ignore, ...]:
    """The rules of the ignore file `name`. `codes` are the codes of all findings.

    Raises UsageError that names the entry and the key that are invalid.
    """
    try:
        table = read_toml(raw)
    except ValueError as problem:
        raise _wrong(name, f"not valid TOML: {problem}") from None
    entries = table.pop("ignore", [])
    if table:
        raise _wrong(name, f"unknown key {next(iter(table))}")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise _wrong(name, "ignore is not a list of tables")
    return tuple(_ignore(f"{name}: ignore {number}", entry, codes) for number, entry in enumerate(entries, 1))


def _ignore(place: str, entry: dict[str, object], codes: Collection[str]) -> Ignore:
    for key in entry:
        if key not in _KEYS:
            raise _wrong(place, f"unknown key {key}; valid keys are {', '.join(_KEYS)}")
    code, path = _text(place, entry, "code"), _text(place, entry, "path")
    reason = _text(place, entry, "reason")
    if not reason:
        raise _wrong(place, "the reason is missing")
    if code is None and path is None:
        raise _wrong(place, "a code or a path is missing")
    if code is not None and code not in codes:
        raise _wrong(place, f"no finding has the code {code}")
    if path is not None and path.startswith("!"):
        raise _wrong(place, "path begins with !, but there is no earlier pattern to exclude from")
    return Ignore(code=code, path=path, reason=reason, expires=_day(place, entry.get("expires")))


def _text(place: str, entry: dict[str, object], key: str) -> str | None:
    value = entry.get(key)
    if value is not None and (not isinstance(value, str) or not value.strip()):
        raise _wrong(place, f"{key} is not a text")
    return value if isinstance(value, str) else None


def _day(place: str, value: object) -> date | None:
    if value is None:
        return None
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise _wrong(place, "expires is not a date such as 2027-03-31 (without quotes)")


def _wrong(place: str, reason: str) -> UsageError:
    return UsageError("usage.ignore-file", f"{place}: {reason}", _EXAMPLE)
