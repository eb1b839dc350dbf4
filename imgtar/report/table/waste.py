"""The section Waste: how much is stored and not in the final filesystem, where, why, and what to change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from imgtar.contract.content import TextSettings
from imgtar.contract.inspect import Image, InspectReport, WasteGroup, WasteRow
from imgtar.report.table.drawing import Cell, Column, draw, paint, unlisted, wrapped
from imgtar.report.table.sections import command_line
from imgtar.report.words.base import above_words
from imgtar.report.words.image import percent, unread_words
from imgtar.report.words.reading import waste_command
from imgtar.text import escape_stored, human_size, neutralise

_TITLE = "Waste"
_WHY_DIVE = "dive counts every copy of a path, also the one in use"
_KINDS = {
    "metadata-only": "copied because only mode, owner or time changed",
    "identical": "stored twice unchanged",
}
_COLUMNS = (Column("WHAT"), Column("ADDED"), Column("REMOVED"))
GROUP_COLUMNS = (
    Column("BYTES", right=True),
    Column("FILES", right=True),
    *_COLUMNS,
    Column("BELOW", shrink="middle"),
)
ROW_COLUMNS = (Column("BYTES", right=True), *_COLUMNS, Column("PATH", shrink="middle"))
_REASON = 4  # columns in front of why


def waste_section(document: InspectReport, index: int, settings: TextSettings, *, summary: bool) -> Iterator[str]:
    """The bytes that are stored and not in the final filesystem, in all and by path; a `summary` has no paths."""
    image = document.images[index]
    yield from waste_sums(image, settings)
    if image.waste_rows and not summary:
        yield from _groups(image, settings)
        yield from waste_advice(image, settings)
        yield from _waste_rows(image, settings)
        command = waste_command(
            image.waste_rows, document.source, document.images, index, ascii_only=not settings.unicode
        )
        yield from command_line(command, settings, indent=2)


def waste_sums(image: Image, settings: TextSettings) -> Iterator[str]:
    """How many bytes are wasted, and why."""
    totals, unread, above = image.waste_totals, unread_words(image), above_words(image)
    if not totals.wasted_bytes and unread:
        yield from _titled(f"not known: {unread}".split(" "), settings)
    elif not totals.wasted_bytes:
        yield from _titled(f"none: every stored byte{above} is in the final filesystem".split(" "), settings)
    else:
        share = percent(totals.wasted_bytes / totals.stored_bytes)
        pieces = [f"{human_size(totals.wasted_bytes)} of {human_size(totals.stored_bytes)} stored{above} ({share})"]
        kinds = Counter[str]()
        for row in image.waste_rows:
            kinds[row.kind] += row.bytes
        pieces += [f"{human_size(size)} {_KINDS.get(kind, kind)}" for kind, size in kinds.most_common()]
        yield from _titled([f"{pieces[0]}{':' if kinds else ''}", *_commas(pieces[1:])], settings)
        if unread:
            yield from wrapped(f"at least: {unread}".split(" "), settings)
    yield from _dive(image, settings)


def _titled(words: Sequence[str], settings: TextSettings) -> Iterator[str]:
    """The words in lines, behind the title of the section."""
    first, *rest = wrapped([_TITLE, "", *words], settings)
    yield from (first.rstrip().replace(_TITLE, paint(_TITLE, "bold", settings), 1), *rest)


def _dive(image: Image, settings: TextSettings) -> Iterator[str]:
    score = image.dive
    if score is None or score.efficiency is None or not score.wasted_bytes:
        return
    share = score.user_wasted_percent
    above_lowest = "" if share is None else f" ({percent(share)} of the layers above the lowest)"
    facts = [f"{human_size(score.wasted_bytes)} wasted{above_lowest}", f"efficiency {percent(score.efficiency)};"]
    pieces = ["by dive's formula:", *_commas(facts), *_WHY_DIVE.split(" ")]
    yield from (paint(line, "dim", settings) for line in wrapped(pieces, settings))


def _commas(pieces: Sequence[str]) -> list[str]:
    """The pieces of a list, each with its comma, so that no line breaks between a number and its unit."""
    return [*(f"{piece}," for piece in pieces[:-1]), *pieces[-1:]]


def _groups(image: Image, settings: TextSettings) -> Iterator[str]:
    """Where the wasted bytes are: by directory, and by the layers that added and removed the files."""
    groups = image.waste_group_rows
    listed = groups if settings.top == 0 else groups[: settings.top]
    if not listed:
        return
    yield from draw(GROUP_COLUMNS, [group_cells(image, group, settings) for group in listed], settings)
    if len(groups) > len(listed):
        yield unlisted(len(groups) - len(listed), settings)
    yield ""


def group_cells(image: Image, group: WasteGroup, settings: TextSettings) -> list[Cell]:
    """The row of a group."""
    return [
        Cell(human_size(group.bytes)),
        Cell(f"{group.files:,}"),
        Cell(group.kind),
        *_layers(image, group),
        Cell(escape_stored(group.path, group.path_b64, ascii_only=not settings.unicode)),
    ]


def waste_advice(image: Image, settings: TextSettings) -> Iterator[str]:
    """What to change, with the bytes that it saves."""
    for one in image.advice_rows:
        remedy, message = (neutralise(text, ascii_only=not settings.unicode) for text in (one.remedy, one.message))
        lines = wrapped([f"save {human_size(one.bytes)}:", *remedy.split(" ")], settings)
        yield from (paint(line, "green", settings) for line in lines)
        yield from wrapped(message.split(" "), settings, _REASON)
    if image.advice_rows:
        yield ""


def _layers(image: Image, row: WasteRow | WasteGroup) -> list[Cell]:
    """The layers that added and removed the files, each with its instruction."""
    layers = image.layers
    return [Cell(f"{layer} {layers[layer].instruction or ''}".rstrip()) for layer in (row.added_in, row.removed_in)]


def _waste_rows(image: Image, settings: TextSettings) -> Iterator[str]:
    listed = image.waste_rows if settings.top == 0 else image.waste_rows[: settings.top]
    yield from draw(ROW_COLUMNS, [row_cells(image, row, settings) for row in listed], settings)
    rest = len(image.waste_rows) - len(listed)
    if rest:
        yield unlisted(rest, settings)


def row_cells(image: Image, row: WasteRow, settings: TextSettings) -> list[Cell]:
    """The row of a path."""
    return [
        Cell(human_size(row.bytes)),
        Cell(row.kind),
        *_layers(image, row),
        Cell(escape_stored(row.path, row.path_b64, ascii_only=not settings.unicode)),
    ]
