"""The words that all text formats share: the name of an image, its steps, its layers, times and shares."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from imgtar.contract.envelope import SEVERITIES, FindingRow, Severity
from imgtar.contract.inspect import History, Image, ImageOutline, InspectReport, Layer, LayerPackages, Other
from imgtar.contract.judgements import AuditImage, AuditReport, CheckImage, CheckReport
from imgtar.text import escape, escape_stored, human_size

if TYPE_CHECKING:
    from imgtar.contract.shared import SharedImage

SHORT_DIGITS = 12  # as the docker commands show digests
UNTAGGED = "untagged"  # what an image without a name is called

_SOURCE_DIGITS = re.compile(r"\b((?:file|dir|multi):[0-9a-f]{12})[0-9a-f]{52}\b")


class BuildStep(msgspec.Struct, frozen=True):
    """One history row and the layer that it made.

    `history` is None for a layer without a row, `layer` for a row that is metadata only.
    """

    history: History | None
    layer: Layer | None


def steps(image: ImageOutline) -> list[BuildStep]:
    """Every history row, oldest first, then the layers without a row."""
    layers = {layer.index: layer for layer in image.layers}
    made = [BuildStep(row, None if row.layer is None else layers.pop(row.layer, None)) for row in image.history]
    return [*made, *(BuildStep(None, layer) for layer in layers.values())]


def split_steps(image: ImageOutline, layers: int) -> tuple[list[BuildStep], list[BuildStep]]:
    """The steps of the lowest `layers` layers, with those of metadata between them, and the other steps."""
    listed = steps(image)
    below = [step.layer is not None and step.layer.index < layers for step in listed]
    last = max((place for place, step in enumerate(listed) if below[place] and step.history is not None), default=-1)
    lower = [place for place, step in enumerate(listed) if below[place] or (step.layer is None and place < last)]
    known = set(lower)
    return [listed[place] for place in lower], [step for place, step in enumerate(listed) if place not in known]


def step_text(step: BuildStep, *, whole: bool) -> tuple[str, str]:
    """Instruction and the rest of its line, both as stored: `("RUN", "set -eux; …")`.

    The instruction is empty where the row has none. Unless `whole`, the 64 digits that stand for a file in
    `COPY file:… in /x` are cut to 12.
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
    """The image's first name as stored, for a place that shows its ID too."""
    return image.names[0] if image.names else UNTAGGED


def image_name(image: Image | CheckImage) -> str:
    """The name of an image where its ID does not stand beside it: its first name, else its short ID."""
    return image.names[0] if image.names else short(image.id) or UNTAGGED


def platform_words(image: ImageOutline | SharedImage) -> str:
    """`linux/arm64/v8`, the parts that are known."""
    platform = image.platform
    return "/".join(part for part in (platform.os, platform.architecture, platform.variant) if part) or "no platform"


_CONTENT = (
    ("application/vnd.dev.cosign.simplesigning", "cosign signature"),
    ("application/vnd.dev.cosign.", "cosign artifact"),
    ("application/vnd.dev.sigstore.bundle", "sigstore bundle"),
    ("application/vnd.dsse.envelope", "signed attestation (DSSE)"),
    ("application/vnd.docker.distribution.manifest.v1+", "docker schema 1 manifest"),
    ("application/vnd.cncf.helm.", "Helm chart"),
    ("application/spdx", "SBOM (SPDX)"),
    ("application/vnd.cyclonedx", "SBOM (CycloneDX)"),
    ("application/vnd.buildkit.cacheconfig", "BuildKit cache"),
    ("application/vnd.wasm.", "WebAssembly module"),
)


def content_words(other: Other) -> str:
    """What content other than an image is, where its type is well known; else empty."""
    for kind in (other.artifact_type, other.media_type):
        for start, words in _CONTENT:
            if kind is not None and kind.startswith(start):
                return words
    return ""


def layer_problem(layer: Layer, *, ascii_only: bool = False) -> str:
    """What of a layer was not read, escaped; empty where all of it was."""
    if not layer.present:
        if link := layer.stored.get("link"):
            b64 = layer.stored.get("link_b64")
            return f"a link to {escape_stored(str(link), None if b64 is None else str(b64), ascii_only=ascii_only)}"
        size = "" if layer.blob_size is None else f" ({human_size(layer.blob_size)})"
        return f"not in the archive{size}"
    if layer.content_size is None:
        return f"not readable: {escape(layer.media_type or 'unknown media type', ascii_only=ascii_only)}"
    if layer.complete is False:
        place = "cut" if layer.stopped_at is None else f"cut at byte {layer.stopped_at:,}"
        return f"{place}: {counted(layer.entry_count or 0, 'entry', 'entries')} read"
    return ""


def packages_words(packages: LayerPackages | None, *, ascii_only: bool = False) -> str:
    """What a layer does to packages: `+12 packages, 2 upgraded: gawk 2.9 MB, …; 1 removed`; empty where nothing."""
    if packages is None:
        return ""
    named = [
        escape(one.name, ascii_only=ascii_only) + (f" {human_size(one.installed_size)}" if one.installed_size else "")
        for one in packages.largest
    ]
    if packages.installed + packages.upgraded > len(named):
        named.append("..." if ascii_only else "…")
    counts = [f"+{counted(packages.installed, 'package')}"] if packages.installed else []
    counts += [f"{packages.upgraded:,} upgraded"] if packages.upgraded else []
    brought = f"{', '.join(counts)}: {', '.join(named)}" if counts else ""
    removed = f"{packages.removed:,} removed" if packages.removed else ""
    return "; ".join(filter(None, (brought, removed)))


def removal_words(rmi: Sequence[str]) -> str:
    """What docker rmi prints: `11 "Deleted:" lines after 1 "Untagged:"`."""
    untagged = sum(line.startswith("Untagged: ") for line in rmi)
    deleted = counted(len(rmi) - untagged, '"Deleted:" line')
    return f'{deleted} after {untagged:,} "Untagged:"' if untagged else deleted


def unread_words(image: Image) -> str:
    """The layers whose waste nobody knows: `1 of 3 layers was not read completely`; empty where all were read."""
    unread = sum(not layer.complete for layer in image.layers)
    if not unread:
        return ""
    verb = "was" if unread == 1 else "were"
    return f"{unread:,} of {counted(len(image.layers), 'layer')} {verb} not read completely"


def least_words(image: Image) -> str:
    """What stands before the sizes of an image of which a layer was not read to its end: `at least `, or nothing."""
    return "at least " if unread_words(image) else ""


def final_words(image: Image) -> str:
    """`1.51 MB: 88 files, 38 directories, 64 symlinks` of the final filesystem, and whether that is all of it."""
    totals = image.totals
    parts = (
        counted(totals.files, "file"),
        counted(totals.directories, "directory", "directories"),
        counted(totals.symlinks, "symlink"),
    )
    read = "as far as it was read, " if unread_words(image) else ""
    return f"{read}{human_size(totals.final_bytes)}: {', '.join(parts)}"


def sizes_words(image: Image, *, blobs: bool) -> str:
    """What the sizes of the layers are, and how they differ from the bytes in the archive; `blobs`: these are shown."""
    meaning = "SIZE is file contents, as in docker history"
    if not all(layer.present and layer.blob_size is not None for layer in image.layers):
        return f"{meaning}; BLOB is the layer as stored" if blobs else meaning
    stored = human_size(image.totals.blob_size)
    if blobs:
        return f"{meaning}; BLOB is the layer as stored, {stored} in all"
    return f"{meaning}; the layers as stored take {stored}"


def created_words(created: str | None) -> str:
    """A stored time as `2026-11-24 03:22 UTC`; a text that is not a time stays as stored; empty without a time."""
    from datetime import UTC, datetime

    if not created or created.startswith("0001-01-01T00:00:00"):  # Go's zero time means no time
        return ""
    try:
        moment = datetime.fromisoformat(created)
        return created if moment.tzinfo is None else f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError):
        return created


def severity_counts(findings: Iterable[FindingRow]) -> dict[Severity, int]:
    """The number of findings of each severity, worst first, with those that one row counts."""
    counts = dict.fromkeys(reversed(SEVERITIES), 0)
    for finding in findings:
        counts[finding.severity] += finding.count
    return {severity: count for severity, count in counts.items() if count}


def severity_words(document: InspectReport | AuditReport | CheckReport) -> str:
    """`1 high, 3 low (2 ignored)`; `none` where nothing is shown."""
    counts = ", ".join(f"{count:,} {severity}" for severity, count in severity_counts(document.findings).items())
    return f"{counts or 'none'}{f' ({document.ignored:,} ignored)' if document.ignored else ''}"


def percent(share: float) -> str:
    """`0.2 %`; a share above 0 never reads `0.0 %`."""
    return "<0.1 %" if 0 < share < 0.0005 else f"{share:.1%}".replace("%", " %")
