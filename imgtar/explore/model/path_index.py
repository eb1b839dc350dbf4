"""The directories of a view with what is in each, and the sums of their bytes: built in steps, one pass over the rows.

A million paths take a second and 8 bytes each besides the directories, whose names alone are new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

from imgtar.explore.model.views import FileView
from imgtar.layer.paths import parent, too_long

Order = Literal["name", "size", "net"]
Selects = Callable[[bytes], bool]
STEP = 2048  # rows between two points at which the work may be interrupted
_LONG = 4096  # bytes of a path; a shorter one has not too many components


class PathIndex:
    """`context` has the directories that are listed only because of what is below: they are no rows of the view.

    A path that is too long to be split is listed whole at the top: the paths of the directories above it would take
    gigabytes.
    """

    def __init__(self, view: FileView, selects: Selects | None = None) -> None:
        self.view = view
        self.context: set[bytes] = set()
        self.total = 0  # paths of the view, those in `context` left out
        self._selects = selects
        self._children: dict[bytes, list[bytes]] = {b"": []}
        self._bytes: dict[bytes, int] = {}  # below each directory
        self._counts: dict[bytes, int] = {}  # paths below each directory that has another one in it
        self._sorted: dict[bytes, Order] = {}
        self._differences: dict[bytes, int] | None = None  # between net and other bytes, of each path and directory

    def build(self) -> Iterator[None]:
        """Does the work, in steps; only then the other methods may be called."""
        children, sums, selects = self._children, self._bytes, self._selects
        total, head, inside, bytes_inside = 0, b"", children[b""], 0
        for number, (path, size) in enumerate(self.view.rows()):
            if not number % STEP:
                yield
            if selects is not None and not selects(path):
                continue
            end = path.rfind(b"/")
            above = path[:end] if end > 0 and (len(path) <= _LONG or not too_long(path)) else b""
            if above != head:  # most paths are in the directory of the path before
                if bytes_inside:
                    sums[head] = sums.get(head, 0) + bytes_inside
                head, bytes_inside = above, 0
                inside = children.setdefault(head, [])
            inside.append(path)
            bytes_inside += size
            total += 1
        sums[head] = sums.get(head, 0) + bytes_inside
        self.total = total
        yield
        yield from self._add_context()
        yield from self._sum_up()

    def _add_context(self) -> Iterator[None]:
        waiting = list(self._children)
        for number, directory in enumerate(waiting):
            if not number % STEP:
                yield
            if not directory or self._is_row(directory):
                continue
            self.context.add(directory)
            above = parent(directory)
            if above not in self._children:
                self._children[above] = []
                waiting.append(above)
            self._children[above].append(directory)

    def _is_row(self, directory: bytes) -> bool:
        return directory in self.view and (self._selects is None or self._selects(directory))

    def _sum_up(self) -> Iterator[None]:
        sums, counts = self._bytes, self._counts
        # What is below has the longer path, so its sum is whole before that of the directory above.
        for number, directory in enumerate(sorted(self._children, key=len, reverse=True)):
            if not number % STEP:
                yield
            count = counts.get(directory, 0) + len(self._children[directory])
            if directory in counts:
                counts[directory] = count
            if directory:
                above = parent(directory)
                counts[above] = counts.get(above, 0) + count
                if size := sums.get(directory):
                    sums[above] = sums.get(above, 0) + size

    def is_directory(self, path: bytes) -> bool:
        """Is something listed below the path, or is it a directory of the view?"""
        return path in self._children or self.view.entry(path).member.type == "dir"

    def directories(self) -> Iterator[bytes]:
        """The directories that have something below them."""
        return iter(self._children)

    def has(self, path: bytes) -> bool:
        """Is the path listed?"""
        if not path or path in self.context:
            return True
        return path in self.view and (self._selects is None or self._selects(path))

    def below(self, directory: bytes) -> int:
        """How many paths are listed below a directory, at any depth."""
        return self._counts.get(directory, len(self._children.get(directory, ())))

    def size(self, path: bytes) -> int:
        """The bytes of a file, or of all files below a directory."""
        if path in self._children:
            return self._bytes.get(path, 0)
        return self.view.entry(path).size

    def prepare(self, order: Order) -> Iterator[None]:
        """Finds out what an order needs, in steps; only then `children` and `net` may be asked for it."""
        if order != "net" or self._differences is not None:
            return
        found: dict[bytes, int] = {}
        for number, (path, difference) in enumerate(self.view.differences()):
            if not number % STEP:
                yield
            if difference and (self._selects is None or self._selects(path)):
                found[path] = found.get(path, 0) + difference
                above = b"" if too_long(path) else parent(path)
                while above:
                    found[above] = found.get(above, 0) + difference
                    above = parent(above)
        self._differences = found

    def net(self, path: bytes) -> int:
        """The bytes that the layer adds to the filesystem at and below a path, less those that it takes away."""
        if path in self._children:
            return self._bytes.get(path, 0) + (self._differences or {}).get(path, 0)
        return self.view.net(path)

    def children(self, directory: bytes, order: Order) -> list[bytes]:
        """What is in a directory: by name, or the largest first."""
        found = self._children.get(directory)
        if found is None:
            return []
        if self._sorted.get(directory) != order:
            if order == "name":
                found.sort()
            else:
                measure = self.size if order == "size" else self.net
                found.sort(key=lambda path: (-measure(path), path))
            self._sorted[directory] = order
        return found
