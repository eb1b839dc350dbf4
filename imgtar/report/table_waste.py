"""The waste of an image as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from imgtar.contract.content import View
from imgtar.contract.inspect import Image, WasteRow
from imgtar.report.table.drawing import Cell, Column, draw, marks, paint, wrapped
from imgtar.report.words.image import percent
from imgtar.text import escape_stored, human_size

_TITLE = "Waste"
_KINDS = {"metadata-only": "with other metadata only", "identical": "stored again identical"}


def waste_section(image: Image, view: View, *, summary: bool) -> Iterator[str]:
    """How much is stored and not in the final filesystem, and by which paths; a `summary` has no paths."""
    totals = image.totals
    if not totals.wasted_bytes:
        yield f"  {paint(_TITLE, 'bold', view)}  none: every stored byte is in the final filesystem"
    else:
        share = percent(totals.wasted_bytes / totals.stored_bytes)
        pieces = [f"{human_size(totals.wasted_bytes)} of {human_size(totals.stored_bytes)} stored ({share})"]
        kinds = Counter[str]()
        for row in image.waste:
            kinds[row.kind] += row.bytes
        pieces += [f"{human_size(size)} {_KINDS.get(kind, kind)}" for kind, size in kinds.most_common()]
        first, *rest = wrapped([_TITLE, "", f"{pieces[0]}{':' if kinds else ''}", *_commas(pieces[1:])], view)
        yield from (first.replace(_TITLE, paint(_TITLE, "bold", view), 1), *rest)
    yield from _dive(image, view)
    if image.waste and not summary:
        yield from _waste_rows(image, view)


def _dive(image: Image, view: View) -> Iterator[str]:
    score = image.dive
    if score is None or score.efficiency is None or not score.wasted_bytes:
        return
    own = "" if score.user_wasted_percent is None else f", {percent(score.user_wasted_percent)} of the upper layers"
    wasted = human_size(score.wasted_bytes)
    pieces = ["dive says", *_commas([f"{wasted} wasted{own}", f"efficiency {percent(score.efficiency)}"])]
    yield from (paint(line, "dim", view) for line in wrapped(pieces, view))


def _commas(pieces: Sequence[str]) -> list[str]:
    """The pieces of a list, each with the comma behind it, so that no line breaks between a number and its unit."""
    return [*(f"{piece}," for piece in pieces[:-1]), *pieces[-1:]]


def _waste_rows(image: Image, view: View) -> Iterator[str]:
    listed: Sequence[WasteRow] = image.waste if view.top == 0 else image.waste[: view.top]
    instructions = {layer.index: layer.instruction or "" for layer in image.layers}
    rows = [
        [
            Cell(human_size(row.bytes)),
            Cell(row.kind),
            Cell(f"{row.added_in} {instructions.get(row.added_in, '')}".rstrip()),
            Cell(f"{row.removed_in} {instructions.get(row.removed_in, '')}".rstrip()),
            Cell(escape_stored(row.path, row.path_b64, ascii_only=not view.unicode)),
        ]
        for row in listed
    ]
    columns = [
        Column("BYTES", right=True),
        Column("WHAT"),
        Column("ADDED"),
        Column("GONE"),
        Column("PATH", shrink="middle"),
    ]
    yield from draw(columns, rows, view)
    rest = len(image.waste) - len(listed)
    if rest:
        yield paint(f"  {marks(view).cut} {rest:,} more (--top 0 shows all)", "dim", view)
