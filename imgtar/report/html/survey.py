"""The rows of an image that fit into a page: which ones are too small to be listed one by one.

A first pass over all long lists weighs the text of every row by the size of its file; then rows are kept, from the
largest down, until the page is full.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator

import msgspec

from imgtar.contract.content import InspectContent
from imgtar.contract.files import Entry
from imgtar.contract.inspect import Change, WasteRow
from imgtar.report.html.tree import DEPTH
from imgtar.text import escape_stored

ROOM = 4_000_000  # bytes of rows in a page that is not `full`
_ROW = 34  # bytes of a row's numbers, as measured on real images
_STEP = 14  # bytes of a directory beside its name
LARGEST = 20

Row = Change | Entry | WasteRow


class Survey(msgspec.Struct, frozen=True, kw_only=True):
    """Of the size class `least` only `allowance` bytes of rows are kept; all rows of larger classes are kept.

    `smallest` is the least size of that class; `largest` has the largest files of each image.
    """

    least: int
    allowance: float
    smallest: int
    largest: tuple[tuple[Entry, ...], ...]


def size_class(size: int) -> int:
    """The class of a size: a number that grows with the size, about eight classes for each doubling."""
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
    """Weighs rows in order: a row is shorter where the row before it has the same directory."""

    def __init__(self) -> None:
        self._folder = ""

    def weigh(self, path: str, link: str | None) -> int:
        """The bytes of a row in the page, with those of directories that no earlier row names."""
        cut = path.rfind("/")
        cost = _ROW + len(path) - cut + (len(link) if link else 0)
        folder = path[:cut]
        if folder != self._folder:
            known = self._folder
            inside = folder + "/"
            while known and not inside.startswith(known + "/"):
                known = known[: known.rfind("/")]
            fresh = folder[len(known) :]
            cost += len(fresh) + _STEP * fresh.count("/")
            if folder.count("/") > DEPTH:  # its name has all that lies deeper, whatever names the row before has
                cost += len(folder) - len(fresh)
            self._folder = folder
        return cost if path.isascii() else 3 * cost


def survey(content: InspectContent, *, full: bool) -> Survey:
    """Weighs every row of every image; with `full` all are kept."""
    weights: dict[int, int] = {}
    largest: list[tuple[Entry, ...]] = []
    for index, image in enumerate(content.document.images):
        found: list[tuple[int, int, Entry]] = []
        files = _watched(content.files(index), found)
        if full:
            for _ in files:
                pass
        else:
            _weigh(files, weights)
            for layer in image.layers:
                _weigh(content.changes(index, layer.index), weights)
            _weigh(image.waste_rows, weights)
        largest.append(tuple(entry for _, _, entry in sorted(found, reverse=True)))
    least, allowance = _threshold(weights)
    return Survey(least=least, allowance=allowance, smallest=_smallest(least), largest=tuple(largest))


def _watched(entries: Iterable[Entry], largest: list[tuple[int, int, Entry]]) -> Iterator[Entry]:
    """Yields the entries and collects the largest files in a heap; of equal files the first stays."""
    for number, entry in enumerate(entries):
        yield entry
        # A hard link has its target's size and adds nothing to it.
        if entry.type == "file" and (len(largest) < LARGEST or entry.size > largest[0][0]):
            (heapq.heappush if len(largest) < LARGEST else heapq.heapreplace)(largest, (entry.size, -number, entry))


def _weigh(rows: Iterable[Row], weights: dict[int, int]) -> None:
    scale = Scale()
    for row in rows:
        cost = scale.weigh(row_path(row), row_link(row))
        kind = size_class(row_size(row))
        weights[kind] = weights.get(kind, 0) + cost


def _threshold(weights: dict[int, int]) -> tuple[int, float]:
    """The class in which the page becomes full, and the bytes that are left for its rows."""
    left = float(ROOM)
    for kind in sorted(weights, reverse=True):
        if weights[kind] > left:
            return kind, left
        left -= weights[kind]
    return -1, float("inf")
