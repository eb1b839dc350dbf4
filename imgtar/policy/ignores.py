"""The ignore file: which findings somebody has looked at, why they are accepted, and until when.

TOML; each `[[ignore]]` has a `reason`, a `code`, a `path` (gitignore's patterns) or both, and, if it shall end, the
last day that it counts on: `expires = 2027-03-31`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from datetime import date, datetime

import msgspec

from imgtar.errors import UsageError

IGNORE_FILE = ".imgtarignore.toml"
_KEYS = ("code", "path", "reason", "expires")
_EXAMPLE = "write [[ignore]] with a reason and a code, a path or both; expires = 2027-03-31 ends it"


class Ignore(msgspec.Struct, frozen=True, kw_only=True):
    """One accepted risk. `expires` is the last day on which it leaves findings out; None: for ever."""

    code: str | None
    path: str | None
    reason: str
    expires: date | None

    def is_expired(self, judged_on: date) -> bool:
        """Is the day behind it?"""
        return self.expires is not None and judged_on > self.expires


def parse_ignores(name: str, raw: bytes, codes: Collection[str]) -> tuple[Ignore, ...]:
    """The rules of the ignore file `name`. Raises UsageError that names the entry and the key."""
    try:
        table = tomllib.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as problem:
        raise _wrong(name, f"no TOML: {problem}") from None
    entries = table.pop("ignore", [])
    if table:
        raise _wrong(name, f"unknown key {next(iter(table))}")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise _wrong(name, "ignore is no list of tables")
    return tuple(_ignore(f"{name}: ignore {number}", entry, codes) for number, entry in enumerate(entries, 1))


def _ignore(place: str, entry: dict[str, object], codes: Collection[str]) -> Ignore:
    for key in entry:
        if key not in _KEYS:
            raise _wrong(place, f"unknown key {key}; keys are {', '.join(_KEYS)}")
    code, path = _text(place, entry, "code"), _text(place, entry, "path")
    reason = _text(place, entry, "reason")
    if not reason:
        raise _wrong(place, "it has no reason")
    if code is None and path is None:
        raise _wrong(place, "it has neither a code nor a path")
    if code is not None and code not in codes:
        raise _wrong(place, f"no finding has the code {code}")
    if path is not None and path.startswith("!"):
        raise _wrong(place, "path takes back what nothing gave: a pattern does not begin with !")
    return Ignore(code=code, path=path, reason=reason, expires=_day(place, entry.get("expires")))


def _text(place: str, entry: dict[str, object], key: str) -> str | None:
    value = entry.get(key)
    if value is not None and (not isinstance(value, str) or not value.strip()):
        raise _wrong(place, f"{key} is no text")
    return value if isinstance(value, str) else None


def _day(place: str, value: object) -> date | None:
    if value is None:
        return None
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise _wrong(place, "expires is no day such as 2027-03-31 (without quotes)")


def _wrong(place: str, reason: str) -> UsageError:
    return UsageError("usage.ignore-file", f"{place}: {reason}", _EXAMPLE)
