"""Sums by directory: each inode once, every byte in each directory above it, whatever is selected."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from imgtar.analysis.usage import File, Selects, Usage, everything, layer_files, tree_files, usage
from imgtar.analysis.waste import waste
from tests.builders import directory, file, hardlink, layer, whiteout
from tests.filesystem.random_layers import stack, tars
from tests.filesystem.stack import Stack
from tests.growth import assert_linear

LINKED = layer(directory("a/"), file("a/x", b"four"), directory("b/"), hardlink("b/y", "a/x"), hardlink("b/z", "a/x"))


def sums(rows: Iterable[Usage]) -> dict[str, int]:
    return {"/" + row.path.decode(): row.bytes for row in rows}


def below(path: bytes) -> Selects:
    return lambda other: other == path or other.startswith(path + b"/")


def test_an_inode_counts_once_where_its_file_is_shown() -> None:
    rows = usage(tree_files(Stack(LINKED).tree))
    assert sums(rows) == {"/": 4, "/a": 4}
    assert [row.files for row in rows] == [1, 1]


def test_an_inode_that_is_shown_elsewhere_counts_at_its_first_selected_name() -> None:
    tree = Stack(LINKED).tree
    assert list(tree_files(tree, below(b"b"))) == [(b"b/y", 4)]
    assert sums(usage(tree_files(tree, below(b"b")), below(b"b"))) == {"/b": 4}


def test_a_layer_counts_what_it_stores() -> None:
    """Not the hard link to a lower file, nor that link where it is shown as the file because the other name went."""
    layers = Stack(LINKED, layer(whiteout("b/z"), hardlink("c", "a/x"), file("d", b"12"), hardlink("e", "d")))
    assert list(layer_files(layers.scans[1], 1, layers.changes[1])) == [(b"d", 2)]
    layers = Stack(layer(file("a", b"1234")), layer(hardlink("b", "a"), whiteout("a")))
    assert layers.tree.entry(b"b").link is None
    assert list(layer_files(layers.scans[1], 1, layers.changes[1])) == []


def test_depth_says_which_directories_have_rows() -> None:
    files: list[File] = [(b"a/b/c/x", 1), (b"a/b/y", 2), (b"a/z", 4), (b"w", 8), (b"e/empty", 0)]
    assert sums(usage(files, depth=0)) == {"/": 15}
    assert sums(usage(files)) == {"/": 15, "/a": 7}
    assert sums(usage(files, depth=2)) == {"/": 15, "/a": 7, "/a/b": 3}
    assert sums(usage(files, depth=9)) == {"/": 15, "/a": 7, "/a/b": 3, "/a/b/c": 1}
    assert sums(usage(files[:3], below(b"a"), depth=0)) == {"/a": 7}
    assert sums(usage(files[:2], below(b"a/b"))) == {"/a/b": 3, "/a/b/c": 1}


def test_a_selected_file_has_a_row_of_its_own() -> None:
    rows = usage([(b"a/x.pem", 3), (b"b/x.pem", 5)], lambda path: path.endswith(b".pem"))
    assert [(row.path, row.bytes, row.directory) for row in rows] == [(b"b/x.pem", 5, False), (b"a/x.pem", 3, False)]


def test_rows_come_by_size_then_by_path() -> None:
    files: list[File] = [(b"b/x", 2), (b"a/x", 2), (b"c/x", 3)]
    assert list(sums(usage(files))) == ["/", "/c", "/a", "/b"]


@pytest.mark.parametrize("seed", range(150))
def test_sums_are_exact(seed: int) -> None:
    """The root has the final bytes, a layer what its rows store, and each directory the files below it."""
    layers = Stack(*tars(stack(seed)))
    files = list(tree_files(layers.tree))
    stored = sum(scan.stored_bytes for scan in layers.scans)
    final = stored - sum(row.size for row in waste(layers.scans, layers.changes).rows)
    assert sums(usage(files, depth=0)).get("/", 0) == final
    for number, (scan, changes) in enumerate(zip(layers.scans, layers.changes, strict=True)):
        brought = changes.added_bytes + changes.modified_bytes
        assert sum(size for _, size in layer_files(scan, number, changes)) == brought
    directories = [path for path in layers.tree if layers.tree.entry(path).member.type == "dir"]
    for top in (b"", *directories):
        selects = below(top) if top else everything
        selected = list(tree_files(layers.tree, selects))
        names = [layers.tree.entry(path) for path in layers.tree if selects(path)]
        inodes = {id(entry.member): entry.member for entry in names if not entry.broken}
        assert sum(size for _, size in selected) == sum(m.size for m in inodes.values() if m.type == "file")
        for depth in (0, 1, 5):
            for row in usage(selected, selects, depth):
                assert row.bytes == sum(size for path, size in selected if not row.path or below(row.path)(path))


def test_the_work_grows_with_the_files_alone() -> None:
    """Also for paths of many components, whatever the depth."""

    def prepare(count: int) -> Callable[[], object]:
        deep = b"/".join([b"d"] * count)
        files: list[File] = [(deep + b"/%d" % number, 1) for number in range(count)]
        return lambda: usage(files, depth=100)

    assert_linear(prepare, 200)
