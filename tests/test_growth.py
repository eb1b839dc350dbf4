"""The counting itself: what is not linear is found."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.growth import assert_linear, bounded_work


def test_linear_and_quadratic_work_differ() -> None:
    def linear(count: int) -> Callable[[], object]:
        return lambda: sorted(str(number) for number in range(count))

    def quadratic(count: int) -> Callable[[], object]:
        return lambda: [number for number in range(count) for _ in range(number)]

    assert_linear(linear, 100)
    with pytest.raises(AssertionError):
        assert_linear(quadratic, 100)


def test_work_in_c_is_ended() -> None:
    with pytest.raises(AssertionError, match="not linear"), bounded_work(0.05):
        re.match(r"(a+)+b", "a" * 60)
    with bounded_work():
        re.match(r"a+b", "a" * 60)
