"""The browser that the tests of one process share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.report.html.browser import Browser, browser


@pytest.fixture(scope="session")
def started() -> Iterator[Browser]:
    with browser() as one:
        yield one


@pytest.fixture
def window(started: Browser) -> Browser:
    """The browser, as if no other test had used it."""
    started.renew()
    return started
