"""Problems as values: what is odd, damaged or truncated, with its place and its typed arguments.

A `Kind` describes a class of findings once: code, severity, the usual effect and the words. A room that reads declares
its kinds in `problems.py`, a rule of the audit beside its code; `imgtar.answers.catalogue` joins all of them. The
sentence of a finding is made by `imgtar.answers.finding_rows`, never here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Literal, Protocol

import msgspec

from imgtar.severity import Severity as Severity


class Effect(StrEnum):
    """What a finding means for the report's completeness and for the exit code."""

    NONE = "none"
    INCONSISTENT = "inconsistent"
    INCOMPLETE = "incomplete"
    LIMIT = "limit"


Input = Literal["a", "b"]
Argument = str | bytes | int | float | None


class Where(msgspec.Struct, frozen=True, kw_only=True):
    """The place of a finding. Names and paths are the raw bytes of the image; a path has no leading slash.

    `removed_in` is the later layer that deletes or overwrites what `layer` has at `path`. `input` is the operand, where
    a command compares two archives. `decompressed`: the archive is compressed as a whole, and `offset` counts the bytes
    that come out.
    """

    input: Input | None = None
    image: int | None = None
    layer: int | None = None
    member: bytes | None = None
    path: bytes | None = None
    offset: int | None = None
    removed_in: int | None = None
    decompressed: bool = False


NOWHERE = Where()


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """A class of findings.

    `sentence` is a `str.format` template over the arguments (a bytes argument is escaped when it is filled in),
    `meaning` says what the code stands for and `remedy` what to do about it (empty: nothing). `per_image`: what is
    harmless and comes with every file of a layer is reported once for an image; the argument `more` counts the rest.
    `is_group`: each finding counts what it stands for in one layer, and its sentence says so.
    `always_listed`: each finding is listed, however many there are.
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
    always_listed: bool = False

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

    def of_input(self, operand: Input) -> Finding:
        """The same finding, about the archive that is this operand."""
        return msgspec.structs.replace(self, where=msgspec.structs.replace(self.where, input=operand))

    def within(self, *, image: int | None = None, layer: int | None = None, member: bytes | None = None) -> Finding:
        """The same finding with the parts of its place filled in that only the caller knows."""
        where = msgspec.structs.replace(
            self.where,
            image=self.where.image if image is None else image,
            layer=self.where.layer if layer is None else layer,
            member=self.where.member if member is None else member,
        )
        return msgspec.structs.replace(self, where=where)


LISTED_PER_CODE = 100
# Code, severity, effect, layer, and the number of the rule that leaves the findings out.
_Scope = tuple[str, Severity, Effect, int | None, int | None]


class Ignores(Protocol):
    """The rules by which a user leaves out findings."""

    def taking(self, finding: Finding, /) -> int | None:
        """The number of the first rule that leaves out the finding; None where it is shown."""


class FindingLog:
    """Collects findings: of each layer the first 100 of a code, severity and effect, and the others as a count.

    So a layer with a million odd names costs no more memory than one with a hundred. What a rule of `ignores` takes is
    limited apart, so ignored findings displace no others. Of a kind that is `always_listed` all are listed.
    """

    def __init__(self, findings: Iterable[Finding] = (), *, ignores: Ignores | None = None) -> None:
        self._ignores = ignores
        self._findings: list[Finding] = []
        self._listed: dict[_Scope, int] = {}
        self._unlisted: dict[_Scope, int] = {}
        self._last: dict[_Scope, Finding] = {}
        self.extend(findings)

    def add(self, finding: Finding) -> None:
        kind = finding.kind
        rule = None if self._ignores is None else self._ignores.taking(finding)
        scope = (kind.code, kind.severity, finding.effect, finding.where.layer, rule)
        listed = self._listed.get(scope, 0)
        if listed < LISTED_PER_CODE or (kind.always_listed and rule is None):
            self._listed[scope] = listed + 1
            self._findings.append(finding)
        else:
            self._unlisted[scope] = self._unlisted.get(scope, 0) + finding.count
            self._last[scope] = finding

    def extend(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self.add(finding)

    def __iter__(self) -> Iterator[Finding]:
        yield from self._findings
        for scope, finding in self._last.items():
            where = finding.where
            *_, rule = scope
            if rule is None:
                where = Where(image=where.image, layer=where.layer, member=where.member)
            # With its path an ignored finding is ignored again, and all that it stands for.
            yield msgspec.structs.replace(finding, where=where, count=self._unlisted[scope])

    def has(self, effect: Effect) -> bool:
        """Is there a finding with this effect?"""
        return any(listed is effect for _, _, listed, _, _ in self._listed)
