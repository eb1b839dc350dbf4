"""The cache of scans, of which a worker keeps in memory what it used last: archives often have one base."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from imgtar.archive.input.blobs import Blob, Extent, Region
from imgtar.cache.row_store import RowStore
from imgtar.cache.scan_cache import ScanCache, ScanKey
from imgtar.cache.scan_row import KeptScan
from imgtar.formats.digest import Digest

_MOST_ENTRIES = 100_000  # of the layers in memory, about 0.5 kB each
_MOST_DIGESTS = 20_000  # about 0.5 kB each
_SETTLED = 2 * 10**9  # nanoseconds after which a write to a file shows in its times, however coarse their clock is


class _Recent:
    """What is known of a layer: its scan, and the answers to it that were asked for."""

    def __init__(self, kept: KeptScan) -> None:
        self.kept = kept
        self.answers: dict[bytes, bytes] = {}


class RecentScans(ScanCache):
    """A cache for one thread. What it gives is never changed, so several archives may have it."""

    def __init__(self, rows: RowStore) -> None:
        super().__init__(rows)
        self._recent: OrderedDict[ScanKey, _Recent] = OrderedDict()
        self._entries = 0
        self._digests: OrderedDict[Extent, Digest] = OrderedDict()

    def get(self, key: ScanKey) -> KeptScan | None:
        recent = self._recent.get(key)
        if recent is not None:
            self._recent.move_to_end(key)
            return recent.kept
        kept = super().get(key)
        if kept is not None:
            self._remember(key, kept)
        return kept

    def get_answers(self, key: ScanKey, about: bytes) -> bytes | None:
        recent = self._recent.get(key)
        if recent is None:
            return super().get_answers(key, about)
        answers = recent.answers.get(about) or super().get_answers(key, about)
        if answers is not None:
            recent.answers[about] = answers
        return answers

    def digest(self, blob: Blob, compute: Callable[[], Digest]) -> Digest:
        """The digest of the blob, computed once in this run where its file stays as it is: for hard links and actions.

        A file that was written to a moment ago is read each time: its next change might leave its times as they are.
        """
        if not isinstance(blob, Region):
            return compute()
        extent = blob.extent()
        if extent is None or extent.ctime_ns > time.time_ns() - _SETTLED:
            return compute()
        digest = self._digests.get(extent)
        if digest is None:
            digest = compute()
            if blob.extent() == extent:
                self._digests[extent] = digest
                if len(self._digests) > _MOST_DIGESTS:
                    self._digests.popitem(last=False)
        return digest

    def _remember(self, key: ScanKey, kept: KeptScan) -> None:
        self._recent[key] = _Recent(kept)
        self._entries += kept.scan.counted_entries
        while self._entries > _MOST_ENTRIES:
            _, oldest = self._recent.popitem(last=False)
            self._entries -= oldest.kept.scan.counted_entries
