"""Bytes that can be read by offset: a part of a file, a file of a directory, a document that was kept."""

from __future__ import annotations

import os
import weakref
from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import Protocol

import msgspec

from imgtar.errors import InputError
from imgtar.limits import Meter

CHUNK = 512 << 10  # smaller ones cost a thread more waits, larger ones fall out of the cache


class Blob(Protocol):
    """The bytes of a blob, readable repeatedly. `size` is what is present, which may be less than what is stated."""

    @property
    def size(self) -> int: ...

    def read_at(self, offset: int, size: int, /) -> bytes:
        """Up to `size` bytes from `offset` on, fewer at the end only."""

    def chunks(self) -> Iterator[bytes]:
        """All bytes in order, in pieces."""


class Extent(msgspec.Struct, frozen=True):
    """Some bytes of a file of this machine, and the state of the file: a write changes `ctime_ns`, which no user sets.

    Hard links are one file. Times are in nanoseconds since 1970.
    """

    device: int
    inode: int
    file_size: int
    mtime_ns: int
    ctime_ns: int
    offset: int
    size: int


class StoredFile(Blob, Protocol):
    """A file as a whole, readable by offset."""

    def changed(self) -> bool:
        """Was the file written to since it was opened?"""


class OpenFile:
    """One open descriptor, read by offset; closed with the last reference. Reading errors become InputError."""

    def __init__(self, descriptor: int, name: str, meter: Meter) -> None:
        self._descriptor = descriptor
        self._name = name
        self._meter = meter
        self._opened = os.fstat(descriptor)
        self.size = self._opened.st_size
        self._close = weakref.finalize(self, os.close, descriptor)

    def read_at(self, offset: int, size: int, /) -> bytes:
        """Up to `size` bytes from `offset` on, fewer at the end only. Raises InputError where reading fails."""
        try:
            read = os.pread(self._descriptor, size, offset)
        except OSError as error:
            raise unreadable(self._name, error) from None
        self._meter.read(len(read))
        return read

    def chunks(self) -> Iterator[bytes]:
        return pieces(self.read_at, self.size)

    def extent(self) -> Extent:
        """The whole file as it is now."""
        now = os.fstat(self._descriptor)
        return Extent(now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns, 0, now.st_size)

    def changed(self) -> bool:
        """Was the file written to since it was opened?"""
        now = os.fstat(self._descriptor)
        return (now.st_size, now.st_mtime_ns) != (self._opened.st_size, self._opened.st_mtime_ns)


def unreadable(name: str, error: OSError) -> InputError:
    """The error for a file that the system does not let us read; `name` is "" for the input itself."""
    reason = (error.strerror or "reading failed").lower()
    message = f"{name}: {reason}" if name else reason
    return InputError("input.unreadable", message, "check the path and its permissions")


def pieces(read_at: Callable[[int, int], bytes], size: int, most: int = CHUNK) -> Iterator[bytes]:
    """The first `size` bytes that `read_at` gives, in order, at most `most` at once."""
    offset = 0
    while offset < size:
        chunk = read_at(offset, min(most, size - offset))
        if not chunk:
            return
        yield chunk
        offset += len(chunk)


class InlineBlob:
    """Bytes that are in memory."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.size = len(raw)

    def read_at(self, offset: int, size: int, /) -> bytes:
        return self.raw[offset : offset + size]

    def chunks(self) -> Iterator[bytes]:
        return pieces(self.read_at, self.size)


class Region:
    """`size` bytes of a file from `offset` on, at most to the end of the file."""

    def __init__(self, file: Blob, offset: int, size: int) -> None:
        self._file = file
        self._offset = offset
        self.size = max(0, min(size, file.size - offset))

    def read_at(self, offset: int, size: int, /) -> bytes:
        return self._file.read_at(self._offset + offset, min(size, self.size - offset)) if offset < self.size else b""

    def chunks(self) -> Iterator[bytes]:
        return pieces(self.read_at, self.size)

    def extent(self) -> Extent | None:
        """These bytes of the file as it is now; None where it is no file of this machine."""
        if not isinstance(self._file, OpenFile | Region):
            return None
        file = self._file.extent()
        return file and msgspec.structs.replace(file, offset=file.offset + self._offset, size=self.size)


class SparseRegion:
    """A sparse file: its data runs lie one behind the other in `stored`, zeros are between them."""

    def __init__(self, stored: Region, segments: tuple[tuple[int, int], ...], size: int) -> None:
        self.size = size
        self._stored = stored
        self._starts = [offset for offset, _ in segments]
        self._runs: list[tuple[int, int, int]] = []  # offset, length, where it is stored
        position = 0
        for offset, length in segments:
            self._runs.append((offset, length, position))
            position += length

    def read_at(self, offset: int, size: int, /) -> bytes:
        stop = min(offset + size, self.size)
        pieces: list[bytes] = []
        run = max(0, bisect_right(self._starts, offset) - 1)
        while offset < stop and run < len(self._runs):
            start, length, position = self._runs[run]
            if offset < start:
                pieces.append(bytes(min(start, stop) - offset))
                offset = min(start, stop)
            inside = min(start + length, stop) - offset
            if inside > 0:
                pieces.append(self._stored.read_at(position + offset - start, inside))
                offset += inside
            run += 1
        return b"".join(pieces) + bytes(max(0, stop - offset))

    def chunks(self) -> Iterator[bytes]:
        return pieces(self.read_at, self.size)
