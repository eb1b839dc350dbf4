"""What every page has around its report: title, policy, the band of a damaged archive, the foot."""

from __future__ import annotations

import shlex

from imgtar.contract.inspect import FindingRow, InspectReport
from imgtar.report.html.page import Assets
from imgtar.report.html_text import Escaped, sentence
from imgtar.report.words.condition import condition, source_name
from imgtar.text import cut_middle

NAME = 200  # characters of a name
_CAUSES = 5


def frame(document: InspectReport, assets: Assets, title: Escaped | None, command: str) -> dict[str, object]:
    """The values of `frame.html.j2`; without a title the archive's name is it."""
    state = condition(document)
    archive = Escaped(cut_middle(source_name(document.source), NAME))
    return {
        "document": document,
        "title": archive if title is None else title,
        "archive": archive,
        "condition": state,
        "causes": [_cause(cause) for cause in state.causes[:_CAUSES]],
        "command": Escaped(f"imgtar {command} {shlex.quote(source_name(document.source))} -o html=report.html"),
        "policy": assets.policy,
        "style": assets.markup(assets.style),
    }


def _cause(finding: FindingRow) -> Escaped:
    where = "" if finding.where.layer is None else f"layer {finding.where.layer}: "
    return Escaped(f"{where}{sentence(finding.message)}")
