"""The layers of several images as a tree: from the base up, one line for layers that the same images have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from imgtar.contract.content import TextSettings
from imgtar.contract.shared import SharedLayer, SharedReport
from imgtar.report.table.drawing import EMPTY, Cell, marks, shown_lines
from imgtar.report.words.image import short
from imgtar.report.words.shared import images_words, layer_words, short_label
from imgtar.text import human_size

_DEEPEST = 24  # columns of branches; deeper ones are cut on the left


class Branches(msgspec.Struct, frozen=True):
    """The signs of a tree: a branch, the last branch, and what stands below each of them."""

    branch: str = "├ "
    last: str = "└ "
    open: str = "│ "
    closed: str = "  "


_ASCII = Branches(branch="|-", last="`-", open="| ", closed="  ")


class _Run(msgspec.Struct, frozen=True):
    """Layers one over the other that the same images have; `lead` stands before the first, `below` before the rest."""

    layers: Sequence[int]
    lead: str
    below: str


def _runs(layers: Sequence[SharedLayer], settings: TextSettings) -> Iterator[_Run]:
    """The runs, each before those over it; of several over one, the one that more images have comes first."""
    signs = Branches() if settings.unicode else _ASCII
    over: dict[int | None, list[int]] = {}
    for number, layer in enumerate(layers):
        over.setdefault(layer.below, []).append(number)
    waiting = [(number, "", "") for number in reversed(_ordered(over.get(None, []), layers))]
    while waiting:
        number, lead, below = waiting.pop()
        run = [number]
        while len(next_ones := over.get(run[-1], [])) == 1 and _same(layers[next_ones[0]], layers[number]):
            run.append(next_ones[0])
        yield _Run(run, lead, below)
        branches = _ordered(over.get(run[-1], []), layers)
        for place, child in reversed(list(enumerate(branches))):
            is_last = place == len(branches) - 1
            deeper = below[-_DEEPEST:]
            waiting.append(
                (
                    child,
                    deeper + (signs.last if is_last else signs.branch),
                    deeper + (signs.closed if is_last else signs.open),
                )
            )


def _ordered(numbers: Sequence[int], layers: Sequence[SharedLayer]) -> list[int]:
    return sorted(numbers, key=lambda number: -len(layers[number].images))


def _same(upper: SharedLayer, lower: SharedLayer) -> bool:
    """The images of an upper layer are among those of the lower one, so their number decides."""
    return len(upper.images) == len(lower.images)


def folded_rows(document: SharedReport, settings: TextSettings) -> Iterator[list[Cell]]:
    """One row for each run: its bytes, its layers, and the images that have it."""
    for run in _runs(document.layers, settings):
        layers = [document.layers[number] for number in run.layers]
        sizes = [layer.size for layer in layers]
        words = images_words(document, layers[0].images, ascii_only=not settings.unicode)
        size = sum(size or 0 for size in sizes)
        yield [
            Cell(f">{human_size(size)}" if None in sizes else human_size(size)),
            Cell(f"{len(layers):,}"),
            Cell(f"{run.lead}{words}", "bold" if len(layers[0].images) > 1 else ""),
        ]


def layer_rows(document: SharedReport, settings: TextSettings) -> Iterator[list[Cell]]:
    """A row for each layer, with its chain ID and its step, and one for each image over its highest layer."""
    ends: dict[int, list[int]] = {}
    for number, image in enumerate(document.images):
        if image.layers:
            ends.setdefault(image.layers[-1], []).append(number)
    for run in _runs(document.layers, settings):
        for place, number in enumerate(run.layers):
            layer = document.layers[number]
            lead = run.below if place else run.lead
            yield [
                Cell(marks(settings).none if layer.size is None else human_size(layer.size)),
                Cell(short(layer.chain_id) or marks(settings).none, "dim"),
                Cell(f"{lead}{_step(layer, settings)}"),
            ]
            for end in ends.get(number, ()):
                name = short_label(document, end, ascii_only=not settings.unicode)
                yield [EMPTY, EMPTY, Cell(f"{run.below}{marks(settings).arrow} {name}", "bold")]


def _step(layer: SharedLayer, settings: TextSettings) -> str:
    return shown_lines(layer_words(layer), settings)
