"""A blob whose reading is told to the progress."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Lock

from imgtar.archive.input.blobs import Blob
from imgtar.progress import Progress


class WatchedBlob:
    """A blob that tells the progress how far it was read: `size` bytes in all, however often they are read.

    A walk by headers alone skips the bodies, so what lies before the last byte read counts as read.

    Several threads may read at the same time; the progress hears of one after another, by `lock`.
    """

    def __init__(self, blob: Blob, size: int, progress: Progress, lock: Lock) -> None:
        self._blob = blob
        self._size = size
        self._reached = 0
        self._progress = progress
        self._lock = lock

    @property
    def size(self) -> int:
        """Bytes of the blob."""
        return self._blob.size

    def read_at(self, offset: int, size: int, /) -> bytes:
        """Reads as `Blob.read_at` does."""
        read = self._blob.read_at(offset, size)
        self._reach(offset + len(read))
        return read

    def chunks(self) -> Iterator[bytes]:
        """All bytes, in order."""
        reached = 0
        for chunk in self._blob.chunks():
            reached += len(chunk)
            self._reach(reached)
            yield chunk

    def skip_rest(self) -> None:
        """Tells of the bytes that need not be read."""
        self._reach(self._size)

    def _reach(self, offset: int) -> None:
        with self._lock:
            further = min(offset, self._size) - self._reached
            if further > 0:
                self._reached += further
                self._progress.advance(further)
