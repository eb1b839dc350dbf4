"""The directories of an image by number, for all lists of its files."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from imgtar.layer.paths import parent


class Directories:
    """The root has number 0, every other directory a higher number than the one that holds it.

    A list then keeps what it knows of its directories in arrays, of a few bytes each.
    """

    def __init__(self) -> None:
        self._numbers: dict[bytes, int] = {b"": 0}
        self._paths: list[bytes] = [b""]
        self._above = array("I", [0])

    def __len__(self) -> int:
        return len(self._paths)

    def find(self, path: bytes) -> int | None:
        """The number of a directory; None if it has none."""
        return self._numbers.get(path)

    def number(self, directory: bytes) -> int:
        """The number of a directory; it and those above it get one if they have none."""
        missing: list[bytes] = []
        path = directory
        while (found := self._numbers.get(path)) is None:
            missing.append(path)
            path = parent(path)
        for path in reversed(missing):
            self._above.append(found)
            found = self._numbers[path] = len(self._paths)
            self._paths.append(path)
        return found

    def path(self, number: int) -> bytes:
        """The path of a directory."""
        return self._paths[number]

    def upwards(self, count: int) -> Iterator[tuple[int, int]]:
        """The first `count` directories but the root, with the number of the one above: what is below comes first."""
        above = self._above
        return ((number, above[number]) for number in range(count - 1, 0, -1))
