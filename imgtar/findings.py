"""Problems as values: what is odd, damaged or truncated, with its place and its typed arguments.

A `Kind` describes a class of findings once: code, severity, the usual effect and the words. Each floor declares
the kinds that it raises in its `problems.py`; `imgtar.answers.catalogue` joins them. The sentence of a finding is
made by `imgtar.answers.finding_rows`, never here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

import msgspec

from imgtar.severity import Severity as Severity


class Effect(StrEnum):
    """What a finding means for the report's completeness and for the exit code."""

    NONE = "none"
    INCONSISTENT = "inconsistent"
    INCOMPLETE = "incomplete"
    LIMIT = "limit"


Argument = str | bytes | int | float | None


class Where(msgspec.Struct, frozen=True, kw_only=True):
    """The place of a finding. Names and paths are the raw bytes of the image; a path has no leading slash.

    `removed_in` is the later layer that deletes or overwrites what `layer` has at `path`.
    """

    image: int | None = None
    layer: int | None = None
    member: bytes | None = None
    path: bytes | None = None
    offset: int | None = None
    removed_in: int | None = None


NOWHERE = Where()


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """A class of findings.

    `sentence` is a `str.format` template over the arguments (a bytes argument is escaped when it is filled in),
    `meaning` says what the code stands for and `remedy` what to do about it (empty: nothing). `per_image`: what is
    harmless and comes with every file of a layer is reported once for an image; the argument `more` counts the rest.
    `is_group`: each finding counts what it stands for in one layer, and its sentence says so.
    """

    code: str
    severity: Severity
    effect: Effect = Effect.NONE
    sentence: str
    meaning: str
    remedy: str = ""
    references: tuple[str, ...] = ()
    per_image: bool = False
    is_group: bool = False

    def at_most(self, severity: Severity) -> Kind:
        """The kind with this severity where its own is worse: the place of a finding may lower it."""
        return self if self.severity.rank <= severity.rank else msgspec.structs.replace(self, severity=severity)

    def at(self, where: Where = NOWHERE, /, effect: Effect | None = None, **arguments: Argument) -> Finding:
        """A finding of this kind at `where`; `effect` differs from the kind's where the place makes it differ."""
        return Finding(kind=self, effect=self.effect if effect is None else effect, where=where, arguments=arguments)


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One problem. `count` is above 1 where it represents several of its kind that are not listed."""

    kind: Kind
    effect: Effect
    where: Where
    arguments: dict[str, Argument]
    count: int = 1

    @property
    def code(self) -> str:
        return self.kind.code

    def counted(self, count: int) -> Finding:
        """The same finding for `count` of its kind."""
        return msgspec.structs.replace(self, count=count)

    def within(self, *, image: int | None = None, layer: int | None = None, member: bytes | None = None) -> Finding:
        """The same finding with the parts of its place filled in that only the caller knows."""
        where = msgspec.structs.replace(
            self.where,
            image=self.where.image if image is None else image,
            layer=self.where.layer if layer is None else layer,
            member=self.where.member if member is None else member,
        )
        return msgspec.structs.replace(self, where=where)


def once_per_image(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings of one image; of a kind that is reported once per image the first, which counts the others."""
    first: dict[str, Finding] = {}
    counts: dict[str, int] = {}
    for finding in findings:
        if finding.kind.per_image:
            first.setdefault(finding.code, finding)
            counts[finding.code] = counts.get(finding.code, 0) + finding.count
        else:
            yield finding
    for code, finding in first.items():
        rest = counts[code] - 1
        more = f", and so {'is' if rest == 1 else 'are'} {rest} more of the image" if rest else ""
        yield msgspec.structs.replace(finding, count=1, arguments={**finding.arguments, "more": more})


LISTED_PER_CODE = 100


class FindingLog:
    """Collects the findings of one scope (a layer, an archive): the first 100 of each code and severity, the rest as a
    count.

    So a layer with a million odd names costs no more memory than one with a hundred.
    """

    def __init__(self, findings: Iterable[Finding] = ()) -> None:
        self._listed: list[Finding] = []
        self._counts: dict[tuple[str, Severity, Effect], int] = {}
        self._last: dict[tuple[str, Severity, Effect], Finding] = {}
        self.extend(findings)

    def add(self, finding: Finding) -> None:
        if finding.kind.is_group:
            self._listed.append(finding)
            return
        key = (finding.kind.code, finding.kind.severity, finding.effect)
        listed = self._counts.get(key, 0)
        self._counts[key] = listed + finding.count
        if listed < LISTED_PER_CODE:
            self._listed.append(finding)
        else:
            self._last[key] = finding

    def extend(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self.add(finding)

    def __iter__(self) -> Iterator[Finding]:
        yield from self._listed
        for key, finding in self._last.items():
            place = Where(image=finding.where.image, layer=finding.where.layer, member=finding.where.member)
            unlisted = self._counts[key] - LISTED_PER_CODE
            yield msgspec.structs.replace(finding, where=place, count=unlisted)

    def has(self, effect: Effect) -> bool:
        """Is there a finding with this effect?"""
        return any(counted is effect for _, _, counted in self._counts)
