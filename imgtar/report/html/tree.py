"""The tables that the rows of a page point into: a tree of names, repeated texts, sums of small rows."""

from __future__ import annotations

DEPTH = 64  # directories; a deeper path is one name with slashes in it


class Tree:
    """Names that point at their parents; 0 is the root, and a parent always comes before its children."""

    def __init__(self) -> None:
        self.names = [""]
        self.parents = [0]
        self._places: dict[int, dict[str, int]] = {}  # of a directory: its names
        self._folders: dict[str, int] = {"": 0}

    def place(self, path: str) -> int:
        """The number of an absolute path; a new path gets a new number."""
        folder, _, name = path.rpartition("/")
        return self._child(self.folder(folder), name) if name else 0

    def folder(self, path: str) -> int:
        """The number of a directory (`""` is the root)."""
        found = self._folders.get(path)
        if found is None:
            names = path.split("/")[1:]
            if len(names) > DEPTH:
                names[DEPTH:] = ["/".join(names[DEPTH:])]
            found = 0
            for name in names:
                found = self._child(found, name)
            self._folders[path] = found
        return found

    def knows(self, path: str) -> bool:
        """Is this directory in the tree?"""
        return path in self._folders

    def _child(self, parent: int, name: str) -> int:
        inside = self._places.setdefault(parent, {})
        found = inside.get(name)
        if found is None:
            found = inside[name] = len(self.names)
            self.names.append(name)
            self.parents.append(parent)
        return found


class Codes:
    """Numbers for texts that repeat."""

    def __init__(self) -> None:
        self.values: list[tuple[str, ...]] = []
        self._known: dict[tuple[str, ...], int] = {}

    def of(self, *texts: str) -> int:
        """The number of these texts."""
        found = self._known.get(texts)
        if found is None:
            found = self._known[texts] = len(self.values)
            self.values.append(texts)
        return found


Facts = tuple[int, ...]


class Rests:
    """Sums of the rows that are too small to be listed, by directory.

    A directory that is not in the tree adds its sum to the directory above where the sum is too small as well.
    """

    def __init__(self, smallest: int) -> None:
        self._smallest = smallest
        self._folders: dict[str, dict[Facts, list[int]]] = {}

    def add(self, path: str, facts: Facts, size: int) -> None:
        """Counts a row of `size` bytes at `path` under `facts`."""
        folder = path[: path.rfind("/")]
        if folder.count("/") > DEPTH:
            folder = "/".join(folder.split("/", DEPTH + 1)[: DEPTH + 1])
        self._sum(folder, facts, 1, size)

    def _sum(self, folder: str, facts: Facts, count: int, size: int) -> None:
        sums = self._folders.setdefault(folder, {}).setdefault(facts, [0, 0])
        sums[0] += count
        sums[1] += size

    def settle(self, tree: Tree) -> list[tuple[int, ...]]:
        """The sums as rows: directory, count, bytes, facts."""
        levels: dict[int, set[str]] = {}
        for folder in self._folders:
            levels.setdefault(folder.count("/"), set()).add(folder)
        rows: list[tuple[int, ...]] = []
        for depth in range(max(levels, default=-1), -1, -1):
            for folder in sorted(levels.get(depth, ())):
                sums = self._folders[folder]
                total = sum(size for _, size in sums.values())
                if not folder or tree.knows(folder) or total >= self._smallest > 0:
                    place = tree.folder(folder)
                    rows += [(place, count, size, *facts) for facts, (count, size) in sums.items()]
                    continue
                above = folder[: folder.rfind("/")]
                for facts, (count, size) in sums.items():
                    self._sum(above, facts, count, size)
                levels.setdefault(depth - 1, set()).add(above)
        return sorted(rows)
