"""The compressed side of a stream: bytes taken in order, cut at the same places however they arrive."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

BLOCK = 512 << 10  # larger pieces fall out of the cache, smaller ones cost a thread more waits


PIECE = 4 << 10  # how much is copied to look for the end of something short, of which there may be many


class Feed:
    """The bytes of `chunks`, to look at and to take. `offset` counts what was taken.

    They are cut at multiples of BLOCK, so that a damaged stream gives the same findings and the same output from
    a pipe as from a file. `check` is called for each block.
    """

    def __init__(self, chunks: Iterable[bytes], check: Callable[[], None]) -> None:
        self._blocks = _blocks(chunks)
        self._check = check
        self._block = memoryview(b"")
        self._at = 0
        self.offset = 0

    def view(self) -> memoryview:
        """What comes next, as much as is at hand; empty at the end only."""
        if self._at == len(self._block):
            self._check()
            self._set(next(self._blocks, b""))
        return self._block[self._at :]

    def peek(self, size: int) -> bytes:
        """The next `size` bytes, fewer at the end only."""
        while len(view := self.view()) < size:
            block = next(self._blocks, None)
            if block is None:
                break
            self._set(b"".join((view, block)))
        return bytes(view[:size])

    def skip(self, size: int) -> None:
        """Takes `size` bytes of what `view` or `peek` showed."""
        self._at += size
        self.offset += size

    def give_back(self, taken: bytes | memoryview) -> None:
        """Puts `taken`, the last bytes taken, in front again."""
        size = len(taken)
        if size <= self._at:
            self._at -= size
        else:
            self._set(b"".join((taken, self._block[self._at :])))
        self.offset -= size

    def _set(self, block: bytes | memoryview) -> None:
        self._block = memoryview(block)
        self._at = 0

    def take(self, size: int) -> bytes:
        """Takes the next `size` bytes, fewer at the end only."""
        taken = self.peek(size)
        self.skip(len(taken))
        return taken

    def skip_zeros(self) -> int:
        """Takes the NUL bytes that come next and counts them."""
        start = self.offset
        while (view := self.view()) and not view[0]:
            piece = bytes(view[:PIECE])
            self.skip(len(piece) - len(piece.lstrip(b"\0")))
        return self.offset - start

    def skip_all(self) -> int:
        """Takes everything to the end and counts it."""
        start = self.offset
        while view := self.view():
            self.skip(len(view))
        return self.offset - start


def _blocks(chunks: Iterable[bytes]) -> Iterator[memoryview]:
    pending = bytearray()
    for chunk in chunks:
        rest = memoryview(chunk)
        if pending:
            missing = BLOCK - len(pending)
            pending += rest[:missing]
            rest = rest[missing:]
            if len(pending) < BLOCK:
                continue
            yield memoryview(pending)
            pending = bytearray()
        while len(rest) >= BLOCK:
            yield rest[:BLOCK]
            rest = rest[BLOCK:]
        pending += rest
    if pending:
        yield memoryview(pending)
