"""The cache that `--cache` asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imgtar.cache.scan_cache import ScanCache


def cache_of(folder: str | None) -> ScanCache | None:
    """The cache in the folder that `--cache` names, the user's own where that is empty; None without the option."""
    if folder is None:
        return None
    from imgtar.cache.scan_cache import ScanCache

    return ScanCache.open(folder or None)
