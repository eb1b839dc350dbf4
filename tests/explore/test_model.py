"""The flat list of open rows is what a naive tree lists, whatever was opened, closed, sorted and filtered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgtar.explore.model.browser import Browser
from imgtar.explore.model.detail import path_lines, row_lines
from imgtar.explore.model.directories import Directories
from imgtar.explore.model.file_lines import FileLines
from imgtar.explore.model.file_list import FileList
from imgtar.explore.model.layer_list import LayerList
from imgtar.explore.model.lines import folded, plain
from imgtar.explore.model.path_filter import PathFilter
from imgtar.explore.model.path_index import Order, PathIndex
from imgtar.explore.model.views import FilesystemView, LayerView
from imgtar.filesystem.tree import IMPLIED, FileEntry
from imgtar.formats.tar import ExactMember
from imgtar.report.table.drawing import Cell
from imgtar.text import width
from tests.builders import docker_save, file, tar, whiteout
from tests.explore.screen import opened

NAMES = st.sampled_from([b"a", b"b", b"c", b"a.x", b"\xff", b"[red]"])
SPARSE = st.just(2**63)  # of which two are too much for an array
FILES = st.dictionaries(st.lists(NAMES, min_size=1, max_size=4).map(b"/".join), st.integers(0, 3) | SPARSE, max_size=12)
ORDERS: tuple[Order, ...] = ("name", "size", "net")
ACTIONS = st.lists(st.tuples(st.sampled_from(["turn", "close", "sort"]), st.integers(0, 30)), max_size=12)
TEXTS = st.sampled_from(["", "a", "b/", "*.x", "/a", "c"])


class Files:
    """A view of files with these sizes, the directories above them included. A layer removes those of an odd size."""

    layer, own = 0, True

    def __init__(self, sizes: dict[bytes, int]) -> None:
        above = {path[:at] for path in sizes for at in range(len(path)) if path[at : at + 1] == b"/"}
        self.sizes: dict[bytes, int | None] = {
            **dict.fromkeys(above),
            **{p: s for p, s in sizes.items() if p not in above},
        }

    def prepare(self) -> Iterator[None]:
        return iter(())

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
        return "deleted" if self.net(path) < 0 else "added"

    def net(self, path: bytes) -> int:
        size = self.sizes[path] or 0
        return -size if size % 2 else size

    def differences(self) -> Iterator[tuple[bytes, int]]:
        return ((path, self.net(path) - (size or 0)) for path, size in self.sizes.items())


def naive(listed: dict[bytes, int | None], opened: set[bytes], order: Order) -> list[bytes]:
    """The rows by recursion."""

    def bytes_of(path: bytes) -> int:
        sizes = (size or 0 for other, size in listed.items() if other == path or other.startswith(path + b"/"))
        return sum(-size if order == "net" and size % 2 else size for size in sizes)

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
    index = PathIndex(view, Directories(), selects)
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
            order = ORDERS[number % 3]
            for _ in files.sort(order):
                pass
        assert files.rows == naive(listed, opened, order)
    assert index.total == len(found)


SIZES = st.dictionaries(st.sampled_from(["a", "d/b", "d/c", "d/e/f", "g"]), st.integers(0, 9), max_size=5)
MARKERS = st.lists(st.sampled_from(["a", "d", "d/b", "d/e", "g"]), unique=True, max_size=2)


@given(st.lists(st.tuples(SIZES, MARKERS), min_size=1, max_size=4))
def test_net_bytes_are_what_a_layer_adds_to_the_filesystem(
    tmp_path_factory: pytest.TempPathFactory, layers: list[tuple[dict[str, int], list[str]]]
) -> None:
    path = tmp_path_factory.mktemp("net") / "app.tar"
    path.write_bytes(
        docker_save(
            [
                tar(*(whiteout(name) for name in gone), *(file(name, b"x" * size) for name, size in files.items()))
                for files, gone in layers
            ]
        )
    )
    stacked = opened(path).stacked
    before = 0
    directories = Directories()
    for layer in range(len(layers)):
        index = PathIndex(LayerView(stacked, layer), directories)
        for _ in (*index.build(), *index.prepare("net")):
            pass
        after = sum(size for _, size in FilesystemView(stacked, layer, marked=False).rows())
        assert sum(index.net(name) for name in index.children(b"", "net")) == after - before
        before = after


def test_a_line_is_folded_at_blanks_and_nothing_is_lost() -> None:
    line = [Cell("layer 0  ", "dim"), Cell("a word and "), Cell("x" * 25, "bold"), Cell(" \\x1b[2J end")]
    lines = list(folded(line, 16, 4))
    assert [plain(one) for one in lines] == [
        "layer 0  a word", "    and xxxxxxxx", "    xxxxxxxxxxxx", "    xxxxx", "    \\x1b[2J end",
    ]  # fmt: skip
    assert lines[0] == [Cell("layer 0  ", "dim"), Cell("a word")]
    assert lines[1:3] == [[Cell("    and "), Cell("xxxxxxxx", "bold")], [Cell("    "), Cell("xxxxxxxxxxxx", "bold")]]
    assert [plain(one) for one in folded([Cell("")], 5)] == [""]
    for columns in range(1, 40):
        parts = [plain(one) for one in folded(line, columns, 4)]
        assert "".join(parts).replace(" ", "") == plain(line).replace(" ", "")
        assert all(width(part) <= columns for part in parts)


def test_no_fact_of_the_detail_is_cut(fixtures: Path) -> None:
    shown = opened(fixtures / "mysql.tar", None)
    row = next(row for row in LayerList(shown).rows if row.layer == 1 and row.kind == "step")
    for columns in (20, 36, 80, 200):
        text = "".join(plain(line).strip() for line in row_lines(shown, row, columns))
        assert shown.image.layers[1].chain_id in text
        assert "…" not in text
        path = "".join(plain(line).strip() for line in path_lines(shown, b"usr/sbin/mysqld.1", None, columns))
        assert "…" not in path


def test_without_unicode_a_closed_directory_is_not_taken_for_an_added_one(tmp_path: Path) -> None:
    path = tmp_path / "app.tar"
    path.write_bytes(docker_save([tar(file("d/a", b"x"))]))
    image = opened(path)._replace(unicode=False)
    browser = Browser(image)
    browser.row = 1
    for _ in browser.list_files():
        pass
    assert browser.files is not None
    lines = FileLines(image, browser.files, attributes=False)
    assert plain(lines.line(0, 40)).split() == ["1", "B", "0", "+", ">", "d/"]
    browser.files.toggle(0)
    assert [plain(lines.line(row, 40)).split()[3:] for row in range(2)] == [["+", "v", "d/"], ["+", "a"]]
