"""What the text of every command begins with: which archive this is, and whether it is whole and sound."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from imgtar.contract.content import View
from imgtar.contract.inspect import Envelope, FindingRow, Image, Source
from imgtar.report.table.drawing import Style, marks, paint, shown, wrapped
from imgtar.report.words.image import created_words, platform_words, short
from imgtar.text import cut, cut_middle, escape_stored, human_size, neutralise, width

_LEAST_NAME = 12  # columns that the name of the archive keeps


def head(document: Envelope, findings: Sequence[FindingRow], view: View) -> Iterator[str]:
    """One line: the archive, its form and size, complete or not; where it is not, the reasons under it."""
    source = document.source
    harmful = [finding for finding in findings if finding.effect != "none"]
    style, states = _states(document, harmful)
    facts = _facts(source)
    b64 = None if source.path_b64 is msgspec.UNSET else source.path_b64
    name = escape_stored(source.path, b64, ascii_only=not view.unicode)
    for state in states:
        if width(name) + 2 + len(facts) + 2 + len(state) <= view.width:
            break
    room = max(_LEAST_NAME, view.width - len(facts) - len(state) - 4)
    name = name if view.whole else cut_middle(name, room, marks(view).cut)
    yield f"{paint(name, 'bold', view)}  {facts}, {paint(state, style, view)}"
    yield from _reasons(harmful, view)


def _facts(source: Source) -> str:
    facts = source.form if source.compression == "none" else f"{source.form} in {source.compression}"
    if source.container == "stream":
        return f"{facts} from a pipe"
    return facts if source.size is None else f"{facts}, {human_size(source.size)}"


def _states(document: Envelope, harmful: Sequence[FindingRow]) -> tuple[Style, tuple[str, ...]]:
    """The words for the archive's state, from long to short."""
    if not document.complete:
        if any(finding.effect == "incomplete" for finding in harmful):
            return "alarm", ("INCOMPLETE: not all of it could be read", "INCOMPLETE")
        return "alarm", ("STOPPED BY A LIMIT: not all of it was read", "STOPPED BY A LIMIT")
    if document.integrity == "failed":
        return "alarm", ("INCONSISTENT: it contradicts itself", "INCONSISTENT")
    if document.integrity == "verified":
        return "green", ("complete, every digest verified", "verified")
    return "", ("complete (digests not checked: --verify)", "complete (not verified)", "complete")


def _reasons(harmful: Sequence[FindingRow], view: View, most: int = 3) -> Iterator[str]:
    for finding in harmful[:most]:
        layer = "" if finding.where.layer is None else f"layer {finding.where.layer}: "
        words = neutralise(f"{layer}{finding.message}", ascii_only=not view.unicode).split(" ")
        yield from (paint(line, "red", view) for line in wrapped(words, view))
    if len(harmful) > most:
        yield paint(f"  and {len(harmful) - most} more, under Findings", "red", view)


def heading(image: Image, index: int | None, view: View) -> str:
    """`mysql:latest  c104df98b3e8  linux/amd64  2026-11-24 03:22 UTC`; with `@N` in front where there are several."""
    parts = [short(image.id) or "no ID", platform_words(image), created_words(image.created)]
    facts = "  ".join(shown(part, view) for part in parts if part)
    number = "" if index is None else f"@{index}  "
    names = shown(", ".join(image.names) or "untagged", view)
    if not view.whole:
        facts = cut(facts, view.width // 2 + 10, marks(view).cut)
        names = cut(names, max(_LEAST_NAME, view.width - len(number) - 2 - width(facts)), marks(view).cut)
    return f"{number}{paint(names, 'bold', view)}  {facts}"
