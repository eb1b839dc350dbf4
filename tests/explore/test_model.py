"""The flat list of open rows is what a naive tree lists, whatever was opened, closed, sorted and filtered."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from imgtar.explore.model.file_list import FileList
from imgtar.explore.model.path_filter import PathFilter
from imgtar.explore.model.path_index import Order, PathIndex
from imgtar.filesystem.tree import IMPLIED, FileEntry
from imgtar.formats.tar import ExactMember

NAMES = st.sampled_from([b"a", b"b", b"c", b"a.x", b"\xff", b"[red]"])
FILES = st.dictionaries(st.lists(NAMES, min_size=1, max_size=4).map(b"/".join), st.integers(0, 3), max_size=12)
ACTIONS = st.lists(st.tuples(st.sampled_from(["turn", "close", "sort"]), st.integers(0, 30)), max_size=12)
TEXTS = st.sampled_from(["", "a", "b/", "*.x", "/a", "c"])


class Files:
    """A view of files with these sizes, the directories above them included."""

    layer, own = 0, False

    def __init__(self, sizes: dict[bytes, int]) -> None:
        above = {path[:at] for path in sizes for at in range(len(path)) if path[at : at + 1] == b"/"}
        self.sizes: dict[bytes, int | None] = {
            **dict.fromkeys(above),
            **{p: s for p, s in sizes.items() if p not in above},
        }

    def rows(self) -> Iterator[tuple[bytes, int]]:
        return ((path, size or 0) for path, size in self.sizes.items())

    def __contains__(self, path: bytes) -> bool:
        return path in self.sizes

    def entry(self, path: bytes) -> FileEntry:
        size = self.sizes[path]
        if size is None:
            return FileEntry(IMPLIED, 0, 0)
        return FileEntry(ExactMember(path, "file", size, 0o644, 0, 0, 0, b"", 0), 0, 0)

    def change(self, path: bytes) -> str:
        return "added"


def naive(listed: dict[bytes, int | None], opened: set[bytes], order: Order) -> list[bytes]:
    """The rows by recursion."""

    def bytes_of(path: bytes) -> int:
        return sum(size or 0 for other, size in listed.items() if other == path or other.startswith(path + b"/"))

    def below(directory: bytes) -> Iterator[bytes]:
        inside = [p for p in listed if (p.rpartition(b"/")[0] if b"/" in p else b"") == directory]
        inside.sort(key=lambda p: p if order == "name" else (-bytes_of(p), p))
        for path in inside:
            yield path
            if path in opened:
                yield from below(path)

    return list(below(b""))


@given(FILES, TEXTS, ACTIONS)
def test_the_flat_list_is_the_listing_of_a_tree(
    sizes: dict[bytes, int], text: str, actions: list[tuple[str, int]]
) -> None:
    view = Files(sizes)
    selects = PathFilter(text).selects(view)
    index = PathIndex(view, selects)
    for _ in index.build():
        pass
    files = FileList(index)
    found = {path for path in view.sizes if selects is None or selects(path)}
    above = {path[:at] for path in found for at in range(len(path)) if path[at : at + 1] == b"/"}
    listed = {path: view.sizes[path] if path in found else None for path in found | above}
    opened: set[bytes] = set()
    order: Order = "name"
    for action, number in actions:
        if action == "turn" and files.rows:
            path = files.rows[number % len(files.rows)]
            files.toggle(number % len(files.rows))
            if view.sizes[path] is None:
                opened ^= {path}
        elif action == "close":
            files.close_all()
            opened.clear()
        elif action == "sort":
            order = "size" if number % 2 else "name"
            for _ in files.sort(order):
                pass
        assert files.rows == naive(listed, opened, order)
    assert index.total == len(found)
