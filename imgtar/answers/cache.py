"""What is in the cache of scans, and making it smaller."""

from __future__ import annotations

import os
from typing import Literal

from imgtar.answers.envelope import GENERATOR
from imgtar.cache.row_store import StoreInfo
from imgtar.cache.scan_cache import ScanCache
from imgtar.contract.cache import CacheContent, CacheRemoved, CacheReport
from imgtar.errors import InputError
from imgtar.text import json_text

CacheAction = Literal["info", "prune"]
_NOTHING = StoreInfo(rows=0, bytes=0, file_bytes=0)


def cache_content(action: CacheAction, folder: str | None, size: int) -> CacheContent:
    """What the cache in `folder` (the user's own without one) holds; `prune` first makes it `size` bytes or less.

    Raises InputError where it cannot be used.
    """
    cache = ScanCache.open(folder)
    try:
        before = _info(cache)
        if action == "info":
            return _content(cache, before, None)
        if before.file_bytes:
            cache.prune(size)
        after = _info(cache)
        return _content(cache, after, CacheRemoved(rows=before.rows - after.rows, bytes=before.bytes - after.bytes))
    finally:
        cache.close()


def _info(cache: ScanCache) -> StoreInfo:
    if not os.path.lexists(cache.path) and cache.is_welcome:
        return _NOTHING
    info = cache.info()
    if info is None:
        raise InputError(
            "input.cache",
            "it is no cache that this user alone may write to, or another process holds it",
            "check who owns the folder and its files, or remove them",
        )
    return info


def _content(cache: ScanCache, info: StoreInfo, removed: CacheRemoved | None) -> CacheContent:
    return CacheContent(
        document=CacheReport(
            generator=GENERATOR,
            path=json_text(os.fsencode(cache.path))[0],
            rows=info.rows,
            bytes=info.bytes,
            file_bytes=info.file_bytes,
            removed=removed,
        )
    )
