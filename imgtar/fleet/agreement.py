"""What runs into one place must have in common, by the options that set it (contract.md section 2, `--out`)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec

from imgtar.fleet.settings import FleetSettings
from imgtar.text import cut
from imgtar.version import __version__

_LISTED = 4  # options that a message names
_LONGEST = 80  # columns of a value in a message
_FINDINGS = ("min_severity", "fail_on", "ignore", "ignore_path")
_AUDIT = ("all_places", "packaged", "config", "ignore_file")


class RunRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What a run leaves for later runs: `options` with their values, and the day on which an audit judged."""

    options: dict[str, str]
    judged_on: date | None

    @classmethod
    def of(cls, settings: FleetSettings, sharing: tuple[str, str]) -> RunRecord:
        """The record of a run; `sharing` is the option that shares out the rows, and its value ("": not given)."""
        option, value = sharing
        judged_on = None if settings.audit is None else settings.audit.judged_on
        shared = {option: value} if value else {}
        return cls(options={**_options(settings), **shared}, judged_on=judged_on)

    def differences(self, later: RunRecord) -> Iterator[str]:
        """`--do was inspect, is now audit` for each option whose value is another one in the later run."""
        yield from filter(None, (self.difference(later, one) for one in dict.fromkeys((*self.options, *later.options))))

    def difference(self, later: RunRecord, option: str) -> str:
        """`--do was inspect, is now audit`; empty where the option has the same value in the later run."""
        before, after = self.options.get(option, ""), later.options.get(option, "")
        return "" if before == after else f"{option} was {_words(before)}, is now {_words(after)}"


def differences(first: RunRecord, later: RunRecord) -> str:
    """`with other options: …`, those whose values differ between two runs; empty where the runs write the same rows."""
    found = list(first.differences(later))
    more = f"; and {len(found) - _LISTED} more" if len(found) > _LISTED else ""
    return f"with other options: {'; '.join(found[:_LISTED])}{more}" if found else ""


def _words(value: str) -> str:
    return cut(value, _LONGEST) if value else "not given"


def _options(settings: FleetSettings) -> dict[str, str]:
    """Whatever changes the rows, by the option that sets it; options without a value are left out.

    An option has two values where the configuration file gives the audit another one.
    """
    plain = msgspec.to_builtins(settings)
    audit = plain["audit"] or {}
    values: dict[str, Any] = {"version of imgtar": __version__, "--do": plain["actions"]}
    values |= {_option(name): plain[name] for name in ("image", "platform", "allow_missing", "full")}
    for name in _FINDINGS:
        own, audited = plain["findings"][name], plain["audit_findings"][name]
        values |= {_option(name): own, f"{_option(name)} of the audit": None if audited == own else audited}
    values |= {_option(name): audit.get(name) for name in _AUDIT}
    values["--rules"] = "kingfisher" if audit.get("kingfisher") else None
    ignores = msgspec.json.encode(audit.get("ignores") or ())
    values["content of --ignore-file"] = hashlib.sha256(ignores).hexdigest() if audit.get("ignores") else None
    limits = {f"--limit {name}": limit for name, limit in plain["limits"].items()}
    return {option: _value(value) for option, value in (values | limits).items() if value not in (None, False, [], ())}


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _value(value: object) -> str:
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return "given" if value is True else f"{value}"
