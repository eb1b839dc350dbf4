"""Whether an archive is whole and sound, in words; every format says it first."""

from __future__ import annotations

import msgspec

from imgtar.contract.commands import DuReport, FindReport
from imgtar.contract.duplicates import DuplicatesReport
from imgtar.contract.inspect import Envelope, FindingRow, InspectReport, Source
from imgtar.text import escape_stored


class Condition(msgspec.Struct, frozen=True):
    """`title` in a few words, `text` in one sentence; `damaged` where the report's numbers may be wrong.

    `causes` are the findings that make the archive damaged, worst first.
    """

    damaged: bool
    title: str
    text: str
    causes: tuple[FindingRow, ...] = ()


def condition(document: InspectReport | DuReport | FindReport | DuplicatesReport) -> Condition:
    """The condition of the archive that the report is about."""
    causes = tuple(finding for finding in document.findings if finding.effect != "none")
    effects = {finding.effect for finding in causes}
    if not document.complete:  # a filter may hide the causes
        if "limit" in effects and "incomplete" not in effects:
            text = "Reading stopped at a limit; the report covers what was read before."
            return Condition(True, "Stopped by a limit", text, causes)
        text = "Some parts could not be read; the report covers the others."
        return Condition(True, "Incomplete", text, causes)
    if document.integrity == "failed":
        text = "The archive contradicts itself; an engine may run something other than what the report shows."
        return Condition(True, "Inconsistent", text, causes)
    return Condition(False, *_whole(document))


def _whole(document: Envelope) -> tuple[str, str]:
    if document.integrity == "verified":
        return "Complete and verified", "Everything was read, and every digest was recomputed."
    return "Complete", "Everything was read; digests were not recomputed (imgtar verify recomputes them)."


def source_name(source: Source) -> str:
    """The name of the archive, escaped."""
    return escape_stored(source.path, None if source.path_b64 is msgspec.UNSET else source.path_b64)


def located_message(finding: FindingRow) -> str:
    """The finding's sentence with its layer in front, `layer 3: …`; escaped."""
    layer = finding.where.layer
    return finding.message if layer is None else f"layer {layer}: {finding.message}"


def place(finding: FindingRow, *, several_images: bool) -> str:
    """The place of a finding, escaped: `image @1, layer 3, /etc/passwd`; empty for the archive as a whole."""
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
