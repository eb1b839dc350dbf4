"""The cache of scans, of which a worker keeps those in memory that it used last: archives often have one base."""

from __future__ import annotations

from collections import OrderedDict

from imgtar.cache.row_store import RowStore
from imgtar.cache.scan_cache import ScanCache, ScanKey
from imgtar.cache.scan_row import KeptScan

_MOST_ENTRIES = 100_000  # of the layers in memory, about 0.5 kB each


class RecentScans(ScanCache):
    """A cache for one thread. What it gives is never changed, so several archives may have it."""

    def __init__(self, rows: RowStore) -> None:
        super().__init__(rows)
        self._recent: OrderedDict[ScanKey, KeptScan] = OrderedDict()
        self._entries = 0

    def get(self, key: ScanKey) -> KeptScan | None:
        kept = self._recent.get(key)
        if kept is not None:
            self._recent.move_to_end(key)
            return kept
        kept = super().get(key)
        if kept is not None:
            self._remember(key, kept)
        return kept

    def _remember(self, key: ScanKey, kept: KeptScan) -> None:
        self._recent[key] = kept
        self._entries += kept.scan.counted_entries
        while self._entries > _MOST_ENTRIES:
            _, oldest = self._recent.popitem(last=False)
            self._entries -= oldest.scan.counted_entries
