"""The browser that the tests of one module share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.report.html.browser import Browser, browser


@pytest.fixture(scope="module")
def window() -> Iterator[Browser]:
    with browser() as one:
        yield one
