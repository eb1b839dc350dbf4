"""How much of an image a page can hold: which rows are too small to be listed one by one.

A first pass over all long lists weighs the text of every row by its file's size; from the largest down, rows are
kept until the page is full.
"""

from __future__ import annotations

import heapq
import os
from collections.abc import Iterator

import msgspec

from imgtar.report.content import InspectContent
from imgtar.report.display import escape_stored
from imgtar.report.model import Change, Entry, WasteRow

ROOM = 4_000_000  # bytes of rows in a page that is not `full`
_ROW = 34  # bytes of a row's numbers, as measured on real images
_STEP = 14  # bytes of a directory beside its name
LARGEST = 20

Row = Change | Entry | WasteRow


class Survey(msgspec.Struct, frozen=True, kw_only=True):
    """`least` is the class of sizes of which only `allowance` bytes of rows are kept; larger ones are kept whole.

    `smallest` is the least size of that class; `largest` has the largest files of each image.
    """

    least: int
    allowance: float
    smallest: int
    largest: tuple[tuple[Entry, ...], ...]


def size_class(size: int) -> int:
    """A number that grows with the size, about eight of them to each doubling."""
    bits = size.bit_length()
    return size if bits <= 4 else (bits << 3) + (size >> (bits - 4))


def _smallest(least: int) -> int:
    """The least size of a class."""
    if least < 16:
        return max(least, 0)
    bits = (least >> 3) - 1
    return (least - (bits << 3)) << (bits - 4)


def row_size(row: Row) -> int:
    """The bytes that a row stands for."""
    return row.bytes if isinstance(row, WasteRow) else row.size


def row_path(row: Row) -> str:
    """The row's path, escaped."""
    return escape_stored(row.path, row.path_b64)


def row_link(row: Row) -> str | None:
    """Where a symlink or hard link points, escaped."""
    if isinstance(row, WasteRow) or row.link is None:
        return None
    return escape_stored(row.link, row.link_b64)


class Scale:
    """What rows weigh on the page; each knows the directory of the row before it."""

    def __init__(self) -> None:
        self._folder = ""

    def weigh(self, path: str, link: str | None) -> int:
        """The bytes of a row in the page, with those of the directories that it is the first one to name."""
        cut = path.rfind("/")
        cost = _ROW + len(path) - cut + (len(link) if link else 0)
        folder = path[:cut]
        if folder != self._folder:
            fresh = folder[len(os.path.commonprefix((folder, self._folder))) :]  # noqa: RUF071 - an estimate
            cost += len(fresh) + _STEP * fresh.count("/")
            self._folder = folder
        return cost if path.isascii() else 3 * cost


def lists(content: InspectContent, image: int) -> Iterator[Iterator[Row]]:
    """Every long list of one image: files, changes of each layer, waste."""
    yield iter(content.files(image))
    document = content.document.images[image]
    for layer in document.layers:
        yield iter(content.changes(image, layer.index))
    yield iter(document.waste)


def survey(content: InspectContent, *, full: bool) -> Survey:
    """Weighs every row of every image; with `full` all are kept."""
    weights: dict[int, int] = {}
    largest: list[tuple[Entry, ...]] = []
    for image in range(len(content.document.images)):
        # A hard link has its target's size and adds nothing to it.
        files = (entry for entry in content.files(image) if entry.type == "file")
        largest.append(tuple(heapq.nsmallest(LARGEST, files, key=lambda entry: (-entry.size, entry.path))))
        if not full:
            _weigh(content, image, weights)
    least, allowance = _threshold(weights)
    return Survey(least=least, allowance=allowance, smallest=_smallest(least), largest=tuple(largest))


def _weigh(content: InspectContent, image: int, weights: dict[int, int]) -> None:
    for rows in lists(content, image):
        scale = Scale()
        for row in rows:
            cost = scale.weigh(row_path(row), row_link(row))
            kind = size_class(row_size(row))
            weights[kind] = weights.get(kind, 0) + cost


def _threshold(weights: dict[int, int]) -> tuple[int, float]:
    """The class in which the page is full, and what is left for its rows."""
    left = float(ROOM)
    for kind in sorted(weights, reverse=True):
        if weights[kind] > left:
            return kind, left
        left -= weights[kind]
    return -1, float("inf")
