"""The steps behind the layers that findings name: which line brought it, which removed it. Secrets are redacted."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from imgtar.audit.secrets.redaction import redact_text
from imgtar.contract.inspect import FindingRow, InspectReport
from imgtar.report.words.image import step_text, steps


class NamedStep(msgspec.Struct, frozen=True, kw_only=True):
    """The step that made a layer; its text is as stored, but for secrets."""

    image: int
    layer: int
    instruction: str
    text: str


def named_steps(document: InspectReport) -> list[NamedStep]:
    """The steps of all layers that the findings of the document name, image by image, base first."""
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
