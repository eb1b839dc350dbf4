"""How whole and how sound an archive is, in words: what every format says before anything else."""

from __future__ import annotations

import msgspec

from imgtar.contract.inspect import Envelope, FindingRow, InspectReport, Source
from imgtar.text import escape_stored


class Condition(msgspec.Struct, frozen=True):
    """`title` in a few words, `text` one sentence; `damaged` where the numbers below are not to be relied on.

    `causes` are the findings that make it so, worst first.
    """

    damaged: bool
    title: str
    text: str
    causes: tuple[FindingRow, ...] = ()


def condition(document: InspectReport) -> Condition:
    """The condition of what the report tells of."""
    causes = tuple(finding for finding in document.findings if finding.effect != "none")
    effects = {finding.effect for finding in causes}
    if not document.complete:  # its causes may be hidden from the findings
        if "limit" in effects and "incomplete" not in effects:
            text = "Reading stopped at a limit; what follows is what was read until then."
            return Condition(True, "Stopped by a limit", text, causes)
        text = "Not everything could be read; what follows is what was."
        return Condition(True, "Incomplete", text, causes)
    if document.integrity == "failed":
        text = "The archive contradicts itself; what follows may not be what an engine would run."
        return Condition(True, "Inconsistent", text, causes)
    return Condition(False, *_whole(document))


def _whole(document: Envelope) -> tuple[str, str]:
    if document.integrity == "verified":
        return "Complete and verified", "Everything was read, and every digest was recomputed."
    return "Complete", "Everything was read; digests were not recomputed (--verify does)."


def source_name(source: Source) -> str:
    """The name of the archive, escaped."""
    return escape_stored(source.path, None if source.path_b64 is msgspec.UNSET else source.path_b64)


def located_message(finding: FindingRow) -> str:
    """The finding's sentence behind its layer: `layer 3: …`; escaped."""
    layer = finding.where.layer
    return finding.message if layer is None else f"layer {layer}: {finding.message}"


def place(finding: FindingRow, *, several_images: bool) -> str:
    """Where a finding is, escaped: `image @1, layer 3, /etc/passwd`; empty for the archive as a whole."""
    where = finding.where
    parts = [f"image @{where.image}"] if several_images and where.image is not None else []
    if where.layer is not None:
        parts.append(f"layer {where.layer}")
    if where.path is not None:
        parts.append(escape_stored(where.path, where.path_b64))
    elif where.member is not None:
        parts.append(escape_stored(where.member, where.member_b64))
    if where.offset is not None:
        parts.append(f"byte {where.offset:,}")
    return ", ".join(parts)
