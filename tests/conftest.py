"""What every test may use: the fixtures' place, and which tests run."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes says how busy the machine is, nothing about the code.
settings.register_profile("imgtar", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("imgtar")

FIXTURES = Path(__file__).parent / "fixtures"
sys.path.insert(0, str(Path(__file__).parents[1]))  # `tests.builders` in a plain `pytest` too
gc.disable()  # while half a million objects are made that stay; `pytest_collection_finish` turns it on again


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden reports anew")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The starred cases run only where they are asked for by name."""
    if "starred" in config.option.markexpr:
        return
    skip = pytest.mark.skip(reason="starred: run it with -m starred")
    for item in items:
        if item.get_closest_marker("starred"):
            item.add_marker(skip)


def pytest_collection_finish(session: pytest.Session) -> None:
    """From here on the collector looks at what the tests make alone, and not at the tests again and again."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def fixtures() -> Path:
    """The directory of the real archives."""
    return FIXTURES
