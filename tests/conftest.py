"""What every test may use: the fixtures' places."""

from __future__ import annotations

from pathlib import Path

import pytest

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture(scope="session")
def fixtures() -> Path:
    """The directory of the real archives."""
    return FIXTURES
