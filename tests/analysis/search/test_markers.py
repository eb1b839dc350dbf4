"""Markers by search in a sorted list hide what a look at every parent says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from imgtar.analysis.search.markers import Markers
from tests.builders import file, opaque, tar, whiteout
from tests.filesystem.stack import scan

PATHS = st.lists(st.sampled_from(["a", "a-", "b", "a0"]), min_size=1, max_size=4).map("/".join)


@given(st.lists(PATHS, max_size=5), st.lists(st.one_of(PATHS, st.just("")), max_size=3), st.lists(PATHS, min_size=1))
def test_a_marker_hides_a_path_and_all_below(whiteouts: list[str], opaques: list[str], paths: list[str]) -> None:
    markers = Markers(scan(tar(file("z"), *map(whiteout, whiteouts), *map(opaque, opaques))))
    for path in paths:
        parts = path.split("/")
        above = ["/".join(parts[:count]) for count in range(len(parts))]
        hidden = any(name in whiteouts for name in [*above[1:], path]) or any(name in opaques for name in above)
        assert markers.hide(path.encode()) == hidden


def test_an_absent_layer_hides_nothing() -> None:
    assert not Markers(None).hide(b"a")
