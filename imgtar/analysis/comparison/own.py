"""What of two images does not lie in their base images."""

from __future__ import annotations

from imgtar.analysis.comparison.effects import Wanted, changed_paths
from imgtar.analysis.stacked_image import StackedImage


def own_paths(a: StackedImage, b: StackedImage, bases: tuple[int, int], wanted: Wanted) -> Wanted:
    """The wanted paths that a layer above the base of either image adds, modifies or deletes.

    `bases` are the numbers of lowest layers that belong to the bases.
    """
    own: set[bytes] = set()
    for stacked, first in zip((a, b), bases, strict=True):
        for layer in range(first, len(stacked.image.layers)):
            own |= changed_paths(stacked, layer)
    return lambda path: path in own and wanted(path)


def in_bases(a: int | None, b: int | None, bases: tuple[int, int]) -> bool:
    """Do both layers of a pair, or the one that has no counterpart, belong to the bases?"""
    return (a is None or a < bases[0]) and (b is None or b < bases[1])
