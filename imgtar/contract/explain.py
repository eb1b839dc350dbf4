"""What `explain` prints, as a value; it has no JSON document."""

from __future__ import annotations

import msgspec

from imgtar.contract.envelope import Effect, Severity


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """What a code of a finding means; an empty `remedy`: there is nothing to do."""

    code: str
    severity: Severity
    effect: Effect
    meaning: str
    remedy: str
    references: tuple[str, ...]


class ExplainContent(msgspec.Struct, frozen=True, kw_only=True):
    """The explanation that was asked for, or with `lists` those of all codes, in the order of the codes."""

    explanations: tuple[Explanation, ...]
    lists: bool
