"""The directories of a view with what is in each, and the sums of their bytes: built in steps, one pass over the rows.

A million paths take a second and 8 bytes each, and their directories 60 bytes each: the views of many layers fit into
memory.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from typing import Literal

from imgtar.explore.model.directories import Directories
from imgtar.explore.model.views import STEP, FileView
from imgtar.layer.paths import parent, too_long

Order = Literal["name", "size", "net"]
Selects = Callable[[bytes], bool]
_LONG = 4096  # bytes of a path; a shorter one has not too many components
_NO_RUN = -1


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
        # Rows beside each other that are in one directory are a run: where it starts (at last where all end), and the
        # run before it in the directory.
        self._starts = array("I")
        self._before = array("i")
        # By number of a directory:
        self._last_run = array("i")
        self._counts = array("I")  # paths below
        self._bytes: list[int] = []  # below; what headers say may not fit into an array
        self._differences: list[int] | None = None  # between net and other bytes

    def build(self) -> Iterator[None]:
        """Does the work, in steps; only then the other methods may be called."""
        yield from self.view.prepare()
        rows, selects = self._rows, self._selects
        head, inside = b"", 0
        number = self._begin_run(head)
        for count, (path, size) in enumerate(self.view.rows()):
            if not count % STEP:
                yield
            if selects is not None and not selects(path):
                continue
            end = path.rfind(b"/")
            above = path[:end] if end > 0 and (len(path) <= _LONG or not too_long(path)) else b""
            if above != head:  # most paths are in the directory of the path before
                self._end_run(number, inside)
                head, inside = above, 0
                number = self._begin_run(head)
            rows.append(path)
            inside += size
        self._end_run(number, inside)
        self.total = len(rows)
        yield from self._sum_up()

    def _begin_run(self, directory: bytes) -> int:
        number = self._directories.number(directory)
        if missing := len(self._directories) - len(self._counts):
            self._counts.extend([0] * missing)
            self._bytes.extend([0] * missing)
            self._last_run.extend([_NO_RUN] * missing)
        self._before.append(self._last_run[number])
        self._last_run[number] = len(self._starts)
        self._starts.append(len(self._rows))
        return number

    def _end_run(self, number: int, size: int) -> None:
        self._counts[number] += len(self._rows) - self._starts[-1]
        self._bytes[number] += size

    def _sum_up(self) -> Iterator[None]:
        """Adds what is below, and lists the directories that are no rows but have something below them."""
        counts, sums, directories = self._counts, self._bytes, self._directories
        for step, (number, above) in enumerate(directories.upwards(len(counts))):
            if not step % STEP:
                yield
            if not counts[number]:
                continue
            directory = directories.path(number)
            if not self.is_row(directory):
                self._begin_run(directories.path(above))
                self._rows.append(directory)
                counts[above] += 1
            counts[above] += counts[number]
            sums[above] += sums[number]
        self._starts.append(len(self._rows))

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
        found: list[bytes] = []
        number = self._number(directory)
        run = _NO_RUN if number is None else self._last_run[number]
        rows, starts, before = self._rows, self._starts, self._before
        while run != _NO_RUN:
            found += rows[starts[run] : starts[run + 1]]
            run = before[run]
        if order == "name":
            found.sort()
        else:
            measure = self.size if order == "size" else self.net
            found.sort(key=lambda path: (-measure(path), path))
        return found
