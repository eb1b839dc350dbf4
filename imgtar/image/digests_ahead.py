"""Digests of uncompressed layers, taken in threads before the layers are scanned."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

from imgtar.archive.input.blobs import Blob
from imgtar.formats.compression import sniff
from imgtar.layer.hashing_thread import HashingThread
from imgtar.limits import MIB, Limits

_HEAD = 512
_WORTH_A_THREAD = MIB  # bytes of a blob


class DigestsAhead:
    """Hashes some of the `blobs` before they are asked for, in the order of the list: the next one and the last.

    The last is the largest, so it takes as long as the others together. At most three threads run at a time. Leaving
    the block ends those that nobody took.
    """

    def __init__(self, blobs: Sequence[tuple[bytes, Blob]], limits: Limits) -> None:
        self._limits = limits
        self._waiting = list(blobs)
        self._running: dict[bytes, HashingThread] = {}

    def __enter__(self) -> DigestsAhead:
        return self

    def take(self, name: bytes) -> HashingThread | None:
        """The thread that hashes this blob, which is the caller's now; None where none does."""
        names = [known for known, _ in self._waiting]
        if name in names:
            del self._waiting[: names.index(name)]
            for blob in (*self._waiting[:2], *self._waiting[-1:]):
                self._start(*blob)
            del self._waiting[0]
        return self._running.pop(name, None)

    def _start(self, name: bytes, blob: Blob) -> None:
        if name not in self._running and blob.size >= _WORTH_A_THREAD and sniff(blob.read_at(0, _HEAD)) == "none":
            self._running[name] = HashingThread(blob, self._limits, concurrent=True)

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        for thread in self._running.values():
            thread.abandon()
