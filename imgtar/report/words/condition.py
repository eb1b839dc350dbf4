"""Whether an archive is whole and sound, in words; every format says it first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Literal

import msgspec

from imgtar.contract.envelope import Effect, Envelope, FindingRow, Integrity, Source
from imgtar.contract.files import DuReport, FindReport
from imgtar.contract.inspect import InspectReport
from imgtar.text import escape_stored

if TYPE_CHECKING:  # only the commands of these documents load them
    from imgtar.contract.diff import DiffReport
    from imgtar.contract.duplicates import DuplicatesReport


_UNSTATED = frozenset({"docker-legacy"})  # the forms of which no digest can be checked, because none is stated

# In this order: the first that is true of an archive is its state. Of the last three the archive is whole and sound.
State = Literal["limit", "incomplete", "inconsistent", "unstated", "verified", "unchecked"]

_TEXTS: dict[State, tuple[str, str]] = {
    "limit": ("Stopped by a limit", "Reading stopped at a limit; the report covers what was read before."),
    "incomplete": ("Incomplete", "Some parts could not be read; the report covers the others."),
    "inconsistent": (
        "Inconsistent",
        "{subject} contradicts itself; an engine may run something other than what the report shows.",
    ),
    "unstated": (
        "Complete, states no digests",
        "Everything was read; an archive of this form states no digests to check.",
    ),
    "verified": ("Complete and verified", "Everything was read, and every digest was recomputed."),
    "unchecked": ("Complete", "Everything was read; digests were not recomputed (imgtar verify recomputes them)."),
}


class Condition(msgspec.Struct, frozen=True):
    """The `state` of what a report is about, with a `title` in a few words and a `text` in one sentence.

    `causes` are the findings that make the archive damaged, worst first.
    """

    state: State
    title: str
    text: str
    causes: tuple[FindingRow, ...] = ()

    @property
    def damaged(self) -> bool:
        """May the report's numbers be wrong?"""
        return self.state in ("limit", "incomplete", "inconsistent")

    @property
    def verified(self) -> bool:
        """Were digests compared, and do they agree?"""
        return self.state == "verified"


def condition(document: InspectReport | DuReport | FindReport | DuplicatesReport) -> Condition:
    """The condition of the archive that the report is about."""
    return condition_of(document, document.findings)


def condition_of(document: Envelope, findings: Sequence[FindingRow]) -> Condition:
    """The condition of the archive that the document with these findings is about."""
    unstated = document.source.form in _UNSTATED
    return _condition(document.complete, document.integrity, findings, "The archive", unstated=unstated)


def compared_condition(document: DiffReport) -> Condition:
    """The condition of the two archives of a comparison: that of the worse one."""
    sides = (document.a, document.b)
    states: set[Integrity] = {side.integrity for side in sides}
    integrity: Integrity = "failed" if "failed" in states else "verified" if states == {"verified"} else "not-checked"
    complete = all(side.complete for side in sides)
    unstated = all(side.source.form in _UNSTATED for side in sides)
    return _condition(complete, integrity, document.findings, "An archive", unstated=unstated)


def _condition(
    complete: bool, integrity: Integrity, findings: Sequence[FindingRow], subject: str, *, unstated: bool
) -> Condition:
    causes = tuple(finding for finding in findings if finding.effect != "none")
    state = _state(complete, integrity, {finding.effect for finding in causes}, unstated=unstated)
    title, text = _TEXTS[state]
    return Condition(state, title, text.format(subject=subject), causes)


def _state(complete: bool, integrity: Integrity, effects: Collection[Effect], *, unstated: bool) -> State:
    if not complete:  # a filter may hide the causes
        return "limit" if "limit" in effects and "incomplete" not in effects else "incomplete"
    if integrity == "failed":
        return "inconsistent"
    if unstated:
        return "unstated"
    return "verified" if integrity == "verified" else "unchecked"


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
