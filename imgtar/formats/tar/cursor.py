"""Two ways to the bytes of a tar: by offset, or as they pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from imgtar.formats.tar.member import BLOCK

# A window grows while members lie close together, and shrinks where large bodies are jumped over.
LARGEST_WINDOW = 128 << 10
PAGE = 4096
CHUNK = 256 << 10


class Cursor(Protocol):
    """What the walker asks of the bytes. Offsets never decrease from call to call."""

    def window(self, offset: int) -> tuple[bytes, int]:
        """Bytes at hand and the offset of the first: at least a block (512) from `offset` on, less at the end only."""

    def chunks(self, offset: int, size: int) -> Iterator[bytes]:
        """The bytes `[offset, offset + size)` in pieces; fewer where the tar ends before."""

    def read_at(self, offset: int, size: int) -> bytes | None:
        """The bytes `[offset, offset + size)`, which move nothing; None where bytes pass once."""

    def end(self) -> int:
        """The size of the tar; a stream is read to its end to know it."""


class RegionCursor:
    """Bytes that `read_at(offset, size)` reads anywhere: only what is asked for is read.

    `head` are the first bytes where somebody has read them already, `smallest` the bytes read behind a jump: a page
    where most bodies are small, a block where they are large.
    """

    def __init__(
        self, read_at: Callable[[int, int], bytes], size: int, head: bytes = b"", smallest: int = BLOCK
    ) -> None:
        self._read_at = read_at
        self._size = size
        self._head = head
        self._smallest = self._window = smallest
        self._read_to = 0

    def window(self, offset: int) -> tuple[bytes, int]:
        if offset >= self._size:
            return b"", offset
        if offset == 0 and len(self._head) >= BLOCK:
            self._read_to = len(self._head)
            return self._head, 0
        jumped = offset - self._read_to > self._window
        self._window = self._smallest if jumped else min(2 * self._window, LARGEST_WINDOW)
        block = self._read_at(offset, min(self._window, self._size - offset))
        self._read_to = offset + len(block)
        return block, offset

    def chunks(self, offset: int, size: int) -> Iterator[bytes]:
        stop = min(offset + size, self._size)
        while offset < stop:
            chunk = self._read_at(offset, min(CHUNK, stop - offset))
            if not chunk:
                return
            yield chunk
            offset += len(chunk)
        self._read_to = max(self._read_to, offset)

    def read_at(self, offset: int, size: int) -> bytes:
        return self._read_at(offset, min(size, self._size - offset)) if offset < self._size else b""

    def end(self) -> int:
        return self._size


class StreamCursor:
    """Bytes that pass once, in chunks of any size."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._buffer = b""
        self._start = 0  # offset of the buffer's first byte in the tar

    def _next(self) -> bool:
        """Replaces the buffer by the next chunk; False at the end."""
        self._start += len(self._buffer)
        self._buffer = next(self._chunks, b"")
        return bool(self._buffer)

    def window(self, offset: int) -> tuple[bytes, int]:
        while self._start + len(self._buffer) <= offset:
            if not self._next():
                return b"", offset
        first = offset - self._start
        if len(self._buffer) - first >= BLOCK:
            return self._buffer, self._start
        block = self._buffer[first:]  # it goes on in the next chunk, which is not copied for it
        while len(block) < BLOCK and self._next():
            block += self._buffer[: BLOCK - len(block)]
        return block, offset

    def chunks(self, offset: int, size: int) -> Iterator[bytes]:
        stop = offset + size
        while offset < stop:
            while self._start + len(self._buffer) <= offset:
                if not self._next():
                    return
            first = offset - self._start
            chunk = self._buffer[first : first + stop - offset]
            yield chunk
            offset += len(chunk)

    def read_at(self, _offset: int, _size: int) -> None:
        return None

    def end(self) -> int:
        while self._next():
            pass
        return self._start
