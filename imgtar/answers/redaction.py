"""What an audit and a check may print: findings and steps without the secrets that the image stores."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from imgtar.answers.filters import Filtered
from imgtar.audit.secrets.redaction import redact_known, redact_path, redact_reference, redact_text
from imgtar.contract.base import Base
from imgtar.contract.content import NamedStep
from imgtar.contract.envelope import FindingRow, Place
from imgtar.contract.inspect import Advice, Image, InspectReport, Layer, WasteGroup, WasteRow
from imgtar.contract.packages import PackageRow
from imgtar.contract.report import PackageSummary
from imgtar.findings import Finding
from imgtar.report.words.image import BuildStep, step_text, steps

_Waste = TypeVar("_Waste", WasteRow, WasteGroup, Advice)


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
    found = (
        _redacted_step(index, step, step.layer.index)
        for index, image in enumerate(document.images)
        for step in steps(image)
        if step.layer is not None and (index, step.layer.index) in named
    )
    return sorted(found, key=lambda step: (step.image, step.layer))


def layer_steps(number: int, image: Image) -> list[NamedStep]:
    """The step of each layer of image `number`, base first; secrets are redacted."""
    found = (_redacted_step(number, step, step.layer.index) for step in steps(image) if step.layer is not None)
    return sorted(found, key=lambda step: step.layer)


def _redacted_step(image: int, step: BuildStep, layer: int) -> NamedStep:
    instruction, text = step_text(step, whole=False)
    line = redact_text(f"{instruction} {text}").removeprefix(instruction).strip()
    return NamedStep(image=image, layer=layer, instruction=instruction, text=line)


def redacted_layer(layer: Layer) -> Layer:
    """The layer without secrets in what its documents and its members are called."""
    stored = dict(layer.stored)
    for name in ("member", "link"):
        if name in stored:
            shown, b64 = redacted_path(stored[name], stored.pop(f"{name}_b64", None))
            stored |= {name: shown} if b64 is None else {name: shown, f"{name}_b64": b64}
    return replace(layer, stored=stored, **_shown(layer, "created_by", "media_type"))


def redacted_waste(rows: Iterable[_Waste]) -> list[_Waste]:
    """Rows about waste without secrets in their paths."""
    found = []
    for row in rows:
        path, path_b64 = redacted_path(row.path, row.path_b64)
        found.append(replace(row, path=path, path_b64=path_b64))
    return found


def redacted_advice(rows: Iterable[Advice]) -> list[Advice]:
    """Advice without secrets in its sentences and paths."""
    return [
        replace(row, message=redact_known(row.message), remedy=redact_known(row.remedy)) for row in redacted_waste(rows)
    ]


def redacted_packages(summary: PackageSummary) -> PackageSummary:
    """The packages without secrets in what their databases say."""
    return replace(
        summary,
        os=None if summary.os is None else replace(summary.os, **_shown(summary.os)),
        coverage=[replace(row, database=redacted_path(row.database, None)[0]) for row in summary.coverage],
        largest=[_redacted_package(row) for row in summary.largest],
    )


def _redacted_package(row: PackageRow) -> PackageRow:
    location, location_b64 = redacted_path(row.location, row.location_b64)
    texts = _shown(row, "name", "version", "arch", "source", "license", "purl", "upgraded_from", "owner")
    return replace(row, location=location, location_b64=location_b64, **texts)


def _layers(findings: Sequence[FindingRow]) -> set[tuple[int | None, int | None]]:
    places = [row.where for row in findings]
    return {(where.image, layer) for where in places for layer in (where.layer, where.removed_in)}
