"""The text of `explain`: the code of a finding, what it means and what to do; or a line for each code."""

from __future__ import annotations

from collections.abc import Iterator

from imgtar.contract.content import TextSettings
from imgtar.contract.explain import ExplainContent, Explanation
from imgtar.report.table.drawing import SEVERITY_STYLES, Cell, Column, draw, encoded, paint, wrapped

_EFFECTS = {
    "none": "The exit code changes only with --fail-on.",
    "inconsistent": "Two statements in the archive disagree: the exit code is 4.",
    "incomplete": "Something was not read: the exit code is 4.",
    "limit": "A limit stopped the reading: the exit code is 5.",
}


def explain(content: ExplainContent, settings: TextSettings) -> Iterator[bytes]:
    """The explanation, or the list, for a person at a terminal."""
    lines = _list(content, settings) if content.lists else _lines(content.explanations[0], settings)
    return encoded(lines, settings)


def _list(content: ExplainContent, settings: TextSettings) -> Iterator[str]:
    columns = [Column("CODE"), Column("SEVERITY"), Column("MEANING", shrink="end")]
    rows = [
        [Cell(one.code, "bold"), Cell(one.severity, SEVERITY_STYLES[one.severity]), Cell(one.meaning)]
        for one in content.explanations
    ]
    yield from draw(columns, rows, settings)


def _lines(explanation: Explanation, settings: TextSettings) -> Iterator[str]:
    severity = paint(explanation.severity, SEVERITY_STYLES[explanation.severity], settings)
    references = paint(", ".join(explanation.references), "dim", settings)
    yield f"{paint(explanation.code, 'bold', settings)}  {severity}  {references}".rstrip()
    remedy = f"What to do: {explanation.remedy or 'nothing.'}"
    for text in (explanation.meaning, _EFFECTS[explanation.effect], remedy):
        yield ""
        yield from wrapped(text.split(" "), settings, 2)
