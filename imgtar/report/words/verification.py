"""What `verify` says of each layer and of the bytes of the archive, for all text formats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

import msgspec

from imgtar.contract.content import VerifyContent
from imgtar.contract.inspect import ByteRange, Layer
from imgtar.report.words.image import counted
from imgtar.text import human_size, neutralise

LayerState = Literal["ok", "WRONG", "absent"]
NOT_COUNTED = "not counted: the input is a directory"


class ByteKind(msgspec.Struct, frozen=True):
    """The bytes of one kind of part together; `name` is escaped."""

    name: str
    count: int
    size: int


def layer_state(content: VerifyContent, image: int, layer: Layer) -> LayerState:
    """`ok`: every digest of the layer was recomputed and agrees, or nothing is known against it."""
    if not layer.present:
        return "absent"
    return "WRONG" if layer.index in content.wrong_layers[image] else "ok"


def byte_kinds(ranges: Sequence[ByteRange]) -> list[ByteKind]:
    """The kinds of parts of the archive, the largest first."""
    sizes, counts = Counter[str](), Counter[str]()
    for span in ranges:
        kind = _kind(span.what.partition(":")[0])
        sizes[kind] += span.length
        counts[kind] += 1
    ordered = sorted(sizes.items(), key=lambda item: (-item[1], item[0]))
    return [ByteKind(neutralise(kind), counts[kind], size) for kind, size in ordered]


def _kind(what: str) -> str:
    for start, plural in (("layer ", "layers"), ("config of", "configs"), ("manifest of", "manifests")):
        if what.startswith(start):
            return plural
    return what


def bytes_words(ranges: Sequence[ByteRange]) -> str:
    """`1,818,112 (1.82 MB): every byte is accounted for`."""
    total = sum(span.length for span in ranges)
    return f"{total:,} ({human_size(total)}): every byte is accounted for"


def layers_words(content: VerifyContent, image: int) -> str:
    """`10 layers: 9 ok, 1 WRONG`."""
    layers = content.document.images[image].layers
    if not layers:
        return "no layers"
    states = Counter(layer_state(content, image, layer) for layer in layers)
    return f"{counted(len(layers), 'layer')}: {', '.join(f'{count:,} {state}' for state, count in states.items())}"
