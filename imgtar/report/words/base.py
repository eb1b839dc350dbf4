"""The words for the base image that all text formats share."""

from __future__ import annotations

from imgtar.contract.base import Base
from imgtar.contract.inspect import ImageOutline
from imgtar.report.words.image import counted
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


def base_name(base: Base) -> str:
    """The name of the base as stored, else its digest; empty without both."""
    return base.name or base.digest or ""


def base_facts(image: ImageOutline, base: Base) -> str:
    """What is known beside the name: `4 layers, 74.8 MB (given)`."""
    sources = [_CLAIMS[base.by]]
    if base.named_by != base.by and base.named_by in _NAMED:
        sources.append(_NAMED[base.named_by])
    if base.layers is None:
        return f"({sources[0]}; its layers are not known)"
    return f"{base_size(image, base.layers)} ({', '.join(sources)})"


def base_size(image: ImageOutline, layers: int) -> str:
    """`4 layers, 74.8 MB`, without bytes where a layer was not read."""
    sizes = [layer.content_size for layer in image.layers[:layers]]
    known = [size for size in sizes if size is not None]
    return ", ".join([counted(layers, "layer"), *([human_size(sum(known))] if len(known) == len(sizes) else [])])
