"""The section Waste of a page: the kinds of waste, groups of files, what to change, the largest files."""

from __future__ import annotations

import msgspec

from imgtar.contract.content import TextSettings
from imgtar.contract.inspect import Image, InspectReport, WasteGroup, WasteRow
from imgtar.report.html.page import Escaped, sentence
from imgtar.report.html.sections import Line, stored_path
from imgtar.report.words.base import above_words
from imgtar.report.words.image import percent, unread_words
from imgtar.report.words.reading import waste_command
from imgtar.text import human_size

_WASTE = 25
_GROUPS = 15

WASTE_WORDS = {
    "deleted": ("deleted", "a later layer deleted the file"),
    "overwritten": ("overwritten", "a later layer stored other content at the same path"),
    "metadata-only": ("metadata only", "copied because only mode, owner or time changed"),
    "identical": ("identical", "stored twice unchanged"),
    "replaced": ("replaced", "the path, or a directory above it, became another type"),
    "duplicate": ("duplicate", "stored twice in one layer"),
}


class WasteKind(msgspec.Struct, frozen=True, kw_only=True):
    """The waste of one kind; `left` and `width` place it in the bar, in percent."""

    name: str
    meaning: str
    count: int
    size: int
    left: str
    width: str


class AdviceLine(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of advice: the layer whose step to change, the bytes that it saves, and its two sentences."""

    layer: int
    size: int
    message: Escaped
    remedy: Escaped


class Waste(msgspec.Struct, frozen=True, kw_only=True):
    """The waste of one image: its share of the stored bytes, what was not read of it, and its lists.

    `above` says that only the layers above the base are meant, `dive` has dive's numbers, and `command` reads one of
    the wasted files.
    """

    share: str
    above: str
    unread: str
    dive: str
    kinds: list[WasteKind]
    advice: list[AdviceLine]
    groups: list[Line]
    more_groups: int
    files: list[Line]
    more_files: int
    command: Escaped


def waste_of(document: InspectReport, index: int, settings: TextSettings) -> Waste:
    """The waste of one image of the document."""
    image = document.images[index]
    totals = image.waste_totals
    files, groups = waste_lines(image, settings), group_lines(image, settings)
    return Waste(
        share=percent(totals.wasted_bytes / totals.stored_bytes) if totals.stored_bytes else "0 %",
        above=above_words(image),
        unread=unread_words(image),
        dive=_dive(image),
        kinds=waste_kinds(image),
        advice=advice_lines(image),
        groups=groups,
        more_groups=len(image.waste_group_rows) - len(groups),
        files=files,
        more_files=len(image.waste_rows) - len(files),
        command=Escaped(waste_command(image.waste_rows, document.source, document.images, index)),
    )


def _dive(image: Image) -> str:
    score = image.dive
    if score is None or score.efficiency is None or score.wasted_bytes is None:
        return ""
    return f"By dive's formula: {human_size(score.wasted_bytes)} wasted, efficiency {percent(score.efficiency)}."


def waste_kinds(image: Image) -> list[WasteKind]:
    """The waste by kind, the largest first."""
    sums: dict[str, list[int]] = {}
    for row in image.waste_rows:
        counts = sums.setdefault(row.kind, [0, 0])
        counts[0] += 1
        counts[1] += row.bytes
    total = sum(size for _, size in sums.values()) or 1
    left, found = 0.0, []
    for kind, (count, size) in sorted(sums.items(), key=lambda item: -item[1][1]):
        name, meaning = WASTE_WORDS[kind]
        width = 100 * size / total
        found.append(
            WasteKind(name=name, meaning=meaning, count=count, size=size, left=f"{left:.3f}%", width=f"{width:.3f}%")
        )
        left += width
    return found


def waste_lines(image: Image, settings: TextSettings) -> list[Line]:
    """The largest waste; all of it in a full page."""
    rows = image.waste_rows if settings.full else image.waste_rows[: max(settings.top, _WASTE)]
    return [_waste_line(row) for row in rows]


def group_lines(image: Image, settings: TextSettings) -> list[Line]:
    """The largest groups of wasted files; all of them in a full page."""
    groups = image.waste_group_rows
    return [
        _waste_line(group, group.files) for group in (groups if settings.full else groups[: max(settings.top, _GROUPS)])
    ]


def _waste_line(row: WasteRow | WasteGroup, files: int = 1) -> Line:
    path = stored_path(row.path, row.path_b64)
    layers = tuple(dict.fromkeys((row.added_in, row.removed_in)))
    return Line(path=path, size=row.bytes, what=WASTE_WORDS[row.kind][0], layers=layers, files=files)


def advice_lines(image: Image) -> list[AdviceLine]:
    """What to change, most bytes first."""
    return [
        AdviceLine(layer=one.layer, size=one.bytes, message=sentence(one.message), remedy=sentence(one.remedy))
        for one in image.advice_rows
    ]
