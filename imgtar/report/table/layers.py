"""The table of the steps: a numbered row makes a layer, a dotted one is metadata only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from imgtar.contract.content import TextSettings
from imgtar.contract.inspect import Image, Layer, Tally
from imgtar.report.table.drawing import (
    EMPTY,
    Cell,
    Column,
    Style,
    bar,
    draw,
    marks,
    paint,
    shown,
    shown_lines,
    wrapped,
)
from imgtar.report.words.base import base_name, folded_layers, layer_range
from imgtar.report.words.image import (
    BuildStep,
    counted,
    layer_problem,
    packages_words,
    short,
    sizes_words,
    split_steps,
    step_text,
)
from imgtar.text import human_size

_KEYWORD = 5  # columns: most instructions that make layers are no longer
_WIDE, _WIDER = 120, 150  # terminals that have room for blob sizes, and for diffIDs


class Shared(msgspec.Struct, frozen=True):
    """The lowest `layers` layers of an image are also those of the earlier image `image`."""

    image: int
    layers: int


def shared_layers(images: Sequence[Image], index: int) -> Shared | None:
    """The earlier image that has the most of this image's layers, counted from the base."""
    best: Shared | None = None
    for earlier in range(index):
        same = _same_layers(images[earlier].layers, images[index].layers)
        if same > (0 if best is None else best.layers):
            best = Shared(earlier, same)
    return best


def _same_layers(earlier: Sequence[Layer], later: Sequence[Layer]) -> int:
    same = 0
    for old, new in zip(earlier, later, strict=False):
        if old.diff_id is None or old.diff_id != new.diff_id or not new.present:
            break
        same += 1
    return same


def layer_table(image: Image, shared: Shared | None, settings: TextSettings) -> Iterator[str]:
    """All steps of the image, those of shared layers or of a certain base as one row, and what the signs mean."""
    columns = [Column("#", right=True), Column("SIZE", right=True)]
    if settings.width >= _WIDE:
        columns.append(Column("BLOB", right=True))
    columns += [Column(""), *(Column(mark, right=True) for mark in ("+", "~", marks(settings).minus))]
    if settings.width >= _WIDER:
        columns.append(Column("DIFF ID"))
    columns.append(Column("STEP", shrink="end"))
    drawn = [cells for row in _rows(image, shared, settings) for cells in row]
    yield from draw(columns, drawn, settings)
    signs = marks(settings)
    legend = f"+ added, ~ modified, {signs.minus} deleted paths; {signs.zero} none, or a step that makes no layer"
    notes = [legend, *([sizes_words(image, blobs=settings.width >= _WIDE)] if image.layers else [])]
    for note in notes:
        yield from (paint(line, "dim", settings) for line in wrapped(note.split(" "), settings))


def _rows(image: Image, shared: Shared | None, settings: TextSettings) -> Iterator[list[list[Cell]]]:
    largest = max((layer.content_size or 0 for layer in image.layers), default=0)
    folded = 0 if settings.whole or settings.top == 0 else folded_layers(image)
    if shared is not None and shared.layers >= folded:
        text = f"{counted(shared.layers, 'layer')} shared with image @{shared.image}"
        yield [_lowest_row(image, shared.layers, text, settings)]
        folded = shared.layers
    elif folded:
        yield [_lowest_row(image, folded, _base_words(image, folded, settings), settings)]
    listed = split_steps(image, folded)[1]
    for step in listed:
        yield (
            [_metadata_row(step, settings)] if step.layer is None else _layer_rows(step, step.layer, largest, settings)
        )


def _fields(
    settings: TextSettings,
    number: Cell,
    size: Cell,
    middle: Sequence[Cell],
    text: Cell,
    *,
    blob: Cell = EMPTY,
    diff: Cell = EMPTY,
) -> list[Cell]:
    cells = [number, size]
    if settings.width >= _WIDE:
        cells.append(blob)
    cells += middle
    if settings.width >= _WIDER:
        cells.append(diff)
    return [*cells, text]


def _base_words(image: Image, layers: int, settings: TextSettings) -> str:
    name = "" if image.base is None else shown(base_name(image.base), settings)
    return " ".join(["base", *([name] if name else []), f"({counted(layers, 'layer')}; --top 0 lists them)"])


def _lowest_row(image: Image, layers: int, text: str, settings: TextSettings) -> list[Cell]:
    """One row for the lowest layers."""
    size = human_size(sum(layer.content_size or 0 for layer in image.layers[:layers]))
    number = Cell(layer_range(layers), "dim")
    return _fields(settings, number, Cell(size, "dim"), [EMPTY] * 4, Cell(text, "dim"))


def _metadata_row(step: BuildStep, settings: TextSettings) -> list[Cell]:
    number = Cell(marks(settings).zero, "dim")
    return _fields(settings, number, EMPTY, [EMPTY] * 4, Cell(step_words(step, settings), "dim"))


def _layer_rows(step: BuildStep, layer: Layer, largest: int, settings: TextSettings) -> list[list[Cell]]:
    """The row of a layer; further ones say which packages it brings, and what of the layer was not read."""
    columns = 8 if settings.width < _WIDE else 16
    drawn = bar((layer.content_size or 0) / largest, columns, settings) if largest else ""
    styles: tuple[Style, Style, Style] = ("green", "yellow", "red")
    tallies = zip((layer.added, layer.modified, layer.deleted), styles, strict=True)
    row = _fields(
        settings,
        Cell(str(layer.index)),
        _size(layer.content_size, settings),
        [Cell(drawn, "cyan"), *(_count(tally, style, settings) for tally, style in tallies)],
        Cell(step_words(step, settings)),
        blob=_size(layer.blob_size, settings),
        diff=Cell(short(layer.diff_id) or marks(settings).none, "dim"),
    )
    ascii_only = not settings.unicode
    packages = Cell(packages_words(layer.packages, ascii_only=ascii_only), "dim")
    problem = Cell(layer_problem(layer, ascii_only=ascii_only), "alarm")
    return [row, *(_fields(settings, EMPTY, EMPTY, [EMPTY] * 4, cell) for cell in (packages, problem) if cell.text)]


def _size(size: int | None, settings: TextSettings) -> Cell:
    return Cell(marks(settings).none, "dim") if size is None else Cell(human_size(size))


def _count(tally: Tally, style: Style, settings: TextSettings) -> Cell:
    if tally.count is None:
        return Cell(marks(settings).none, "dim")
    return Cell(f"{tally.count:,}", style) if tally.count else Cell(marks(settings).zero, "dim")


def step_words(step: BuildStep, settings: TextSettings) -> str:
    """`RUN   set -eux; …` on one line."""
    keyword, text = step_text(step, whole=settings.whole)
    line = shown_lines(text, settings)
    return f"{keyword:<{_KEYWORD}} {line}".rstrip() if keyword else line
