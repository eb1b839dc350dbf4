"""Which layer of one image is which of the other: by diffID, then by the step that made it, then by its paths.

The alignment does not depend on which image comes first: where two choices align as many layers, the diffIDs decide.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet

import msgspec

_MOST_CELLS = 4_000_000  # of the table of a common sequence: 1,000 layers on each side take 1,000,000
_WINDOW = 16  # positions by which layers with the same paths may be apart
_LEAST_OVERLAP = 2  # two sets of paths are alike where at least one of so many paths is in both

Matches = Callable[[int, int], bool]


class LayerKeys(msgspec.Struct, frozen=True):
    """What a layer is recognised by: its diffID, the text of its step, and the paths that it changes, when asked for.

    The first two are None where they are not known.
    """

    diff_id: str | None
    step: str | None
    paths: Callable[[], AbstractSet[bytes]]


class Aligned(msgspec.Struct, frozen=True):
    """The indexes of two layers that are the same, or a later state of the same; None: it has no counterpart.

    `moved`: the same diffID, but the order of the layers differs.
    """

    a: int | None
    b: int | None
    moved: bool = False


def align(first: Sequence[LayerKeys], second: Sequence[LayerKeys]) -> list[Aligned]:
    """Every layer of both images once, in the order of the second one; those that only the first one has come first
    among those between two neighbours that both have.
    """
    anchors = _by_diff_id(first, second)
    moved = _moved(first, second, anchors)
    pairs: list[tuple[int, int]] = []
    taken_a, taken_b = {a for a, _ in moved}, {b for _, b in moved}
    begin_a = begin_b = 0
    for end_a, end_b in (*anchors, (len(first), len(second))):
        left_a = [a for a in range(begin_a, end_a) if a not in taken_a]
        left_b = [b for b in range(begin_b, end_b) if b not in taken_b]
        pairs += _between(first, second, left_a, left_b)
        pairs.append((end_a, end_b))
        begin_a, begin_b = end_a + 1, end_b + 1
    return _in_order(len(first), len(second), pairs[:-1], moved)


def _by_diff_id(first: Sequence[LayerKeys], second: Sequence[LayerKeys]) -> list[tuple[int, int]]:
    """The longest common sequence of diffIDs; the common lowest layers, which have one chain ID, are its begin."""

    def same(a: int, b: int) -> bool:
        return first[a].diff_id is not None and first[a].diff_id == second[b].diff_id

    least = min(len(first), len(second))
    low = 0
    while low < least and same(low, low):
        low += 1
    high = 0
    while high < least - low and same(len(first) - 1 - high, len(second) - 1 - high):
        high += 1
    between_a = range(low, len(first) - high)
    between_b = range(low, len(second) - high)
    return [
        *((number, number) for number in range(low)),
        *_common(first, second, between_a, between_b, same),
        *((len(first) - number, len(second) - number) for number in range(high, 0, -1)),
    ]


def _moved(
    first: Sequence[LayerKeys], second: Sequence[LayerKeys], anchors: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """The layers that both images have, in another order."""
    aligned_a, aligned_b = {a for a, _ in anchors}, {b for _, b in anchors}
    waiting: dict[str, deque[int]] = {}
    for a, layer in enumerate(first):
        if a not in aligned_a and layer.diff_id is not None:
            waiting.setdefault(layer.diff_id, deque()).append(a)
    moved: list[tuple[int, int]] = []
    for b, layer in enumerate(second):
        if b not in aligned_b and layer.diff_id is not None and waiting.get(layer.diff_id):
            moved.append((waiting[layer.diff_id].popleft(), b))
    return moved


def _between(
    first: Sequence[LayerKeys], second: Sequence[LayerKeys], left_a: Sequence[int], left_b: Sequence[int]
) -> list[tuple[int, int]]:
    """Pairs of layers that no diffID aligns: by equal steps, and those between them by their paths."""

    def same_step(a: int, b: int) -> bool:
        return first[a].step is not None and first[a].step == second[b].step

    by_step = _common(first, second, left_a, left_b, same_step)
    ends = [(left_a.index(a), left_b.index(b)) for a, b in by_step]
    pairs: list[tuple[int, int]] = []
    begin_a = begin_b = 0
    for end_a, end_b in (*ends, (len(left_a), len(left_b))):
        pairs += _by_paths(first, second, left_a[begin_a:end_a], left_b[begin_b:end_b])
        if end_a < len(left_a):
            pairs.append((left_a[end_a], left_b[end_b]))
        begin_a, begin_b = end_a + 1, end_b + 1
    return pairs


def _by_paths(
    first: Sequence[LayerKeys], second: Sequence[LayerKeys], left_a: Sequence[int], left_b: Sequence[int]
) -> list[tuple[int, int]]:
    """Pairs of layers that change the same paths, at least half of them; far apart in the row they are not compared."""
    if not left_a or not left_b:
        return []
    places_a = {a: place for place, a in enumerate(left_a)}
    places_b = {b: place for place, b in enumerate(left_b)}
    paths_a, paths_b = [first[a].paths() for a in left_a], [second[b].paths() for b in left_b]

    def alike(a: int, b: int) -> bool:
        place_a, place_b = places_a[a], places_b[b]
        return abs(place_a - place_b) <= _WINDOW and _overlap(paths_a[place_a], paths_b[place_b])

    return _common(first, second, left_a, left_b, alike)


def _overlap(paths: AbstractSet[bytes], others: AbstractSet[bytes]) -> bool:
    """Is at least half of all these paths in both sets?"""
    few, many = sorted((paths, others), key=len)
    if not few or _LEAST_OVERLAP * len(few) < len(many):
        return False
    shared = sum(path in many for path in few)
    return _LEAST_OVERLAP * shared >= len(few) + len(many) - shared


def _common(
    first: Sequence[LayerKeys],
    second: Sequence[LayerKeys],
    left_a: Sequence[int],
    left_b: Sequence[int],
    matches: Matches,
) -> list[tuple[int, int]]:
    """The longest sequence of pairs that match, both sides in order; none where a table of them would be too large."""
    rows, columns = len(left_a), len(left_b)
    if rows * columns > _MOST_CELLS:
        return []
    lengths = [array("I", bytes(4 * (columns + 1))) for _ in range(rows + 1)]
    for row in reversed(range(rows)):
        here, below = lengths[row], lengths[row + 1]
        for column in reversed(range(columns)):
            longest = max(here[column + 1], below[column])
            if below[column + 1] == longest and matches(left_a[row], left_b[column]):
                longest += 1
            here[column] = longest
    pairs: list[tuple[int, int]] = []
    row = column = 0
    while row < rows and column < columns:
        a, b = left_a[row], left_b[column]
        right, down = lengths[row][column + 1], lengths[row + 1][column]
        if lengths[row][column] > max(right, down):
            pairs.append((a, b))
            row, column = row + 1, column + 1
        elif down > right or (down == right and (first[a].diff_id or "") > (second[b].diff_id or "")):
            row += 1
        else:
            column += 1
    return pairs


def _in_order(
    count_a: int, count_b: int, pairs: Sequence[tuple[int, int]], moved: Sequence[tuple[int, int]]
) -> list[Aligned]:
    came_from = {b: a for a, b in moved}
    gone = {a for a, _ in moved}
    found: list[Aligned] = []
    begin_a = begin_b = 0
    for end_a, end_b in (*pairs, (count_a, count_b)):
        found += [Aligned(a, None) for a in range(begin_a, end_a) if a not in gone]
        found += [Aligned(came_from.get(b), b, moved=b in came_from) for b in range(begin_b, end_b)]
        if end_a < count_a and end_b < count_b:
            found.append(Aligned(end_a, end_b))
        begin_a, begin_b = end_a + 1, end_b + 1
    return found
