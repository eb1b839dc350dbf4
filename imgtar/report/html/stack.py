"""The layers as the page draws them: the bar, the steps of the Dockerfile, and one colour for each layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from imgtar.contract.inspect import Image, Layer, Tally
from imgtar.report.html.findings import Flag
from imgtar.report.html.page import Escaped, line, lines
from imgtar.report.words.base import folded_layers
from imgtar.report.words.image import BuildStep, counted, layer_problem, packages_words, split_steps, step_text, steps
from imgtar.text import human_size

_AT_LEAST = "≥ "  # before the size of a layer that was not read to its end
_MANY = 10_000  # paths
TONES = 12  # colours of the ramp
_SHORT, _WHOLE = 140, 4000  # characters of an instruction
STEPS = 1500  # of one image
_LEAST = 0.7  # percent of the bar that the smallest layer gets
_WIDE, _NARROW = 670, 280  # pixels that the bar has at least, and on a small screen
_NUMBER, _SIZE = 9, 6.5  # pixels that a character of a segment's number, and of its size, needs at most
_MARGIN = 4  # pixels around both


class Tones:
    """One colour for each layer of the archive; images that share a layer share its colour."""

    def __init__(self) -> None:
        self._known: dict[object, int] = {}

    def of(self, image: int, layer: Layer) -> int:
        """The colour of a layer, from 0."""
        key = layer.diff_id or layer.digest or (image, layer.index)
        # The position decides, so that neighbours differ; of several images the first one.
        return self._known.setdefault(key, layer.index % TONES)


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the bar; places in percent. `stretched`: it is drawn wider than its share.

    `least` stands before the size of a layer that was not read to its end. `number` and `label` say whether it has room
    for its number and its size: empty, `roomy` (not on a small screen) or `always`.
    """

    layer: int
    tone: int
    left: str
    middle: str
    right: str
    width: str
    number: str
    label: str
    stretched: bool
    size: int
    least: str
    keyword: str


class StepRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the Dockerfile. `layer` is None where it is metadata only; `share` in percent of the largest.

    `flags` counts the findings about the layer.
    """

    layer: Layer | None
    tone: int
    keyword: str
    short: Escaped
    whole: list[Escaped] | None
    share: str
    added: Tally | None
    modified: Tally | None
    deleted: Tally | None
    packages: Escaped
    problem: Escaped
    flags: Sequence[Flag]


def segments(image: Image, tones: Sequence[int]) -> list[Segment]:
    """The bar, base first; a layer that was not read has the least width."""
    sizes = [layer.content_size or 0 for layer in image.layers]
    total = sum(sizes)
    least = min(_LEAST, 50 / max(len(sizes), 1))
    widths = [max(100 * size / total if total else 0, least) for size in sizes]
    scale = 100 / sum(widths) if widths else 1
    left, drawn = 0.0, []
    for layer, width in zip(image.layers, widths, strict=True):
        share = width * scale
        sign = "" if layer.complete else _AT_LEAST
        drawn.append(
            Segment(
                layer=layer.index,
                tone=tones[layer.index],
                left=_percent(left),
                middle=_percent(left + share / 2),
                right=_percent(left + share),
                width=_percent(share),
                number=_room(share, len(str(layer.index)) * _NUMBER),
                label=_room(share, len(sign + human_size(layer.content_size or 0)) * _SIZE),
                stretched=bool(total) and width == least and len(sizes) > 1,
                size=layer.content_size or 0,
                least=sign,
                keyword=layer.instruction or "",
            )
        )
        left += share
    return drawn


def _room(share: float, pixels: float) -> str:
    """Where a text of so many pixels fits into a segment of this share, in percent."""
    fitting = [name for name, bar in (("always", _NARROW), ("roomy", _WIDE)) if share * bar / 100 >= pixels + _MARGIN]
    return fitting[0] if fitting else ""


def _percent(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".") + "%"


class Stack(msgspec.Struct, frozen=True, kw_only=True):
    """The layers of one image: the bar and the steps of the Dockerfile, those of a certain base apart.

    `many`: some step changes so many paths that their numbers need room.
    """

    segments: list[Segment]
    folded: Folded | None
    steps: list[StepRow]
    more_steps: int
    many: bool


def stack_of(image: Image, tones: Sequence[int], flags: Mapping[int, Sequence[Flag]], *, full: bool) -> Stack:
    """The layers of an image, in these colours, with their flags; a page that is not `full` has the first steps."""
    base, own = split_steps(image, folded_layers(image))
    listed = _rows(image, own, tones, flags, full=full)
    tallies = [tally for row in listed for tally in (row.added, row.modified, row.deleted) if tally]
    return Stack(
        segments=segments(image, tones),
        folded=_folded(image, _rows(image, base, tones, flags, full=full)),
        steps=listed,
        more_steps=len(own) - len(listed),
        many=any((tally.count or 0) >= _MANY for tally in tallies),
    )


class Folded(msgspec.Struct, frozen=True, kw_only=True):
    """The steps of a base that is certain, which the page shows when it is asked to."""

    words: str
    size: int
    steps: list[StepRow]


def _folded(image: Image, steps: list[StepRow]) -> Folded | None:
    """The row that these steps of the base have in common; None where each has its own."""
    layers = folded_layers(image)
    if not layers:
        return None
    size = sum(layer.content_size or 0 for layer in image.layers[:layers])
    return Folded(words=counted(layers, "layer"), size=size, steps=steps)


def _rows(
    image: Image,
    listed: Sequence[BuildStep],
    tones: Sequence[int],
    flags: Mapping[int, Sequence[Flag]],
    *,
    full: bool,
) -> list[StepRow]:
    largest = max((layer.content_size or 0 for layer in image.layers), default=0)
    return [
        _step_row(step, tones, flags.get(step.layer.index, ()) if step.layer else (), largest, full=full)
        for step in (listed if full else listed[:STEPS])
    ]


def _step_row(step: BuildStep, tones: Sequence[int], flags: Sequence[Flag], largest: int, *, full: bool) -> StepRow:
    layer = step.layer
    keyword, text = step_text(step, whole=True)
    short = line(step_text(step, whole=False)[1], _SHORT)
    read = layer is not None and layer.content_size is not None
    return StepRow(
        layer=layer,
        tone=tones[layer.index] if layer else 0,
        keyword=keyword,
        short=short,
        whole=None if short == text else lines(text, len(text) if full else _WHOLE),
        share=_percent(100 * (layer.content_size or 0) / largest) if layer and largest else "0%",
        added=layer.added if layer and read else None,
        modified=layer.modified if layer and read else None,
        deleted=layer.deleted if layer and read else None,
        packages=Escaped(packages_words(layer.packages)) if layer else Escaped(""),
        problem=Escaped(layer_problem(layer)) if layer else Escaped(""),
        flags=flags,
    )


def layer_words(image: Image, *, limit: int = 200) -> list[str]:
    """The line of each layer's step, for the script: `RUN set -eux; …`."""
    words = [""] * len(image.layers)
    for step in steps(image):
        if step.layer is not None:
            words[step.layer.index] = str(line(" ".join(step_text(step, whole=False)).strip(), limit))
    return words
