"""An archive in a network, read by ranges of bytes (docs/remote.md).

What is read next usually follows what was read last, so a request asks for more than is needed: 8 MiB at first,
little behind a jump, and more from request to request where one range follows another. Parts that were read stay at
hand.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from threading import Lock
from typing import Protocol

from imgtar.archive.input.blobs import CHUNK
from imgtar.errors import InputError
from imgtar.limits import KIB, MIB, LimitReached, Meter

_LARGEST = 8 * MIB  # bytes of a request
_SMALLEST = 256 * KIB  # behind a jump
_BEFORE = 16 * KIB  # before the place of a jump: the end of a layer lies before the next header
_JUMP = 4 * MIB  # bytes that are not read, from which on it is a jump
_GROWS = 4  # a request is so many times as large as the one that it follows
_KEPT = 64 * MIB  # bytes at hand


class Changed(Exception):
    """The object is not the one that was opened."""


class Ranges(Protocol):
    """An object of which ranges can be asked for. Methods raise InputError where the network or the server fails."""

    @property
    def size(self) -> int:
        """Bytes of the object when it was opened."""

    def read(self, start: int, stop: int, /) -> bytes:
        """The bytes `[start, stop)`, which are inside the object. Raises Changed, and LimitReached at the deadline."""

    def is_same(self) -> bool:
        """Does the server still have the object that was opened?"""


def late() -> InputError:
    """The error for a server that has not answered when the time is up."""
    return InputError("input.remote", "the time is up before the server has answered", "allow more time with --timeout")


class RemoteFile:
    """An object as a file that is read by offset; several threads may read it."""

    def __init__(self, ranges: Ranges, meter: Meter, head: bytes = b"") -> None:
        self.size = ranges.size
        self._ranges = ranges
        self._meter = meter
        self._lock = Lock()
        self._parts: OrderedDict[int, bytes] = OrderedDict()  # by offset; the one used last is last
        self._changed = False
        self._is_checked = True  # no byte was read since the server was asked whether the object is the same
        if head:
            self._parts[0] = head

    def read_at(self, offset: int, size: int, /) -> bytes:
        """Up to `size` bytes from `offset` on, fewer at the end, or once the object has changed.

        Raises InputError where the network or the server fails, and where the time is up: no walk is here that could
        report the limit.
        """
        pieces: list[bytes] = []
        stop = min(offset + size, self.size)
        with self._lock:
            while offset < stop and not self._changed:
                start, part = self._part(offset, stop)
                piece = part[offset - start : stop - start]
                if not piece:
                    break
                pieces.append(piece)
                offset += len(piece)
        read = b"".join(pieces)
        self._meter.read(len(read))
        return read

    def chunks(self) -> Iterator[bytes]:
        offset = 0
        while chunk := self.read_at(offset, CHUNK):
            yield chunk
            offset += len(chunk)

    def changed(self) -> bool:
        """Was the object replaced or removed since it was opened?"""
        with self._lock:
            if not self._changed and not self._is_checked:
                self._changed = not self._ranges.is_same()
                self._is_checked = True
            return self._changed

    def _part(self, offset: int, stop: int) -> tuple[int, bytes]:
        """The part that has the byte at `offset`, read where it is not at hand."""
        follows = 0 if self._parts else _LARGEST
        for start, part in self._parts.items():
            if start <= offset < start + len(part):
                self._parts.move_to_end(start)
                return start, part
            if 0 <= offset - start - len(part) < _JUMP:
                follows = max(follows, len(part))
        size = min(max(_SMALLEST, _GROWS * follows, stop - offset), _LARGEST)
        start = offset if follows else max(0, offset - _BEFORE)
        try:
            part = self._ranges.read(start, min(offset + size, self.size))
        except Changed:
            self._changed = True
            return offset, b""
        except LimitReached:
            raise late() from None
        self._is_checked = False
        self._parts[start] = part
        while sum(map(len, self._parts.values())) > _KEPT:
            self._parts.popitem(last=False)
        return start, part
