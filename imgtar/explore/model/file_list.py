"""The rows of the tree that are open, as a flat list: opening a directory puts its rows in, closing takes them out."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from imgtar.explore.model.path_index import Order, PathIndex
from imgtar.explore.model.views import STEP
from imgtar.layer.paths import too_long


class FileList:
    """`rows` are the paths in the order of the screen, for which the index is prepared."""

    def __init__(self, index: PathIndex, order: Order = "name") -> None:
        self.index = index
        self.order: Order = order
        self._opened: set[bytes] = set()
        self.rows: list[bytes] = list(index.children(b"", order))

    def is_open(self, path: bytes) -> bool:
        """Are the rows of this directory listed, or would they be where it is itself?"""
        return path in self._opened

    def toggle(self, number: int) -> None:
        """Opens or closes the directory of a row; of a file nothing changes."""
        path = self.rows[number]
        if path in self._opened:
            self._close(number)
        elif self.index.is_directory(path):
            self._opened.add(path)
            self.rows[number + 1 : number + 1] = self._open_rows(path)

    def _close(self, number: int) -> None:
        path = self.rows[number]
        self._opened.discard(path)
        del self.rows[number + 1 : self.end(number)]

    def end(self, number: int) -> int:
        """The row behind the last one below the directory of a row. A path too long to be split is below none."""
        prefix = self.rows[number] + b"/"

        def is_behind(path: bytes) -> bool:
            return not path.startswith(prefix) or too_long(path)

        return bisect_left(self.rows, True, number + 1, key=is_behind)

    def _open_rows(self, directory: bytes) -> list[bytes]:
        rows: list[bytes] = []
        for _ in self._walk(directory, rows):
            pass
        return rows

    def _walk(self, directory: bytes, rows: list[bytes]) -> Iterator[None]:
        """Lists what is below a directory, as far as it is open, in steps. Deep trees take no recursion."""
        waiting = [iter(self.index.children(directory, self.order))]
        while waiting:
            for path in waiting[-1]:
                rows.append(path)
                if not len(rows) % STEP:
                    yield
                if path in self._opened:
                    waiting.append(iter(self.index.children(path, self.order)))
                    break
            else:
                waiting.pop()

    def rebuild(self) -> Iterator[None]:
        """Lists all rows again, in steps; the old ones stand until the last step."""
        rows: list[bytes] = []
        yield from self._walk(b"", rows)
        self.rows = rows

    def open_all(self) -> Iterator[None]:
        """Opens every directory, in steps."""
        yield
        self._opened.update(self.index.directories())
        yield from self.rebuild()

    def reveal(self, path: bytes) -> None:
        """Opens the directories above a path."""
        if too_long(path):  # it is at the top
            return
        ends = (at for at in range(len(path)) if path[at : at + 1] == b"/")
        for directory in (path[:end] for end in ends):
            if directory not in self._opened and directory in self.rows:
                self.toggle(self.rows.index(directory))

    def close_all(self) -> None:
        """Closes every directory."""
        self._opened.clear()
        self.rows = list(self.index.children(b"", self.order))

    def sort(self, order: Order) -> Iterator[None]:
        """Puts the rows in another order, in steps."""
        yield from self.index.prepare(order)
        self.order = order
        yield from self.rebuild()

    def open_like(self, other: FileList) -> None:
        """Remembers the directories that another list has open; `rebuild` then shows them."""
        self._opened |= other._opened
