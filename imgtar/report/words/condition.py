"""Whether an archive is whole and sound, in words; every format says it first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from imgtar.contract.envelope import FindingRow, Integrity, Source
from imgtar.contract.files import DuReport, FindReport
from imgtar.contract.inspect import InspectReport
from imgtar.text import escape_stored

if TYPE_CHECKING:  # only the commands of these documents load them
    from imgtar.contract.diff import DiffReport
    from imgtar.contract.duplicates import DuplicatesReport


UNSTATED = frozenset({"docker-legacy"})  # the forms of which no digest can be checked, because none is stated


class Condition(msgspec.Struct, frozen=True):
    """`title` in a few words, `text` in one sentence; `damaged` where the report's numbers may be wrong.

    `causes` are the findings that make the archive damaged, worst first. `verified`: digests were compared, and agree.
    """

    damaged: bool
    title: str
    text: str
    causes: tuple[FindingRow, ...] = ()
    verified: bool = False


def condition(document: InspectReport | DuReport | FindReport | DuplicatesReport) -> Condition:
    """The condition of the archive that the report is about."""
    unstated = document.source.form in UNSTATED
    return _condition(document.complete, document.integrity, document.findings, "The archive", unstated=unstated)


def compared_condition(document: DiffReport) -> Condition:
    """The condition of the two archives of a comparison: that of the worse one."""
    sides = (document.a, document.b)
    states: set[Integrity] = {side.integrity for side in sides}
    integrity: Integrity = "failed" if "failed" in states else "verified" if states == {"verified"} else "not-checked"
    return _condition(all(side.complete for side in sides), integrity, document.findings, "An archive")


def _condition(
    complete: bool, integrity: Integrity, findings: Sequence[FindingRow], subject: str, *, unstated: bool = False
) -> Condition:
    causes = tuple(finding for finding in findings if finding.effect != "none")
    effects = {finding.effect for finding in causes}
    if not complete:  # a filter may hide the causes
        if "limit" in effects and "incomplete" not in effects:
            text = "Reading stopped at a limit; the report covers what was read before."
            return Condition(True, "Stopped by a limit", text, causes)
        text = "Some parts could not be read; the report covers the others."
        return Condition(True, "Incomplete", text, causes)
    if integrity == "failed":
        text = f"{subject} contradicts itself; an engine may run something other than what the report shows."
        return Condition(True, "Inconsistent", text, causes)
    return _whole(integrity, unstated=unstated)


def _whole(integrity: Integrity, *, unstated: bool) -> Condition:
    if unstated:
        text = "Everything was read; an archive of this form states no digests to check."
        return Condition(False, "Complete, states no digests", text)
    if integrity == "verified":
        text = "Everything was read, and every digest was recomputed."
        return Condition(False, "Complete and verified", text, verified=True)
    text = "Everything was read; digests were not recomputed (imgtar verify recomputes them)."
    return Condition(False, "Complete", text)


def source_name(source: Source) -> str:
    """The name of the archive, escaped."""
    return escape_stored(source.path, None if source.path_b64 is msgspec.UNSET else source.path_b64)


def located_message(finding: FindingRow) -> str:
    """The finding's sentence with its archive (of a comparison) and its layer in front, `B: layer 3: …`; escaped."""
    where = finding.where
    archive = "" if where.input is None else f"{where.input.upper()}: "
    layer = "" if where.layer is None else f"layer {where.layer}: "
    return f"{archive}{layer}{finding.message}"


def place(finding: FindingRow, *, several_images: bool) -> str:
    """The place of a finding, escaped: `image @1, layer 3, /etc/passwd`; empty for the archive as a whole."""
    where = finding.where
    parts = [] if where.input is None else [where.input.upper()]
    if several_images and where.image is not None:
        parts.append(f"image @{where.image}")
    if where.layer is not None:
        parts.append(f"layer {where.layer}")
    if where.path is not None:
        parts.append(escape_stored(where.path, where.path_b64))
    elif where.member is not None:
        parts.append(escape_stored(where.member, where.member_b64))
    if where.offset is not None:
        parts.append(f"byte {where.offset:,}")
    return ", ".join(parts)
