"""The words that every text format shares: what an image is called, its steps, and how its layers add up."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from imgtar.contract.commands import AuditImage, AuditReport, CheckImage, CheckReport
from imgtar.contract.inspect import SEVERITIES, FindingRow, History, Image, InspectReport, Layer, Severity

SHORT_DIGITS = 12  # as the docker commands show digests
UNTAGGED = "untagged"  # what an image without a name is called

_SOURCE_DIGITS = re.compile(r"\b((?:file|dir|multi):[0-9a-f]{12})[0-9a-f]{52}\b")


class Step(msgspec.Struct, frozen=True):
    """One line of the Dockerfile, with the layer that it made (None: metadata only); at least one is there."""

    history: History | None
    layer: Layer | None


def steps(image: Image) -> list[Step]:
    """Every history row oldest first, then the layers that no row made."""
    layers = {layer.index: layer for layer in image.layers}
    made = [Step(row, None if row.layer is None else layers.pop(row.layer, None)) for row in image.history]
    return [*made, *(Step(None, layer) for layer in layers.values())]


def step_text(step: Step, *, whole: bool) -> tuple[str, str]:
    """Instruction and the rest of its line, both as stored: `("RUN", "set -eux; …")`.

    The instruction is empty where the row does not tell. Unless `whole`, the 64 digits that stand for a file in
    `COPY file:… in /x` are shortened to 12.
    """
    row = step.history
    if row is None:
        return "", "(no history)"
    line = row.text or row.created_by or ""
    if row.instruction and line.startswith(row.instruction):
        line = line[len(row.instruction) :].lstrip()
    if not line:
        line = f"({row.comment})" if row.comment else "" if row.instruction else "(nothing recorded)"
    return row.instruction or "", line if whole else _SOURCE_DIGITS.sub(r"\1", line)


def counted(count: int, noun: str, plural: str = "") -> str:
    """`1 layer`, `10 layers`; thousands are grouped."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def short(digest: str | None) -> str | None:
    """The 12 digits that docker shows for a digest or a v1 image ID."""
    return None if digest is None else digest.rpartition(":")[2][:SHORT_DIGITS]


def first_name(image: Image | AuditImage) -> str:
    """The image's first name as stored, for a place where its ID stands as well."""
    return image.names[0] if image.names else UNTAGGED


def image_name(image: Image | CheckImage) -> str:
    """What an image is called where nothing else tells which one it is: its first name, else its short ID."""
    return image.names[0] if image.names else short(image.id) or UNTAGGED


def platform_words(image: Image) -> str:
    """`linux/arm64/v8`, as far as it is known."""
    platform = image.platform
    return "/".join(part for part in (platform.os, platform.architecture, platform.variant) if part) or "no platform"


def created_words(created: str | None) -> str:
    """A stored time as `2026-11-24 03:22 UTC`; as it is stored where it is no time, empty where there is none."""
    from datetime import UTC, datetime

    if not created or created.startswith("0001-01-01T00:00:00"):  # Go's zero time stands for none
        return ""
    try:
        moment = datetime.fromisoformat(created)
        return created if moment.tzinfo is None else f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError):
        return created


def severity_counts(findings: Iterable[FindingRow]) -> dict[Severity, int]:
    """How many findings of each severity, the worst first; those listed by count only are counted in."""
    counts = dict.fromkeys(reversed(SEVERITIES), 0)
    for finding in findings:
        counts[finding.severity] += finding.count
    return {severity: count for severity, count in counts.items() if count}


def severity_words(document: InspectReport | AuditReport | CheckReport) -> str:
    """`1 high, 3 low (2 ignored)`; `none` where nothing is shown."""
    counts = ", ".join(f"{count:,} {severity}" for severity, count in severity_counts(document.findings).items())
    return f"{counts or 'none'}{f' ({document.ignored:,} ignored)' if document.ignored else ''}"


def percent(share: float) -> str:
    """`0.2 %`; a share that rounds to nothing is still shown as more than that."""
    return "<0.1 %" if 0 < share < 0.0005 else f"{share:.1%}".replace("%", " %")
