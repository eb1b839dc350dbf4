"""Every hostile case says the same without a cache, with an empty one, and with one that knows its layers."""

from __future__ import annotations

from pathlib import Path

import pytest

from imgtar.cache.scan_cache import ScanCache
from tests.cache.documents import document
from tests.hostile.case import Case
from tests.hostile.test_cases import QUICK

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("case", QUICK)
def test_a_cache_changes_nothing(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "case.img"
    path.write_bytes(case.build())
    cache = ScanCache.open(str(tmp_path / "cache"))
    alone = document(path)
    assert document(path, cache) == alone
    assert document(path, cache) == alone
    assert document(path, cache, verify=True) == document(path, verify=True)
    cache.close()
