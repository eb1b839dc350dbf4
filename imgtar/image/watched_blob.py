"""A blob whose reading is told to the progress."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Lock

from imgtar.archive.input.blobs import Blob
from imgtar.progress import Progress


class WatchedBlob:
    """A blob that tells the progress how much of it was read: `size` bytes in all, however often they are read.

    Several threads may read at the same time; the progress hears of one after another, by `lock`.
    """

    def __init__(self, blob: Blob, size: int, progress: Progress, lock: Lock) -> None:
        self._blob = blob
        self._left = size
        self._progress = progress
        self._lock = lock

    @property
    def size(self) -> int:
        """Bytes of the blob."""
        return self._blob.size

    def read_at(self, offset: int, size: int, /) -> bytes:
        """Reads as `Blob.read_at` does."""
        read = self._blob.read_at(offset, size)
        self._tell(len(read))
        return read

    def chunks(self) -> Iterator[bytes]:
        """All bytes, in order."""
        for chunk in self._blob.chunks():
            self._tell(len(chunk))
            yield chunk

    def skip_rest(self) -> None:
        """Tells of the bytes that need not be read."""
        self._tell(self._left)

    def _tell(self, size: int) -> None:
        with self._lock:
            size = min(size, self._left)
            self._left -= size
            if size:
                self._progress.advance(size)
