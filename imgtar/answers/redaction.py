"""What an audit and a check may print: findings and steps without the secrets that the image stores."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence

import msgspec

from imgtar.answers.filters import Filtered
from imgtar.audit.secrets.redaction import redact_known, redact_text
from imgtar.contract.content import NamedStep
from imgtar.contract.inspect import FindingRow, InspectReport
from imgtar.findings import Finding
from imgtar.report.words.image import step_text, steps


def redacted_findings(filtered: Filtered, findings: Iterable[Finding]) -> Filtered:
    """The rows of `findings` without secrets of a known kind in their sentences.

    A sentence about a path is not redacted: the reader needs the path. It is redacted if it also quotes a file.
    """
    quoting = {finding.code for finding in findings if finding.kind.quotes_content}
    return Filtered(_rows(filtered.shown, quoting), _rows(filtered.hidden, quoting), filtered.by_rule)


def _rows(rows: Iterable[FindingRow], quoting: Container[str]) -> list[FindingRow]:
    return [
        row
        if row.where.path is not None and row.code not in quoting
        else msgspec.structs.replace(row, message=redact_known(row.message))
        for row in rows
    ]


def named_steps(document: InspectReport) -> list[NamedStep]:
    """The steps that made the layers which the findings name, image by image, base first; secrets are redacted."""
    named = _layers(document.findings)
    found: list[NamedStep] = []
    for index, image in enumerate(document.images):
        for step in steps(image):
            if step.layer is not None and (index, step.layer.index) in named:
                instruction, text = step_text(step, whole=False)
                line = redact_text(f"{instruction} {text}").removeprefix(instruction).strip()
                found.append(NamedStep(image=index, layer=step.layer.index, instruction=instruction, text=line))
    return sorted(found, key=lambda step: (step.image, step.layer))


def _layers(findings: Sequence[FindingRow]) -> set[tuple[int | None, int | None]]:
    places = [row.where for row in findings]
    return {(where.image, layer) for where in places for layer in (where.layer, where.removed_in)}
