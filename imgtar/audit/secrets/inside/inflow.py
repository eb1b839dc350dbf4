"""Bytes that are pushed in pieces, for a reader that asks for them: how a reader of a format is written.

A reader is a generator. It yields None when it needs more bytes, an `Entry` when a file inside begins, the bytes of
that file in pieces, and an `Unread` for what it cannot read. So its code reads forward, and its caller never waits.
"""

from __future__ import annotations

from collections.abc import Callable, Generator

import msgspec

from imgtar.limits import MIB

DAMAGED = "damaged"


class Entry(msgspec.Struct, frozen=True):
    """A file inside begins. `name` is as stored; empty where the content of a file has no name of its own."""

    name: bytes


class Unread(msgspec.Struct, frozen=True):
    """What a reader cannot read, and why, in words for a report. Without a name it is the rest of the whole file."""

    reason: str
    name: bytes = b""


Event = Entry | bytes | Unread | None
Events = Generator[Event, None, None]
Reader = Callable[["Inflow"], Events]


class Inflow:
    """The bytes that have arrived and that the reader has not taken."""

    __slots__ = ("_at", "_buffer", "_ended")

    def __init__(self) -> None:
        self._buffer = b""
        self._at = 0  # of the first byte that is not taken
        self._ended = False

    def push(self, chunk: bytes) -> None:
        """Adds the next bytes. The reader has taken nearly all that came before, so little is copied."""
        self._buffer = self._buffer[self._at :] + chunk if self._at < len(self._buffer) else chunk
        self._at = 0

    def end(self) -> None:
        """No more bytes will come."""
        self._ended = True

    def more(self, size: int = MIB) -> Generator[None, None, bytes]:
        """Takes up to `size` bytes, as many as are at hand; none at the end only."""
        while self._at == len(self._buffer) and not self._ended:
            yield
        taken = self._buffer[self._at : self._at + size]
        self._at += len(taken)
        return taken

    def take(self, size: int) -> Generator[None, None, bytes]:
        """Takes `size` bytes; fewer at the end only. `size` is small, or the caller has checked it."""
        pieces: list[bytes] = []
        while size:
            piece = yield from self.more(size)
            if not piece:
                break
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)

    def give_back(self, taken: bytes) -> None:
        """Puts `taken`, the last bytes taken, in front again."""
        if len(taken) <= self._at:
            self._at -= len(taken)
        else:
            self._buffer, self._at = taken + self._buffer[self._at :], 0

    def skip(self, size: int) -> Generator[None, None, bool]:
        """Takes and drops `size` bytes; False where there are fewer."""
        while size:
            piece = yield from self.more(min(size, MIB))
            if not piece:
                return False
            size -= len(piece)
        return True
