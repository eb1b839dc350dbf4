"""The text of `history`: only the steps, newest last; `settings.top` of them (0: all)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imgtar.contract.content import HistoryContent, TextSettings
from imgtar.contract.inspect import ImageOutline
from imgtar.report.table.drawing import EMPTY, Cell, Column, draw, encoded, marks, paint, shown, unlisted, wrapped
from imgtar.report.table.layers import step_words
from imgtar.report.table.sections import LISTED_BY_INSPECT, head, heading
from imgtar.report.words.image import BuildStep, created_words, layer_problem, steps
from imgtar.text import human_size

_WIDE = 120  # columns from which a time is shown to the minute


def history(content: HistoryContent, settings: TextSettings) -> Iterator[bytes]:
    """The steps of each image, for a person at a terminal."""
    return encoded(_lines(content, settings), settings)


def _lines(content: HistoryContent, settings: TextSettings) -> Iterator[str]:
    images = content.images
    yield from head(content.document, content.document.findings, settings, rest=LISTED_BY_INSPECT)
    for index, image in enumerate(images):
        yield ""
        yield heading(image, index if len(images) > 1 else None, settings)
        yield f"  {content.layer_sentences[index]}"
        yield ""
        yield from _steps(image, settings)


def _steps(image: ImageOutline, settings: TextSettings) -> Iterator[str]:
    columns = [
        Column("STEP", right=True),
        Column("LAYER"),
        Column("BLOB", right=True),
        Column("CREATED"),
        Column("INSTRUCTION", shrink="end"),
    ]
    made = steps(image)
    listed = _largest(made, settings.top)
    yield from draw(columns, [_row(number, made[number], settings) for number in listed], settings)
    if len(listed) < len(made):
        yield unlisted(len(made) - len(listed), settings)
    if image.layers:
        note = "STEP counts history rows, LAYER layers; BLOB is the layer as stored"
        yield from (paint(line, "dim", settings) for line in wrapped(note.split(" "), settings))


def _largest(made: Sequence[BuildStep], top: int) -> list[int]:
    """The positions of the `top` steps with the largest layers, in the order of the steps; all for 0."""
    sizes = {place: step.layer.blob_size or 0 for place, step in enumerate(made) if step.layer is not None}
    if not top:
        return list(range(len(made)))
    return sorted(sorted(sizes, key=lambda place: -sizes[place])[:top])


def _row(number: int, step: BuildStep, settings: TextSettings) -> list[Cell]:
    created = "" if step.history is None else created_words(step.history.created)
    if settings.width < _WIDE and len(created) == len("2026-11-24 03:22 UTC"):
        created = created[: len("2026-11-24")]
    words = step_words(step, settings)
    index = Cell(marks(settings).zero if step.history is None else str(number), "dim")
    if step.layer is None:
        return [index, Cell("metadata only", "dim"), EMPTY, Cell(shown(created, settings), "dim"), Cell(words, "dim")]
    problem = "" if step.layer.present else layer_problem(step.layer, ascii_only=not settings.unicode)
    size = step.layer.blob_size if step.layer.present else None
    measured = Cell(marks(settings).none if size is None else human_size(size))
    layer = f"layer {step.layer.index}"
    text = Cell(f"{problem}: {words}", "alarm") if problem else Cell(words)
    return [index, Cell(layer, "bold"), measured, Cell(shown(created, settings)), text]
