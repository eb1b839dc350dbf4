"""Random layers of files, links, AUFS payloads and markers: links name files, bytes are final or wasted once."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgtar.analysis.waste import waste
from tests.builders import directory, file, hardlink, tar, whiteout
from tests.filesystem.stack import Stack

pytestmark = pytest.mark.slow

NAMES = st.sampled_from(["a", "b", "c"])
PAYLOADS = st.sampled_from([".wh..wh.plnk/1", ".wh..wh.plnk/2"])
MEMBERS = st.one_of(
    st.tuples(st.just("file"), st.one_of(NAMES, NAMES.map("{}/s".format), PAYLOADS), st.just("")),
    st.tuples(st.just("dir"), NAMES, st.just("")),
    st.tuples(st.just("link"), NAMES, st.one_of(NAMES, NAMES, PAYLOADS, st.just("a/s"))),
    st.tuples(st.just("whiteout"), NAMES, st.just("")),
)


def layer(members: list[tuple[str, str, str]], first_size: int) -> bytes:
    """A layer whose files all have sizes of their own."""
    make = {
        "file": lambda size, path, _: file(path, b"x" * size),
        "dir": lambda _, path, __: directory(path + "/"),
        "link": lambda _, path, target: hardlink(path, target),
        "whiteout": lambda _, path, __: whiteout(path),
    }
    return tar(*(make[kind](first_size + n, path, target) for n, (kind, path, target) in enumerate(members)))


@settings(max_examples=300)
@given(st.lists(st.lists(MEMBERS, max_size=6), min_size=1, max_size=3))
def test_links_name_files_and_bytes_are_wasted_once(layers: list[list[tuple[str, str, str]]]) -> None:
    tars = [layer(members, 1 + 10 * number) for number, members in enumerate(layers)]
    stack = Stack(*tars)
    below: Stack = Stack()
    for number, changes in enumerate(stack.changes):
        here = Stack(*tars[: number + 1])
        for path, was in changes.deleted.items():
            assert was == below.tree.entry(path)
        for path in here.tree:
            entry = here.tree.entry(path)
            if entry.link is not None and not entry.broken:
                assert here.tree.entry(entry.link).link is None
        for path, row in changes.linked.items():
            assert row.link == here.tree.entry(path).link
        below = here
    entries = [stack.tree.entry(path) for path in stack.tree]
    final = {entry.member.size for entry in entries if entry.member.type == "file" and not entry.broken}
    rows = [row.size for row in waste(stack.scans, stack.changes).rows]
    assert len({*rows, *final}) == len(rows) + len(final)
    assert sum(rows) + sum(final) == sum(scan.stored_bytes for scan in stack.scans)
