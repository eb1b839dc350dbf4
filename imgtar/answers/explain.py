"""What `explain` says about the code of a finding."""

from __future__ import annotations

from difflib import get_close_matches

from imgtar.answers.catalogue import kinds
from imgtar.contract.explain import ExplainContent
from imgtar.errors import UsageError

_LIKENESS = 0.6  # of 1, from which a code is taken for a misspelt one


def explain_content(code: str) -> ExplainContent:
    """The explanation of a code, a rule of the audit among them. Raises UsageError, with the nearest code, for others.

    The explanation does not depend on an archive: the place of a finding may lower its severity and change its effect.
    """
    kind = kinds().get(code)
    if kind is None:
        near = get_close_matches(code, kinds(), 1, _LIKENESS)
        remedy = f"did you mean {near[0]}?" if near else "docs/findings.md lists the codes"
        raise UsageError("usage.no-such-code", "no finding has this code", remedy)
    return ExplainContent(
        code=kind.code,
        severity=kind.severity.value,
        effect=kind.effect.value,
        meaning=kind.meaning,
        remedy=kind.remedy,
        references=kind.references,
    )
