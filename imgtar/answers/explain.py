"""What `explain` says about the code of a finding."""

from __future__ import annotations

from difflib import get_close_matches

from imgtar.answers.catalogue import kinds
from imgtar.contract.explain import ExplainContent, Explanation
from imgtar.errors import UsageError
from imgtar.findings import Kind

_LIKENESS = 0.6  # of 1, from which a code is taken for a misspelt one


def explain_content(code: str | None) -> ExplainContent:
    """The explanation of a code, a rule of the audit among them; of all codes where none is given.

    It does not depend on an archive: the place of a finding may lower its severity and change its effect. Raises
    UsageError, with the nearest code, for another code.
    """
    if code is None:
        return ExplainContent(explanations=tuple(map(_explanation, kinds().values())), lists=True)
    kind = kinds().get(code)
    if kind is None:
        near = get_close_matches(code, kinds(), 1, _LIKENESS)
        remedy = f"did you mean {near[0]}?" if near else "imgtar explain lists the codes"
        raise UsageError("usage.no-such-code", "no finding has this code", remedy)
    return ExplainContent(explanations=(_explanation(kind),), lists=False)


def _explanation(kind: Kind) -> Explanation:
    return Explanation(
        code=kind.code,
        severity=kind.severity.value,
        effect=kind.effect.value,
        meaning=kind.meaning,
        remedy=kind.remedy,
        references=kind.references,
    )
