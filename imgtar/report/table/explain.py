"""The text of `explain`: the code of a finding, what it means and what to do."""

from __future__ import annotations

from collections.abc import Iterator

from imgtar.contract.content import TextSettings
from imgtar.contract.explain import ExplainContent
from imgtar.report.table.drawing import SEVERITY_STYLES, encoded, paint, wrapped

_EFFECTS = {
    "none": "The exit code changes only with --fail-on.",
    "inconsistent": "Two statements in the archive disagree: the exit code is 4.",
    "incomplete": "Something was not read: the exit code is 4.",
    "limit": "A limit stopped the reading: the exit code is 5.",
}


def explain(content: ExplainContent, settings: TextSettings) -> Iterator[bytes]:
    """The explanation, for a person at a terminal."""
    return encoded(_lines(content, settings), settings)


def _lines(content: ExplainContent, settings: TextSettings) -> Iterator[str]:
    severity = paint(content.severity, SEVERITY_STYLES[content.severity], settings)
    references = paint(", ".join(content.references), "dim", settings)
    yield f"{paint(content.code, 'bold', settings)}  {severity}  {references}".rstrip()
    for text in (content.meaning, _EFFECTS[content.effect], f"What to do: {content.remedy or 'nothing.'}"):
        yield ""
        yield from wrapped(text.split(" "), settings, 2)
