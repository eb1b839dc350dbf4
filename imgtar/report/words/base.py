"""The words for the base image that all text formats share."""

from __future__ import annotations

from imgtar.contract.base import Base
from imgtar.contract.inspect import Image, ImageOutline
from imgtar.report.words.image import counted, split_steps
from imgtar.text import human_size

_CLAIMS = {
    "given": "given",
    "archive": "an image of this archive",
    "label": "stated by a label",
    "annotation": "stated by an annotation",
    "provenance": "stated by the provenance",
    "history": "guessed from the history",
}
_NAMED = {
    "label": "named by a label",
    "annotation": "named by an annotation",
    "provenance": "named by the provenance",
}
NO_BASE = "no layer is known to be the base's, so nothing is left out"


def base_name(base: Base) -> str:
    """The name of the base as stored, else its digest; empty without both."""
    return base.name or base.digest or ""


def base_facts(image: ImageOutline, base: Base) -> str:
    """What is known beside the name: `4 layers, 74.8 MB (given)`."""
    return base_sources(base) if base.layers is None else f"{base_size(image, base.layers)} {base_sources(base)}"


def base_sources(base: Base) -> str:
    """Who says so: `(given, named by a label)`."""
    sources = [_CLAIMS[base.by]]
    if base.named_by != base.by and base.named_by in _NAMED:
        sources.append(_NAMED[base.named_by])
    return f"({sources[0]}; its layers are not known)" if base.layers is None else f"({', '.join(sources)})"


def base_size(image: ImageOutline, layers: int) -> str:
    """`4 layers, 74.8 MB`, without bytes where a layer was not read."""
    sizes = [layer.content_size for layer in image.layers[:layers]]
    known = [size for size in sizes if size is not None]
    return ", ".join([counted(layers, "layer"), *([human_size(sum(known))] if len(known) == len(sizes) else [])])


def folded_layers(image: Image) -> int:
    """How many of the lowest layers one row stands for: those of a base that is certain and has several steps."""
    base = image.base
    if base is None or not base.certain or not base.layers or len(split_steps(image, base.layers)[0]) < 2:
        return 0
    return base.layers


def layer_range(layers: int) -> str:
    """The numbers of the lowest layers: `0`, `0-3`."""
    return "0" if layers == 1 else f"0-{layers - 1}"


def own_words(image: Image) -> str:
    """What `--own` leaves out; empty without it."""
    own = image.own
    if own is None:
        return ""
    if own.layers == len(image.layers):
        return NO_BASE
    size = human_size(own.content_size)
    return f"{counted(own.layers, 'layer')} above the base, {size}: only their changes, files and waste are listed"


def above_words(image: Image) -> str:
    """What stands behind `stored` where the waste of the base is left out; else empty."""
    return " above the base" if image.own and image.own.layers < len(image.layers) else ""
