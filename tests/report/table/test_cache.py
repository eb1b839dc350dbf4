"""The text of `cache`."""

from __future__ import annotations

from imgtar.answers.envelope import GENERATOR
from imgtar.contract.cache import CacheContent, CacheRemoved, CacheReport
from imgtar.contract.content import TextSettings
from imgtar.report.table.cache import cache


def text(path: str, removed: CacheRemoved | None = None) -> list[str]:
    document = CacheReport(
        generator=GENERATOR, path=path, rows=1234, bytes=5_000_000, file_bytes=6_000_000, removed=removed
    )
    return b"".join(cache(CacheContent(document=document), TextSettings())).decode().splitlines()


def test_the_lines() -> None:
    assert text("/c/scans.sqlite") == ["cache    /c/scans.sqlite", "holds    1,234 rows, 5 MB, on the disk 6 MB"]
    assert text("/c", CacheRemoved(rows=1, bytes=900))[2] == "removed  1 row, 900 B"


def test_a_path_is_escaped() -> None:
    assert text("/c\x1b[2J")[0] == "cache    /c\\x1b[2J"
