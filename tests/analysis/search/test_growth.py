"""The work of a search is linear in the files, the patterns and the layers together."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from imgtar.analysis.search.query import Query, parse_patterns
from imgtar.analysis.search.search import Search
from imgtar.analysis.stacked_image import StackedImage
from imgtar.answers.find import MatchRows
from imgtar.limits import DEFAULT
from tests.builders import file, tar, whiteout
from tests.filesystem.stack import Stack
from tests.growth import assert_linear

Prepared = tuple[list[bytes], list[str]]


def many_paths(count: int) -> Prepared:
    return [tar(*(file(f"d/{number}") for number in range(count)))], [f"/d/{number}" for number in range(count)]


def many_names(count: int) -> Prepared:
    return [tar(*(file(f"d/{number}") for number in range(count)))], [f"{number}" for number in range(count)]


def many_directories(count: int) -> Prepared:
    """Each is asked for, so that what is below each is counted."""
    return [tar(*(file(f"{number}/f") for number in range(count)))], [f"/{number}" for number in range(count)]


def a_glob(count: int) -> Prepared:
    return [tar(*(file(f"d/{number}") for number in range(count)))], ["*0", "/d/**"]


def many_markers(count: int) -> Prepared:
    below = tar(*(file(f"{number}/f") for number in range(count)))
    return [below, tar(*(whiteout(f"{number}") for number in range(count)))], ["/**"]


def many_layers(count: int) -> Prepared:
    return [tar(file("f", b"%d" % number)) for number in range(count)], ["/f"]


@pytest.mark.parametrize(
    "build", [many_paths, many_names, many_directories, a_glob, many_markers, many_layers], ids=lambda one: one.__name__
)
def test_work_is_linear(build: Callable[[int], Prepared]) -> None:
    def prepare(count: int) -> Callable[[], object]:
        layers, patterns = build(count)
        stack = Stack(*layers)
        stacked = StackedImage(image=None, tree=stack.tree, changes=tuple(stack.changes), findings=())  # type: ignore[arg-type]
        query = Query(patterns=parse_patterns(patterns))

        def work() -> None:
            found = Search(query, DEFAULT).of(stacked, lambda _: iter(()))
            assert list(MatchRows(found, [None] * len(layers)).matches())

        return work

    assert_linear(prepare, 60)
