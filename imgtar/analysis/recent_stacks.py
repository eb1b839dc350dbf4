"""Stacks that earlier archives had: those of a fleet often have the same layers under other names."""

from __future__ import annotations

from collections import OrderedDict

import msgspec

from imgtar.analysis.stacked_image import StackedImage, row_count
from imgtar.image.image import Image

_MOST_ROWS = 200_000  # paths and changes, about 0.1 kB each


class RecentStacks:
    """The stacks that were made last, for sessions of one thread, one kind of ignored findings, and one cache.

    Scans are the same where a cache gives the same entries again. Plain layers have no part in it: their contents are
    compared by reading them.
    """

    def __init__(self) -> None:
        self._stacks: OrderedDict[tuple[int, ...], StackedImage] = OrderedDict()
        self._rows = 0

    def get(self, image: Image) -> StackedImage | None:
        """The stack of the layers of the image, with its measures if it was measured; None where it is not known."""
        key = _key(image)
        known = None if key is None else self._stacks.get(key)
        if known is None or key is None:
            return None
        self._stacks.move_to_end(key)
        tree = msgspec.structs.replace(known.tree, scans=tuple(layer.scan for layer in image.layers))
        return msgspec.structs.replace(known, image=image, tree=tree)

    def put(self, stacked: StackedImage) -> None:
        """Keeps the stack, and the entries of its scans with it, in the place of one with the same layers."""
        key = _key(stacked.image)
        if key is None:
            return
        self._rows += row_count(stacked) if key not in self._stacks else 0
        self._stacks[key] = stacked
        while self._rows > _MOST_ROWS:
            _, oldest = self._stacks.popitem(last=False)
            self._rows -= row_count(oldest)


def _key(image: Image) -> tuple[int, ...] | None:
    scans = [layer.scan for layer in image.layers]
    found = [id(scan.entries) for scan in scans if scan is not None and scan.compression != "none"]
    return tuple(found) if len(found) == len(scans) else None
