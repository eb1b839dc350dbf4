"""The directories of a view with what is in each, and the sums of their bytes: built in steps, one pass over the rows.

A million paths take a second and 8 bytes each, and their directories 60 bytes each: the views of many layers fit into
memory.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from itertools import accumulate, pairwise
from typing import Literal

from imgtar.explore.model.directories import Directories
from imgtar.explore.model.views import STEP, FileView
from imgtar.layer.paths import parent, too_long

Order = Literal["name", "size", "net"]
Selects = Callable[[bytes], bool]
_LONG = 4096  # bytes of a path; a shorter one has not too many components


class PathIndex:
    """What of a view is listed. A directory that is no row of the view is listed for what is below it alone.

    A path that is too long to be split is listed whole at the top: the paths of the directories above it would take
    gigabytes.
    """

    def __init__(self, view: FileView, directories: Directories, selects: Selects | None = None) -> None:
        self.view = view
        self.total = 0  # paths of the view
        self._directories = directories
        self._selects = selects
        self._rows: list[bytes] = []
        # By number of a directory:
        self._first = array("I")  # where its rows start; those of the next directory are behind them
        self._counts = array("I")  # paths below
        self._bytes: list[int] = []  # below; what headers say may not fit into an array
        self._differences: list[int] | None = None  # between net and other bytes

    def build(self) -> Iterator[None]:
        """Does the work, in steps; only then the other methods may be called."""
        yield from self.view.prepare()
        runs, selects = _Runs(), self._selects
        rows, head, inside = runs.rows, b"", 0
        number = self._number_of(head)
        for count, (path, size) in enumerate(self.view.rows()):
            if not count % STEP:
                yield
            if selects is not None and not selects(path):
                continue
            end = path.rfind(b"/")
            above = path[:end] if end > 0 and (len(path) <= _LONG or not too_long(path)) else b""
            if above != head:  # most paths are in the directory of the path before
                self._end_run(runs, number, inside)
                head, inside = above, 0
                number = self._number_of(head)
            rows.append(path)
            inside += size
        self._end_run(runs, number, inside)
        self.total = len(rows)
        yield from self._sum_up(runs)
        yield from self._group(runs)

    def _number_of(self, directory: bytes) -> int:
        number = self._directories.number(directory)
        if missing := len(self._directories) - len(self._counts):
            self._counts.extend([0] * missing)
            self._bytes.extend([0] * missing)
        return number

    def _end_run(self, runs: _Runs, directory: int, size: int) -> None:
        self._counts[directory] += runs.end(directory)
        self._bytes[directory] += size

    def _sum_up(self, runs: _Runs) -> Iterator[None]:
        """Adds what is below, and lists the directories that are no rows but have something below them."""
        counts, sums, directories = self._counts, self._bytes, self._directories
        for step, (number, above) in enumerate(directories.upwards(len(counts))):
            if not step % STEP:
                yield
            if not counts[number]:
                continue
            directory = directories.path(number)
            if not self.is_row(directory):
                runs.rows.append(directory)
                counts[above] += runs.end(above)
            counts[above] += counts[number]
            sums[above] += sums[number]

    def _group(self, runs: _Runs) -> Iterator[None]:
        """Puts the rows of each directory beside each other: those of a large one may be a thousand runs."""
        counts = array("I", [0]) * len(self._counts)
        for directory, start, end in runs:
            counts[directory] += end - start
        self._first = array("I", accumulate(counts, initial=0))
        self._rows, free = [b""] * len(runs.rows), self._first[:]
        for step, (directory, start, end) in enumerate(runs):
            if not step % STEP:
                yield
            place = free[directory]
            free[directory] += end - start
            self._rows[place : free[directory]] = runs.rows[start:end]

    def is_row(self, path: bytes) -> bool:
        """Is the path one of the view that is listed?"""
        return path in self.view and (self._selects is None or self._selects(path))

    def is_directory(self, path: bytes) -> bool:
        """Is something listed below the path, or is it a directory of the view?"""
        return self.below(path) > 0 or self.view.entry(path).member.type == "dir"

    def directories(self) -> Iterator[bytes]:
        """The directories that have something below them."""
        return (self._directories.path(number) for number, count in enumerate(self._counts) if count)

    def below(self, directory: bytes) -> int:
        """How many paths are listed below a directory, at any depth."""
        number = self._number(directory)
        return 0 if number is None else self._counts[number]

    def _number(self, path: bytes) -> int | None:
        """The number of a directory with something below it; those of another list that this one lacks have none."""
        number = self._directories.find(path)
        return number if number is not None and number < len(self._counts) and self._counts[number] else None

    def size(self, path: bytes) -> int:
        """The bytes of a file, or of all files below a directory."""
        number = self._number(path)
        return self.view.entry(path).size if number is None else self._bytes[number]

    def prepare(self, order: Order) -> Iterator[None]:
        """Finds out what an order needs, in steps; only then `children` and `net` may be asked for it."""
        if order != "net" or self._differences is not None:
            return
        found = [0] * len(self._counts)
        for step, (path, difference) in enumerate(self.view.differences()):
            if not step % STEP:
                yield
            if difference and (self._selects is None or self._selects(path)):
                number = self._number(path)
                if number is None and not too_long(path):
                    number = self._number(parent(path))
                if number is not None:
                    found[number] += difference
        for step, (number, above) in enumerate(self._directories.upwards(len(found))):
            if not step % STEP:
                yield
            found[above] += found[number]
        self._differences = found

    def net(self, path: bytes) -> int:
        """The bytes that the layer adds to the filesystem at and below a path, less those that it takes away."""
        number = self._number(path)
        if number is None:
            return self.view.net(path)
        return self._bytes[number] + (self._differences[number] if self._differences else 0)

    def children(self, directory: bytes, order: Order) -> list[bytes]:
        """What is in a directory: by name, or the largest first."""
        number = self._number(directory)
        if number is None:
            return []
        listed = slice(self._first[number], self._first[number + 1])
        found = self._rows[listed]
        found.sort()
        self._rows[listed] = found  # next time they are in order
        if order != "name":
            found.sort(key=self.size if order == "size" else self.net, reverse=True)
        return found


class _Runs:
    """Rows as a view gives them. Those beside each other that are in one directory are a run.

    Iterating gives the directory of each run by number, where the run starts, and where it ends.
    """

    def __init__(self) -> None:
        self.rows: list[bytes] = []
        self._ends = array("I", [0])
        self._directories = array("I")

    def end(self, directory: int) -> int:
        """Ends a run with the rows that were added since the last one; returns how many they are."""
        self._directories.append(directory)
        self._ends.append(len(self.rows))
        return self._ends[-1] - self._ends[-2]

    def __iter__(self) -> Iterator[tuple[int, int, int]]:
        return ((number, *ends) for number, ends in zip(self._directories, pairwise(self._ends), strict=True))
