"""The steps of the image as rows: the final filesystem first, then the layers, base first; other steps are dim."""

from __future__ import annotations

from typing import Literal

import msgspec

from imgtar.contract.inspect import Layer
from imgtar.explore.model.explored import Explored
from imgtar.explore.model.lines import Line, slot
from imgtar.report.table.drawing import Cell, Style, marks
from imgtar.report.table.layers import step_words
from imgtar.report.words.base import base_name, folded_layers, layer_range
from imgtar.report.words.image import BuildStep, counted, layer_problem, split_steps, steps
from imgtar.text import cut, human_size

_SIZE = 7
_COUNT = 7
_WIDE = 60  # columns that have room for the counts of changes


class LayerRow(msgspec.Struct, frozen=True):
    """A row: the final filesystem, the layers of the base image as one row, or a step. `layer` is the one it shows."""

    kind: Literal["final", "base", "step"]
    layer: int | None
    step: BuildStep | None = None


class LayerList:
    """The rows; those of a base that is certain are one row until `toggle_base` is called."""

    def __init__(self, explored: Explored) -> None:
        self._explored = explored
        image = explored.image
        self._top = len(image.layers) - 1 if image.layers else None
        self._base = folded_layers(image)
        self.folded = bool(self._base)
        self._number = max(len(layer_range(self._base)) if self._base else 1, len(str(max(len(image.layers) - 1, 0))))
        self._problem = {layer.index: layer_problem(layer, ascii_only=not explored.unicode) for layer in image.layers}
        self.rows: list[LayerRow] = []
        self._make()

    @property
    def has_base(self) -> bool:
        """Is it certain which layers are those of the base image?"""
        return bool(self._base)

    def toggle_base(self) -> None:
        """Shows the layers of the base one by one, or as one row again."""
        self.folded = self.has_base and not self.folded
        self._make()

    def _make(self) -> None:
        image = self._explored.image
        listed = split_steps(image, self._base)[1] if self.folded else steps(image)
        self.rows = [LayerRow("final", self._top)]
        if self.folded:
            self.rows.append(LayerRow("base", self._base - 1))
        self.rows += (LayerRow("step", None if step.layer is None else step.layer.index, step) for step in listed)

    def row_of(self, layer: int) -> int:
        """The row that shows a layer."""
        rows = enumerate(self.rows[1:], 1)
        return next((number for number, row in rows if row.layer is not None and row.layer >= layer), 0)

    def show(self, layer: int) -> int:
        """Lists the layer by itself, if it is one of the base; returns its row."""
        if self.folded and layer < self._base:
            self.toggle_base()
        return self.row_of(layer)

    def __len__(self) -> int:
        return len(self.rows)

    def line(self, number: int, columns: int) -> Line:
        """Number, size, counts of changes where there is room, and the step."""
        row = self.rows[number]
        image, settings = self._explored.image, self._explored.settings(columns)
        if row.kind == "final":
            return self._line("", human_size(image.totals.final_bytes), None, "final filesystem", "bold", columns)
        if row.kind == "base":
            size = human_size(sum(layer.content_size or 0 for layer in image.layers[: self._base]))
            name = "" if image.base is None else self._explored.shown(base_name(image.base))
            words = " ".join(part for part in ("base", name, f"({counted(self._base, 'layer')})") if part)
            return self._line(layer_range(self._base), size, None, words, "dim", columns)
        assert row.step is not None
        words = step_words(row.step, settings)
        layer = row.step.layer
        if layer is None:
            return self._line(marks(settings).zero, "", None, words, "dim", columns)
        size = marks(settings).none if layer.content_size is None else human_size(layer.content_size)
        problem = self._problem[layer.index]
        style: Style = "alarm" if problem else ""
        text = f"{problem}: {words}" if problem else words
        return self._line(str(layer.index), size, layer, text, style, columns)

    def _line(self, number: str, size: str, layer: Layer | None, text: str, style: Style, columns: int) -> Line:
        settings = self._explored.settings(columns)
        shade: Style = "dim" if style == "dim" else ""
        cells = [slot(number, self._number, shade, right=True), Cell(" "), slot(size, _SIZE, shade, right=True)]
        if columns >= _WIDE:
            styles: tuple[Style, Style, Style] = ("green", "yellow", "red")
            tallies = (None,) * 3 if layer is None else (layer.added, layer.modified, layer.deleted)
            for sign, tally, colour in zip("+~-", tallies, styles, strict=True):
                shown = f"{sign}{tally.count:,}" if tally is not None and tally.count else ""
                cells += [Cell(" "), slot(shown, _COUNT, colour, right=True)]
        used = self._number + 1 + _SIZE + (3 * (_COUNT + 1) if columns >= _WIDE else 0) + 2
        return [*cells, Cell("  "), Cell(cut(text, max(columns - used, 1), marks(settings).cut), style)]
