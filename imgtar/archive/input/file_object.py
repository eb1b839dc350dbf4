"""A file object as the input: read as it is, and left to the caller as it was.

A seekable one is read from its beginning, wherever its position is, which it has again after each read; any other
one, and one that decompresses as it is read, passes once, from where it is. Nothing here closes what the caller has
opened.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator
from threading import Lock
from typing import Protocol

from imgtar.archive.input.blobs import CHUNK, OpenFile, StoredFile, pieces, unreadable
from imgtar.errors import InputError, UsageError
from imgtar.limits import Meter

UNNAMED = "<file>"
_REWINDING = ("gzip", "bz2", "lzma", "zipfile")  # modules whose files decompress from the start again to seek back


class BinaryFile(Protocol):
    """A file that is open for reading bytes; where it has `seekable`, `seek` and `tell`, they are used."""

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes, none at the end."""


def file_name(file: BinaryFile) -> str:
    """The name of a file object as reports show it: its own, where it has one that is a text."""
    name = getattr(file, "name", None)
    return name if isinstance(name, str) and name else UNNAMED


def stored_file(file: BinaryFile, meter: Meter) -> StoredFile | None:
    """The file, readable by offset; None where it passes once. Raises InputError where it cannot be read."""
    try:
        descriptor = _descriptor(file)
        if descriptor is not None:
            return OpenFile(descriptor, file_name(file), meter)
        return SeekableFile(file, meter) if _is_seekable(file) else None
    except (OSError, ValueError) as error:
        raise _unreadable(error) from None


def passing_chunks(file: BinaryFile, meter: Meter) -> Iterator[bytes]:
    """The bytes of a file that passes once, from where it is. Raises InputError and UsageError."""
    while chunk := _read(file, CHUNK, meter):
        yield chunk


class SeekableFile:
    """A file object that is read by offset; between two reads it has the position that the caller left."""

    def __init__(self, file: BinaryFile, meter: Meter) -> None:
        self._file = file
        self._meter = meter
        self._lock = Lock()  # layers are read by several threads
        self.size = self._end()

    def read_at(self, offset: int, size: int, /) -> bytes:
        """Up to `size` bytes from `offset` on, fewer at the end only. Raises InputError and UsageError."""
        with self._lock:
            try:
                position = self._file.tell()  # type: ignore[attr-defined]
                self._file.seek(offset)  # type: ignore[attr-defined]
                try:
                    return self._whole(min(size, max(0, self.size - offset)))
                finally:
                    self._file.seek(position)  # type: ignore[attr-defined]
            except (OSError, ValueError) as error:
                raise _unreadable(error) from None

    def chunks(self) -> Iterator[bytes]:
        """All bytes in order, in pieces."""
        return pieces(self.read_at, self.size)

    def changed(self) -> bool:
        """Has the file another size than when it was opened?"""
        with self._lock:
            return self._end() != self.size

    def _whole(self, size: int) -> bytes:
        """The next `size` bytes, fewer at the end only; an unbuffered file may give them bit by bit."""
        first = _read(self._file, size, self._meter) if size else b""
        if len(first) == size:
            return first
        parts, left = [first], size - len(first)
        while left and parts[-1]:
            parts.append(_read(self._file, left, self._meter))
            left -= len(parts[-1])
        return b"".join(parts)

    def _end(self) -> int:
        position = self._file.tell()  # type: ignore[attr-defined]
        try:
            end: int = self._file.seek(0, os.SEEK_END)  # type: ignore[attr-defined]
            return end
        finally:
            self._file.seek(position)  # type: ignore[attr-defined]


def _descriptor(file: BinaryFile) -> int | None:
    """A descriptor of our own for a regular file that is open for reading alone; None for anything else.

    Reading by offset through it leaves the position of the caller's alone. Other classes may have a descriptor whose
    bytes are not those that `read` gives: gzip.GzipFile has the one of the compressed file.
    """
    raw = file.raw if type(file) is io.BufferedReader else file
    if type(raw) is not io.FileIO or raw.writable():  # what is written may wait in a buffer
        return None
    if not stat.S_ISREG(os.fstat(raw.fileno()).st_mode):
        return None
    return os.dup(raw.fileno())


def _is_seekable(file: BinaryFile) -> bool:
    """Can the file be read by offset, in time that does not grow with the offset?"""
    if any(base.__module__ in _REWINDING for base in type(file).__mro__):
        return False
    seekable = getattr(file, "seekable", None)
    return bool(seekable()) if seekable is not None else hasattr(file, "seek") and hasattr(file, "tell")


def _read(file: BinaryFile, size: int, meter: Meter) -> bytes:
    try:
        read: object = file.read(size)
    except (OSError, ValueError) as error:
        raise _unreadable(error) from None
    if isinstance(read, str):
        raise UsageError("usage.text-file", "the file is open as text", "open it with mode 'rb'")
    if not isinstance(read, bytes):
        raise InputError("input.unreadable", "the file object gives no bytes", "give a file that waits for its bytes")
    meter.read(len(read))
    return read[:size]


def _unreadable(error: OSError | ValueError) -> InputError:
    if isinstance(error, OSError):
        return unreadable("", error)
    return InputError("input.unreadable", str(error).rstrip(".").lower(), "give a file that is open for reading")
