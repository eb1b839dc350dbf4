"""Long lists are encoded a few rows at a time: fewer, larger pieces cost less time and more memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

ROWS = 100  # a row may have a path of 64 KiB, and a text is copied several times on its way

Row = TypeVar("Row")


def batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """The rows in lists that are short enough to be encoded as a whole."""
    rest = iter(rows)
    while batch := list(islice(rest, ROWS)):
        yield batch
