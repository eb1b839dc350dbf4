"""dive's numbers, read off its recipe literally and slowly: the oracle for `imgtar.analysis.dive.score`.

A layer is a list of (name, size, is_dir) in tar order. Trees are rebuilt for every whiteout, as dive does.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

Entry = tuple[bytes, int, bool]


class Tree:
    """A directory tree whose places may lack attributes."""

    def __init__(self) -> None:
        self.children: dict[bytes, Tree] = {}
        self.size = 0
        self.is_dir = False

    def add(self, path: bytes, size: int, is_dir: bool) -> None:
        """Creates missing parents without attributes; never creates a name that begins with `.wh..wh..`."""
        place = self
        for name in filter(None, path.split(b"/")):
            if name not in place.children:
                if name.startswith(b".wh..wh.."):
                    return
                place.children[name] = Tree()
            place = place.children[name]
        if place is not self:
            place.size, place.is_dir = size, is_dir

    def get(self, path: bytes) -> Tree | None:
        place = self
        for name in filter(None, path.split(b"/")):
            if name not in place.children:
                return None
            place = place.children[name]
        return place

    def remove(self, path: bytes) -> None:
        names = list(filter(None, path.split(b"/")))
        above = self.get(b"/".join(names[:-1]))
        if names and above is not None:
            above.children.pop(names[-1], None)

    def visit(self, above: bytes = b"") -> Iterator[tuple[bytes, Tree]]:
        """(path with the raw name, place), children first, siblings in byte order."""
        for name in sorted(self.children):
            yield from self.children[name].visit(above + b"/" + name)
            yield above + b"/" + name, self.children[name]

    def total(self) -> int:
        return self.size + sum(child.total() for child in self.children.values())


def tree_of(layer: Sequence[Entry]) -> Tree:
    tree = Tree()
    for name, size, is_dir in layer:
        path = posixpath.normpath(name) if name else b"."
        if path != b".":
            tree.add(path, size, is_dir)
    return tree


def split(raw: bytes) -> tuple[bytes, bool]:
    """The path that a raw path stands for, and whether it is a whiteout."""
    above, _, name = raw.rpartition(b"/")
    if name.startswith(b".wh."):
        return above + b"/" + name[4:], True
    return raw, False


def stacked(layers: Sequence[Sequence[Entry]], count: int) -> Tree:
    """A copy of layer 0 with the first `count` layers applied on top."""
    tree = tree_of(layers[0])
    for layer in layers[:count]:
        for raw, place in tree_of(layer).visit():
            path, whiteout = split(raw)
            if whiteout:
                tree.remove(path)
            else:
                tree.add(raw, place.size, place.is_dir)
    return tree


def score(layers: Sequence[Sequence[Entry]]) -> tuple[float, int]:
    """(efficiency, wasted bytes)."""
    records: dict[bytes, list[int]] = {}
    for index, layer in enumerate(layers):
        for raw, place in tree_of(layer).visit():
            if place.children:
                continue
            path, whiteout = split(raw)
            record = records.setdefault(path, [0, 0, -1])
            size = place.size
            if whiteout:
                below = stacked(layers, index).get(path)
                if below is None:
                    break
                size = below.total() if below.is_dir else 0
            record[0] += 1
            record[1] += size
            record[2] = size if record[2] < 0 else min(record[2], size)
    found = sum(cumulative for _, cumulative, _ in records.values())
    smallest = sum(minimum for _, _, minimum in records.values())
    wasted = sum(cumulative for count, cumulative, _ in records.values() if count > 1)
    return (smallest / found if found else 1.0), wasted
