"""The text of `diff`: both images, the layers side by side, the configuration, the files, and the verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import nsmallest
from itertools import groupby

import msgspec

from imgtar.contract.content import TextSettings
from imgtar.contract.diff import (
    ComparedPair,
    ConfigRow,
    DiffContent,
    DiffFile,
    DiffLayer,
    DiffReport,
    DiffSide,
    UnifiedDiff,
)
from imgtar.report.table.drawing import (
    EMPTY,
    Cell,
    Column,
    Style,
    draw,
    encoded,
    marks,
    paint,
    shown,
    shown_lines,
    unlisted,
    wrapped,
)
from imgtar.report.words.condition import located_message
from imgtar.report.words.diff import (
    count_words,
    file_bytes,
    has_bytes,
    left_out_words,
    own_words,
    passes,
    same_words,
    side_words,
    size_words,
    value_text,
    verdict_words,
    volume_words,
    what_words,
)
from imgtar.report.words.image import UNTAGGED, short
from imgtar.text import cut, cut_middle, escape_stored, human_size, neutralise, width

_SIGNS = {"added": "+", "deleted": "-", "modified": "~", "moved": ">"}
_STYLES: dict[str, Style] = {
    "added": "green",
    "deleted": "red",
    "modified": "yellow",
    "moved": "cyan",
    "changed": "yellow",
    "removed": "red",
    "rebuilt": "alarm",
    "recompressed": "cyan",
    "same": "dim",
}
_LINE_STYLES: dict[str, Style] = {"+": "green", "-": "red", "@": "cyan"}
_HARM = 3  # findings that are named
_LEAST_NAME = 12  # columns that the name of an archive keeps
_LAYER_COLUMNS = [
    Column("A", right=True),
    Column("B", right=True),
    Column("LAYER"),
    Column("", shrink="end"),
    Column("A", right=True),
    Column("B", right=True),
    Column("PULL", right=True),
    Column("WHY", shrink="end"),
]
_FILE_COLUMNS = [
    Column(""),
    Column("BYTES", right=True),
    Column("WHAT", shrink="end"),
    Column("PATH", shrink="middle"),
]
_CONFIG_COLUMNS = [Column(""), Column("CONFIG", shrink="end"), Column("A", shrink="end"), Column("B", shrink="end")]


def diff(content: DiffContent, settings: TextSettings) -> Iterator[bytes]:
    """What differs, for a person at a terminal or in a log; the last line is the verdict."""
    return encoded(_lines(content, settings), settings)


def _lines(content: DiffContent, settings: TextSettings) -> Iterator[str]:
    for pair in content.pairs:
        yield from _pair(pair, settings)
        yield ""
    documents = [pair.document for pair in content.pairs]
    style: Style = "green" if all(map(passes, documents)) else "alarm"
    yield from (paint(line, style, settings) for line in wrapped([verdict_words(documents)], _uncut(settings), 0))


def _uncut(settings: TextSettings) -> TextSettings:
    """A script reads the last line, so nothing of it is cut."""
    return msgspec.structs.replace(settings, whole=True)


def _pair(pair: ComparedPair, settings: TextSettings) -> Iterator[str]:
    document = pair.document
    yield from _side("A", document.a, settings)
    yield from _side("B", document.b, settings)
    yield from _harm(document, settings)
    for line in own_words(document):
        yield from wrapped(line.split(" "), settings, 0)
    yield ""
    yield from wrapped(size_words(document).split(" "), settings, 0)
    if document.layers:
        yield ""
        yield from draw(_LAYER_COLUMNS, list(_layer_rows(document.layers, settings)), settings)
        lines = wrapped(same_words(document).split(), settings)
        yield from (paint(line, "dim", settings) for line in lines)
    if document.config:
        yield ""
        yield from draw(_CONFIG_COLUMNS, [_config_row(row, settings) for row in document.config], settings)
    if not pair.layers_only:
        yield ""
        yield from _files(pair, settings)
    for text in pair.texts:
        yield ""
        yield from _unified(text, settings)


def _side(letter: str, side: DiffSide, settings: TextSettings) -> Iterator[str]:
    b64 = None if not isinstance(side.source.path_b64, str) else side.source.path_b64
    path = escape_stored(side.source.path, b64, ascii_only=not settings.unicode)
    is_root = side.source.form == "rootfs"
    names = "" if is_root else shown(", ".join(side.names) or UNTAGGED, settings)
    facts = side_words(side) if is_root else f"{short(side.image) or 'no ID'}  {side_words(side)}"
    room = max(settings.width - 5 - width(facts), 2 * _LEAST_NAME + 2)
    if not settings.whole:
        path = cut_middle(path, max(_LEAST_NAME, room - 2 - min(width(names), room // 2)), marks(settings).cut)
        names = cut(names, max(_LEAST_NAME, room - 2 - width(path)), marks(settings).cut)
    yield f"{letter}  {paint(path, 'bold', settings)}  {names}{'  ' if names else ''}{facts}"


def _harm(document: DiffReport, settings: TextSettings) -> Iterator[str]:
    harmful = [finding for finding in document.findings if finding.effect != "none"]
    for finding in harmful[:_HARM]:
        words = neutralise(located_message(finding), ascii_only=not settings.unicode).split(" ")
        yield from (paint(line, "red", settings) for line in wrapped(words, settings))
    if len(harmful) > _HARM:
        yield paint(f"  and {len(harmful) - _HARM} more (--format json lists them)", "red", settings)


def _layer_rows(layers: Sequence[DiffLayer], settings: TextSettings) -> Iterator[list[Cell]]:
    """A row for each pair; layers that are the same and follow one another share one."""
    for is_same, group in groupby(layers, key=lambda layer: layer.status == "same"):
        rows = list(group)
        if is_same:
            yield _same_row(rows, settings)
        else:
            yield from (_layer_row(row, settings) for row in rows)


def _same_row(rows: Sequence[DiffLayer], settings: TextSettings) -> list[Cell]:
    zero = marks(settings).zero
    sizes = [_sum(row.bytes[side] for row in rows) for side in (0, 1)]
    places = (_range(rows[0].a, rows[-1].a), _range(rows[0].b, rows[-1].b))
    cells = (*places, "same", "", *(_size(size, settings) for size in sizes), zero)
    return [Cell(text, "dim") for text in cells] + [EMPTY]


def _sum(sizes: Iterator[int | None]) -> int | None:
    known = [size for size in sizes if size is not None]
    return sum(known) if known else None


def _range(first: int | None, last: int | None) -> str:
    return str(first) if first == last else f"{first}-{last}"


def _layer_row(row: DiffLayer, settings: TextSettings) -> list[Cell]:
    sign = marks(settings)
    places = [sign.zero if place is None else str(place) for place in (row.a, row.b)]
    sizes = [
        sign.zero if place is None else _size(size, settings)
        for place, size in zip((row.a, row.b), row.bytes, strict=True)
    ]
    pull = human_size(row.pull_bytes) if row.pull_bytes else sign.zero
    step = shown_lines(row.text or row.instruction or "", settings)
    return [
        *map(Cell, places),
        Cell(row.status, _STYLES.get(row.status, "")),
        Cell(step),
        *map(Cell, sizes),
        Cell(pull),
        Cell(", ".join(reversed(row.why))),  # what matters most comes first
    ]


def _size(size: int | None, settings: TextSettings) -> str:
    return marks(settings).none if size is None else human_size(size)


def _config_row(row: ConfigRow, settings: TextSettings) -> list[Cell]:
    sign = "+" if row.a is None else "-" if row.b is None else "~"
    style = _STYLES[{"+": "added", "-": "deleted", "~": "modified"}[sign]]
    values = (Cell(_value(value, settings)) for value in (row.a, row.b))
    return [Cell(sign, style), Cell(shown(row.key, settings)), *values]


def _value(value: object, settings: TextSettings) -> str:
    if value is None:
        return marks(settings).zero
    return shown_lines(value_text(value), settings)


def _files(pair: ComparedPair, settings: TextSettings) -> Iterator[str]:
    document = pair.document
    yield from wrapped(count_words(document).split(" "), settings, 0)
    yield from _largest(pair, document.counts.total, settings)
    for words in (left_out_words(document), *volume_words(pair)):
        if words:
            yield from wrapped(words.split(" "), settings, 0)


def _largest(pair: ComparedPair, total: int, settings: TextSettings) -> Iterator[str]:
    if not total:
        return
    top = settings.top or total
    largest = nsmallest(top, pair.files(), key=lambda row: (-file_bytes(row), row.path))
    yield from draw(_FILE_COLUMNS, [_file_row(row, settings) for row in largest], settings)
    if total > top:
        yield unlisted(total - top, settings)


def _unified(text: UnifiedDiff, settings: TextSettings) -> Iterator[str]:
    """The lines of a text file that differ, as `diff -u` prints them; each is escaped, and cut at the width."""
    path = escape_stored(text.path, text.path_b64, ascii_only=not settings.unicode)
    if text.lines is None or not text.lines:
        words = text.note or "the same in both"
        yield from wrapped([path + ":", *words.split(" ")], settings, 0)
        return
    yield paint(f"--- {f'a{path}' if text.in_a else '/dev/null'}", "red", settings)
    yield paint(f"+++ {f'b{path}' if text.in_b else '/dev/null'}", "green", settings)
    for line in text.lines:
        shown_line = shown(line, settings)
        if not settings.whole:
            shown_line = cut(shown_line, settings.width, marks(settings).cut)
        yield paint(shown_line, _LINE_STYLES.get(line[0], ""), settings)


def _file_row(row: DiffFile, settings: TextSettings) -> list[Cell]:
    ascii_only = not settings.unicode
    path = escape_stored(row.path, row.path_b64, ascii_only=ascii_only)
    if row.moved_from is not None:
        old = escape_stored(row.moved_from, row.moved_from_b64, ascii_only=ascii_only)
        path = f"{old} {marks(settings).arrow} {path}"
    what = what_words(row)
    size = human_size(file_bytes(row)) if has_bytes(row) else ""
    return [Cell(_SIGNS[row.kind], _STYLES[row.kind]), Cell(size), Cell(what), Cell(path)]
