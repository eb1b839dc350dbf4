"""Wasted files by directory: which directory stands for them, and that no byte counts twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from imgtar.analysis.waste import waste
from imgtar.analysis.waste_groups import WasteGroup, waste_groups
from imgtar.filesystem.changes import Death, DeathKind
from tests.filesystem.random_layers import stack, tars
from tests.filesystem.stack import Stack
from tests.growth import assert_linear


def dead(path: str, size: int = 10, kind: DeathKind = "deleted", added_in: int = 0, removed_in: int = 4) -> Death:
    return Death(path.encode(), size, kind, added_in, removed_in)


def below(directory: str, count: int, size: int = 10) -> list[Death]:
    return [dead(f"{directory}/{number}", size) for number in range(count)]


def sums(groups: Iterable[WasteGroup]) -> dict[str, tuple[int, int]]:
    return {"/" + group.directory.decode(): (group.files, group.size) for group in groups}


def test_files_of_several_directories_are_one_group_below_the_one_that_says_what_they_are() -> None:
    rows = [*below("usr/share/doc/a", 40), *below("usr/share/locale/de", 40), *below("usr/share/man/man1", 20)]
    assert sums(waste_groups(rows)) == {"/usr/share": (100, 1000)}


def test_a_directory_that_every_system_has_is_split() -> None:
    rows = [*below("usr/share/doc", 5), *below("usr/bin", 4), *below("var/lib/apt/lists", 3), *below("root/.npm/x", 2)]
    assert sums(waste_groups(rows)) == {
        "/usr/share/doc": (5, 50),
        "/usr/bin": (4, 40),
        "/var/lib/apt/lists": (3, 30),
        "/root/.npm/x": (2, 20),
    }


def test_a_directory_that_every_system_has_is_a_group_where_its_own_files_are_most() -> None:
    assert sums(waste_groups([*below("opt", 8), *below("opt/x", 2)])) == {"/opt": (10, 100)}


def test_a_directory_that_has_nearly_all_bytes_stands_for_those_above_it() -> None:
    rows = [*below("app/node_modules/a", 50), *below("app/node_modules/b", 45), *below("app/src", 5)]
    assert sums(waste_groups(rows)) == {"/app/node_modules": (95, 950), "/app/src": (5, 50)}
    rows += below("app/src", 10)
    assert sums(waste_groups(rows)) == {"/app": (110, 1100)}


def test_a_group_has_at_least_two_files_and_a_hundredth_of_the_bytes() -> None:
    assert waste_groups([dead("a/x"), dead("b/y")]) == []
    rows = [*below("a", 2, 990), dead("b/x"), dead("b/y", 9)]
    assert sums(waste_groups(rows)) == {"/a": (2, 1980)}
    rows = [*below("a", 2, 990), dead("b/x"), dead("b/y")]
    assert sums(waste_groups(rows)) == {"/a": (2, 1980), "/b": (2, 20)}


def test_files_of_the_root_and_directories_that_have_nothing_to_say_are_in_no_group() -> None:
    assert waste_groups([dead(f"{number}") for number in range(9)]) == []
    assert waste_groups([dead(f"{number}/x") for number in range(9)]) == []


def test_what_happened_and_the_layers_of_it_make_groups_of_their_own() -> None:
    rows = [
        *(dead(f"a/{number}", kind="metadata-only") for number in range(2)),
        *(dead(f"a/{number}", added_in=1) for number in range(3)),
        *(dead(f"a/{number}", removed_in=5) for number in range(4)),
        *below("a", 5),
    ]
    assert [(group.files, group.kind, group.added_in, group.removed_in) for group in waste_groups(rows)] == [
        (5, "deleted", 0, 4),
        (4, "deleted", 0, 5),
        (3, "deleted", 1, 4),
        (2, "metadata-only", 0, 4),
    ]


def test_groups_of_one_size_come_by_directory() -> None:
    rows = [*below("c", 2), *below("a", 2), *below("b", 2)]
    assert [group.directory for group in waste_groups(rows)] == [b"a", b"b", b"c"]


@pytest.mark.parametrize("seed", range(150))
def test_groups_and_rest_are_the_wasted_bytes(seed: int) -> None:
    """A group is every row below its directory with its kind and layers, and no row is in two groups."""
    layers = Stack(*tars(stack(seed)))
    found = waste(layers.scans, layers.changes)
    rest = list(found.rows)
    for group in waste_groups(found.rows):
        own = [row for row in found.rows if in_group(row, group)]
        assert (len(own), sum(row.size for row in own)) == (group.files, group.size)
        for row in own:
            rest.remove(row)  # raises ValueError where it was in a group before
    grouped = sum(group.size for group in waste_groups(found.rows))
    assert grouped + sum(row.size for row in rest) == found.wasted_bytes


def in_group(row: Death, group: WasteGroup) -> bool:
    same = (row.kind, row.added_in, row.removed_in) == (group.kind, group.added_in, group.removed_in)
    return same and row.path.startswith(group.directory + b"/")


@pytest.mark.parametrize(
    "path",
    [
        lambda number: f"usr/lib/{number}/x",
        lambda number: "/".join("d" * 2000) + f"/{number}",
        lambda number: f"{number}/" + "/".join("d" * 2000) + "/x",
    ],
    ids=["wide", "deep", "wide and deep"],
)
def test_the_work_grows_with_the_rows_alone(path: Callable[[int], str]) -> None:
    def prepare(count: int) -> Callable[[], object]:
        rows = [dead(path(number)) for number in range(count)]
        return lambda: waste_groups(rows)

    assert_linear(prepare, 200)


def test_there_are_at_most_a_hundred_groups() -> None:
    rows = [dead(f"{directory}/{number}") for directory in range(100) for number in range(2)]
    assert len(waste_groups(rows)) == 100
    rows += [dead("100/a"), dead("100/b")]
    assert waste_groups(rows) == []
