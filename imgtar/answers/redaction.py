"""What an audit and a check may print: findings and steps without the secrets that the image stores."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from imgtar.answers.filters import Filtered
from imgtar.audit.secrets.redaction import redact_known, redact_path, redact_reference, redact_text
from imgtar.contract.base import Base
from imgtar.contract.content import NamedStep
from imgtar.contract.envelope import FindingRow, Place
from imgtar.contract.inspect import InspectReport
from imgtar.findings import Finding
from imgtar.report.words.image import step_text, steps


def without_secrets(finding: Finding) -> Finding:
    """The finding as it may be printed: what it quotes of the image has no secret in full."""
    arguments = {
        name: _redacted(value) if isinstance(value, (str, bytes)) else value
        for name, value in finding.arguments.items()
    }
    return replace(finding, arguments=arguments)


@lru_cache(maxsize=1024)  # most arguments are words of a rule, which come again
def _redacted(text: str | bytes) -> str:
    return redact_text(text) if isinstance(text, str) else redact_path(text.decode("utf-8", "surrogateescape"))


def redacted_findings(filtered: Filtered) -> Filtered:
    """The rows without secrets in their sentences and paths."""
    return Filtered(_rows(filtered.shown), _rows(filtered.hidden), filtered.by_rule)


def redacted_report(report: InspectReport) -> InspectReport:
    """The report without secrets in what heads its images: names, base, platform, author and time."""
    images = [
        replace(
            image,
            names=[redact_reference(name) for name in image.names],
            base=_redacted_base(image.base),
            platform=replace(image.platform, **_shown(image.platform)),
            **_shown(image, "created", "author"),
        )
        for image in report.images
    ]
    return replace(report, images=images)


def _redacted_base(base: Base | None) -> Base | None:
    """The base image without secrets in its name and digest."""
    return None if base is None else replace(base, **_shown(base, "name", "digest"))


def _shown(value: Struct, *names: str) -> dict[str, str]:
    """The texts of these fields, of all without names, as they may be printed."""
    texts = ((name, getattr(value, name)) for name in names or value.__struct_fields__)
    return {name: redact_text(text) for name, text in texts if isinstance(text, str)}


def redacted_path(path: str | None, path_b64: str | None) -> tuple[str | None, str | None]:
    """A path, or the name of a member, and its bytes in base64 without secrets.

    What has a secret has no bytes.
    """
    shown = None if path is None else redact_path(path)
    return shown, path_b64 if shown == path else None


def _rows(rows: Iterable[FindingRow]) -> list[FindingRow]:
    return [replace(row, message=redact_known(row.message), where=_place(row.where)) for row in rows]


def _place(where: Place) -> Place:
    path, path_b64 = redacted_path(where.path, where.path_b64)
    member, member_b64 = redacted_path(where.member, where.member_b64)
    if (path, member) == (where.path, where.member):
        return where
    return replace(where, path=path, path_b64=path_b64, member=member, member_b64=member_b64)


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
