"""One line of the result, from whatever source, and what a screen or BuildKit cannot take of it."""

from __future__ import annotations

import msgspec

from imgtar.analysis.dockerfile.syntax import LONGEST_LINE
from imgtar.text import neutralise


class Line(msgspec.Struct, frozen=True):
    """One instruction, or a comment for a step that none can say; `notes` are the comments above it.

    `step` is the row of the history, `layer` the layer that it makes; None where there is none. `number` is its first
    line, from 1, in the Dockerfile that the provenance has.
    """

    text: str
    step: int | None
    layer: int | None
    certain: bool
    notes: tuple[str, ...] = ()
    number: int | None = None


def shown_otherwise(text: str) -> bool:
    """Does the text have characters that a terminal or a file gets as codes?"""
    plain = text.replace("\t", " ")
    return any(neutralise(part) != part for part in plain.split("\n"))


def checked(line: Line) -> Line:
    """The line, with notes where a screen does not show it exactly or BuildKit does not read one so long."""
    notes = list(line.notes)
    if shown_otherwise(line.text):
        notes.append("characters that are not shown stand here as codes; --format json has the text")
    if any(len(part.encode("utf-8", "replace")) > LONGEST_LINE for part in line.text.split("\n")):
        notes.append(f"BuildKit reads lines of at most {LONGEST_LINE:,} bytes")
    certain = line.certain and len(notes) == len(line.notes)
    return msgspec.structs.replace(line, certain=certain, notes=tuple(notes))
