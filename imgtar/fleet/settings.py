"""What a run over many archives asks of each of them, and how far it reads."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import msgspec

from imgtar.answers.filters import Filter
from imgtar.cache.row_store import DEFAULT_SIZE
from imgtar.contract.fleet import Action
from imgtar.errors import UsageError
from imgtar.limits import DEFAULT, Limits

if TYPE_CHECKING:  # the rules of the audit are loaded where it is asked for
    from imgtar.answers.audit import AuditSettings

_CACHED = {"inspect", "verify"}  # actions that take the scans of layers from the cache; the others look into files


class FindingChoice(msgspec.Struct, frozen=True, kw_only=True):
    """Which findings a document shows and which fail the archive: the options of these names."""

    min_severity: str | None = None
    fail_on: str | None = None
    ignore: tuple[str, ...] = ()
    ignore_path: tuple[str, ...] = ()

    def filter(self) -> Filter:
        """The filter of these options. Raises BadGlob."""
        return Filter.of(self.min_severity, self.ignore, self.ignore_path)


class FleetSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of each archive. `timeout` is in seconds for one archive; `jobs` of its layers are read at once.

    `memory` is what a process may use, in bytes of address space; only engines that start processes set it.
    `full`: the document of `inspect` has its long lists. `audit` and `audit_findings` are for the action of that name,
    `findings` for `inspect` and `verify`. The folder `cache` keeps scans of layers, in at most `cache_size` bytes.
    """

    actions: tuple[Action, ...] = ("inspect",)
    limits: Limits = DEFAULT
    timeout: float | None = None
    memory: int | None = None
    jobs: int = 1
    image: str | None = None
    platform: str | None = None
    allow_missing: bool = False
    full: bool = False
    findings: FindingChoice = FindingChoice()
    audit: AuditSettings | None = None
    audit_findings: FindingChoice = FindingChoice()
    cache: str | None = None
    cache_size: int = DEFAULT_SIZE

    @property
    def uses_cache(self) -> bool:
        """Does an action take the scans of layers from the cache?"""
        return self.cache is not None and not _CACHED.isdisjoint(self.actions)

    def judged_on(self, day: date) -> FleetSettings:
        """These settings with another day for the audit."""
        if self.audit is None:
            return self
        return msgspec.structs.replace(self, audit=msgspec.structs.replace(self.audit, judged_on=day))


class Shard(msgspec.Struct, frozen=True):
    """One of `count` runs that share a fleet without a word to each other; `number` counts from 1."""

    number: int = 1
    count: int = 1

    @classmethod
    def parsed(cls, text: str) -> Shard:
        """The shard of `i/n`. Raises UsageError."""
        number, slash, count = text.partition("/")
        if not (slash and number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
            raise UsageError("usage.shard", f"--shard {text}: not i/n, with i from 1 to n", "give --shard 1/8")
        return cls(int(number), int(count))

    def takes(self, slot: int) -> bool:
        """Does this run take what is in the slot? Each slot has exactly one run."""
        return slot % self.count == self.number - 1
