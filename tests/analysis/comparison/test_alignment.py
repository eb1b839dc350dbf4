"""Which layer is which: by diffID, by step, by paths; the same whichever image comes first; at a bounded cost."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from imgtar.analysis.comparison.alignment import Aligned, LayerKeys, align
from tests.growth import bounded_work


def keys(diff_id: str, step: str | None = None, paths: Sequence[bytes] = ()) -> LayerKeys:
    return LayerKeys(diff_id, step, lambda: frozenset(paths))


def rows(found: Sequence[Aligned]) -> list[tuple[int | None, int | None]]:
    return [(row.a, row.b) for row in found]


def test_diff_ids_align_before_steps() -> None:
    first = [keys("a", "FROM"), keys("b", "RUN one"), keys("c", "RUN two")]
    second = [keys("a", "FROM"), keys("c", "RUN one"), keys("d", "RUN three")]
    assert rows(align(first, second)) == [(0, 0), (1, None), (2, 1), (None, 2)]


def test_equal_steps_align_between_layers_that_both_have() -> None:
    first = [keys("a"), keys("b", "RUN one"), keys("c", "RUN two"), keys("d")]
    second = [keys("a"), keys("x", "RUN zero"), keys("y", "RUN two"), keys("d")]
    assert rows(align(first, second)) == [(0, 0), (1, None), (None, 1), (2, 2), (3, 3)]


def test_half_of_all_paths_are_enough() -> None:
    first = [keys("a", "RUN old", [b"1", b"2", b"3"])]
    assert rows(align(first, [keys("b", "RUN new", [b"2", b"3", b"4"])])) == [(0, 0)]
    assert rows(align(first, [keys("b", "RUN new", [b"3", b"4"])])) == [(0, None), (None, 0)]
    assert rows(align([keys("a")], [keys("b")])) == [(0, None), (None, 0)]


def test_a_layer_at_another_place_has_moved() -> None:
    found = align([keys("a"), keys("b"), keys("c")], [keys("c"), keys("a"), keys("b")])
    assert rows(found) == [(2, 0), (0, 1), (1, 2)]
    assert [row.moved for row in found] == [True, False, False]


LAYERS = st.lists(
    st.builds(
        keys,
        st.sampled_from("abcdefgh"),
        st.sampled_from([None, "RUN one", "RUN two", "RUN three"]),
        st.lists(st.sampled_from([b"1", b"2", b"3"]), unique=True),
    ),
    max_size=8,
)


@given(LAYERS, LAYERS)
@settings(max_examples=500, deadline=None)
def test_every_layer_is_there_once_and_the_order_is_kept(first: list[LayerKeys], second: list[LayerKeys]) -> None:
    found = align(first, second)
    assert sorted(row.a for row in found if row.a is not None) == list(range(len(first)))
    assert [row.b for row in found if row.b is not None] == list(range(len(second)))
    aligned = [row.a for row in found if row.a is not None and row.b is not None and not row.moved]
    assert aligned == sorted(aligned)


@given(st.permutations(list("abcdefg")), st.permutations(list("abcdefg")))
@settings(max_examples=300, deadline=None)
def test_the_other_way_round_the_same_layers_belong_together(first: list[str], second: list[str]) -> None:
    there = align([keys(name) for name in first], [keys(name) for name in second])
    back = align([keys(name) for name in second], [keys(name) for name in first])
    assert {(row.a, row.b, row.moved) for row in there} == {(row.b, row.a, row.moved) for row in back}


def test_thousands_of_layers_with_the_same_paths_cost_no_more_than_a_table() -> None:
    paths = frozenset(b"%d" % number for number in range(1000))
    first = [LayerKeys(f"a{number}", None, lambda: paths) for number in range(1000)]
    second = [LayerKeys(f"b{number}", None, lambda: paths | {b"x"}) for number in range(1000)]
    with bounded_work(20):
        assert rows(align(first, second)) == [(number, number) for number in range(1000)]
    with bounded_work(5):
        assert len(align(first * 3, second * 3)) == 6000
