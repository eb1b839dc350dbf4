"""Random layer stacks against a naive dictionary model of image-spec layer.md, written apart from the product."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgtar.analysis.waste import waste
from tests.builders import directory, file, gzip, hardlink, opaque, symlink, tar, whiteout
from tests.filesystem.stack import Stack

pytestmark = pytest.mark.slow

NAMES = st.sampled_from(["a", "b", "c"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
METADATA = st.fixed_dictionaries({"mode": st.sampled_from([0o644, 0o600]), "uid": st.sampled_from([0, 5])})
ENTRIES = st.one_of(
    st.tuples(st.just("file"), PATHS, st.sampled_from([b"", b"x", b"y", b"longer"]), METADATA),
    st.tuples(st.just("dir"), PATHS, st.just(b""), METADATA),
    st.tuples(st.just("symlink"), PATHS, st.sampled_from([b"nowhere-1", b"nowhere-2"]), METADATA),
    st.tuples(st.just("whiteout"), PATHS, st.just(b""), METADATA),
    st.tuples(st.just("opaque"), PATHS, st.just(b""), METADATA),
)
Entry = tuple[str, str, bytes, dict[str, int]]
Tree = dict[str, tuple[Any, ...]]


def parents(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]


def usable(entries: list[Entry]) -> list[Entry]:
    """Drops what a layer may not hold at once: one path twice, and children of what is no directory."""
    kept: list[Entry] = []
    for entry in entries:
        kind, path = entry[:2]
        stored = {other[1]: other[0] for other in kept if other[0] in ("file", "dir", "symlink")}
        if kind in ("file", "dir", "symlink"):
            below = kind != "dir" and any(name.startswith(path + "/") for _, name, *_ in kept)
            if path in stored or below:
                continue
        elif any(other[:2] == entry[:2] for other in kept):
            continue
        if kind == "opaque" and stored.get(path, "dir") != "dir":
            continue
        if any(stored.get(above, "dir") != "dir" for above in parents(path)):
            continue
        if kind in ("file", "symlink") and any(other[0] == "opaque" and other[1] == path for other in kept):
            continue
        kept.append(entry)
    return kept


def layer_tar(entries: list[Entry]) -> bytes:
    make = {
        "file": lambda path, body, meta: file(path, body, **meta),
        "dir": lambda path, body, meta: directory(path + "/", **meta),
        "symlink": lambda path, body, meta: symlink(path, body, **meta),
        "whiteout": lambda path, body, meta: whiteout(path),
        "opaque": lambda path, body, meta: opaque(path),
    }
    return tar(*(make[kind](path, body, meta) for kind, path, body, meta in entries))


def naive(below: Tree, entries: list[Entry]) -> Tree:
    """The tree after a layer: markers first, then what is stored, with parents that nobody listed."""

    def drop(tree: Tree, path: str) -> None:
        for name in [name for name in tree if name == path or name.startswith(path + "/")]:
            del tree[name]

    before = dict(below)
    tree = dict(below)
    for kind, path, *_ in entries:
        if kind == "whiteout":
            drop(tree, path)
        elif kind == "opaque":
            for name in [name for name in tree if name.startswith(path + "/")]:
                del tree[name]
    for kind, path, body, meta in entries:
        needed = parents(path) + ([path] if kind == "opaque" else [])
        for above in needed:
            if tree.get(above, ("none",))[0] != "dir":
                was = before.get(above, ("none",))
                drop(tree, above)
                tree[above] = was if was[0] == "dir" else ("dir", b"", 0o755, 0)
        if kind in ("file", "dir", "symlink"):
            if kind != "dir" or tree.get(path, ("dir",))[0] != "dir":
                drop(tree, path)
            tree[path] = (kind, body, meta["mode"], meta["uid"])
    return tree


def facts(stack: Stack) -> Tree:
    tree: Tree = {}
    for path in stack.tree:
        entry = stack.tree.entry(path)
        member = entry.member
        bodies = stack.bodies[entry.scan_layer]
        body = member.link
        if member.type == "file" and bodies is not None:
            body = b"".join(bodies.stored(member))
        tree[path.decode()] = (member.type, body, member.mode & 0o7777, member.uid)
    return tree


@settings(max_examples=400)
@given(st.lists(st.lists(ENTRIES, max_size=7).map(usable), min_size=1, max_size=4))
def test_tree_rows_and_waste_follow_the_model(layers: list[list[Entry]]) -> None:
    stack = Stack(*map(layer_tar, layers))
    tree: Tree = {}
    for index, entries in enumerate(layers):
        before, tree = tree, naive(tree, entries)
        rows = stack.rows(index)
        assert {path for path, row in rows.items() if row == "added"} == set(tree) - set(before)
        assert {path for path, row in rows.items() if row == "deleted"} == set(before) - set(tree)
        differ = {path for path in set(tree) & set(before) if tree[path][0] != before[path][0]}
        assert {path for path, row in rows.items() if row == "modified:type"} == differ
    assert facts(stack) == tree
    answer = waste(stack.scans, stack.changes)
    assert answer.final_bytes == sum(len(body) for kind, body, *_ in tree.values() if kind == "file")
    assert answer.stored_bytes == sum(len(body) for layer in layers for kind, _, body, _ in layer if kind == "file")
    assert answer.wasted_bytes == sum(row.size for row in answer.rows)


@settings(max_examples=100)
@given(st.lists(st.lists(ENTRIES, max_size=6).map(usable), min_size=1, max_size=3))
def test_compression_changes_no_row(layers: list[list[Entry]]) -> None:
    tars = [layer_tar(entries) for entries in layers]
    plain, packed = Stack(*tars), Stack(*map(gzip, tars))
    for index in range(len(layers)):
        assert plain.rows(index) == packed.rows(index)
    assert plain.deaths() == packed.deaths()


@settings(max_examples=100)
@given(st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=1, max_size=6), st.lists(NAMES, max_size=4))
def test_hard_linked_bytes_die_with_the_last_name(links: list[str], removed: list[str]) -> None:
    names = list(dict.fromkeys(links))
    first = tar(file(names[0], b"body"), *(hardlink(name, names[0]) for name in names[1:]))
    stack = Stack(first, tar(*(whiteout(name) for name in dict.fromkeys(removed))))
    gone = set(names) <= set(removed)
    assert waste(stack.scans, stack.changes).wasted_bytes == (4 if gone else 0)
