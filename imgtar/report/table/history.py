"""The text of `history`: only the steps, newest last."""

from __future__ import annotations

from collections.abc import Iterator

from imgtar.contract.content import HistoryContent, View
from imgtar.contract.inspect import ImageOutline
from imgtar.report.table.drawing import EMPTY, Cell, Column, draw, encoded, marks, shown
from imgtar.report.table.layers import step_words
from imgtar.report.table.sections import head, heading
from imgtar.report.words.image import Step, created_words, layer_problem, steps
from imgtar.text import human_size

_WIDE = 120  # columns from which a time is shown to the minute


def history(content: HistoryContent, view: View) -> Iterator[bytes]:
    """The steps of each image, for a person at a terminal."""
    return encoded(_lines(content, view), view)


def _lines(content: HistoryContent, view: View) -> Iterator[str]:
    images = content.images
    yield from head(content.document, content.document.findings, view)
    for index, image in enumerate(images):
        yield ""
        yield heading(image, index if len(images) > 1 else None, view)
        yield f"  {content.layer_sentences[index]}"
        yield ""
        yield from _steps(image, view)


def _steps(image: ImageOutline, view: View) -> Iterator[str]:
    columns = [
        Column("STEP", right=True),
        Column("LAYER"),
        Column("BLOB", right=True),
        Column("CREATED"),
        Column("INSTRUCTION", shrink="end"),
    ]
    rows = [_row(number, step, view) for number, step in enumerate(steps(image))]
    yield from draw(columns, rows, view)


def _row(number: int, step: Step, view: View) -> list[Cell]:
    created = "" if step.history is None else created_words(step.history.created)
    if view.width < _WIDE and len(created) == len("2026-11-24 03:22 UTC"):
        created = created[: len("2026-11-24")]
    words = step_words(step, view)
    index = Cell(marks(view).zero if step.history is None else str(number), "dim")
    if step.layer is None:
        return [index, Cell("metadata only", "dim"), EMPTY, Cell(shown(created, view), "dim"), Cell(words, "dim")]
    problem = "" if step.layer.present else layer_problem(step.layer, ascii_only=not view.unicode)
    size = step.layer.blob_size if step.layer.present else None
    measured = Cell(marks(view).none if size is None else human_size(size))
    layer = f"layer {step.layer.index}"
    text = Cell(f"{problem}: {words}", "alarm") if problem else Cell(words)
    return [index, Cell(layer, "bold"), measured, Cell(shown(created, view)), text]
