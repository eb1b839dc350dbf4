"""Which later layer deletes or overwrites a file of a layer: a container does not see the file, the archive has it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Set

import msgspec

from imgtar.analysis.stacked_image import MeasuredImage


class Removal(msgspec.Struct, frozen=True):
    """The layer that removes a path of a lower layer, and the words that a sentence ends with; neither if none does."""

    layer: int | None = None
    text: str = ""


class Removals:
    """What the layers of an image remove of some `paths`.

    Building is linear in the changes of the layers, and asking takes no walk over the layers.
    """

    def __init__(self, stacked: MeasuredImage, paths: Set[bytes]) -> None:
        self._stacked = stacked
        self._layers: dict[bytes, list[int]] = {}  # by path, the lowest first
        for index, changes in enumerate(stacked.changes):
            for removed in (changes.deleted.keys(), changes.modified.keys()):
                for path in removed & paths:
                    self._layers.setdefault(path, []).append(index)

    def above(self, layer: int, path: bytes) -> Removal:
        """The first layer above `layer` that deletes or overwrites what `layer` stores at `path`, one of `paths`."""
        layers = self._layers.get(path, [])
        place = bisect_right(layers, layer)
        if place == len(layers):
            return Removal()
        later = layers[place]
        verb = "deletes" if path in self._stacked.changes[later].deleted else "overwrites"
        step = self._stacked.image.pairing.step_of(later)
        instruction = (step.instruction if step is not None else None) or "unknown instruction"
        return Removal(later, f"; layer {later} ({instruction}) {verb} it, but it is still in the archive")
