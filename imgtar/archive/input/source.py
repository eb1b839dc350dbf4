"""The input: a file, a directory, standard input or a file object, opened once; its outer compression.

See contract.md section 1. Of paths, anything but a regular file, a directory or a pipe that is open already is refused
before it is opened, so nothing hangs.
"""

from __future__ import annotations

import os
import stat
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterator

import msgspec

from imgtar.archive.input.blobs import CHUNK, OpenFile, StoredFile, unreadable
from imgtar.archive.input.file_object import passing_chunks, stored_file
from imgtar.archive.input.folder import OpenFolder
from imgtar.archive.input.input_name import Container, InputName, descriptor_in
from imgtar.archive.input.missing import missing
from imgtar.archive.input.remote_name import is_remote, public_name
from imgtar.errors import InputError, UsageError
from imgtar.formats.compression import Compression, Decompressed, sniff
from imgtar.limits import LimitReached, Meter
from imgtar.progress import NoProgress, Progress

HEAD_SIZE = 512  # a tar header
_PEEK = 1 << 20  # bytes: a block of bzip2 is no longer


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """How the input is stored: `size` is that of the file as it is, None for a pipe or a directory."""

    path: str
    size: int | None
    container: Container
    compression: Compression


class FileInput:
    """An uncompressed archive in a seekable file."""

    def __init__(self, path: str, file: StoredFile, head: bytes) -> None:
        self.file = file
        self.source = Source(path=path, size=file.size, container="tar", compression="none")
        self._head = head

    def head(self) -> bytes:
        return self._head


class StreamInput:
    """Bytes that pass once: standard input, or a compressed file. `chunks` are decompressed."""

    def __init__(self, path: str, file: StoredFile | None, raw: Iterator[bytes], meter: Meter) -> None:
        self.file = file
        self._raw = _Peeked(raw)
        self.decompressed = Decompressed(self._raw, meter, outer=True)
        self._head = b""
        self.source = Source(
            path=path,
            size=None if file is None else file.size,
            container="stream" if file is None else "tar",
            compression=self.decompressed.compression,
        )

    def chunks(self) -> Iterator[bytes]:
        for chunk in self.decompressed:
            if len(self._head) < HEAD_SIZE:
                self._head += chunk[: HEAD_SIZE - len(self._head)]
            yield chunk

    def close(self) -> None:
        """Nothing more is read: the connection that the bytes came by, if there is one, ends."""
        self._raw.close()

    def head(self) -> bytes:
        """The first decompressed bytes, as far as they have passed."""
        return self._head

    def peek(self) -> bytes:
        """The first megabyte as it is stored, before any of `chunks` is asked for."""
        return self._raw.peek(_PEEK)


class _Peeked:
    """Chunks whose beginning can be looked at, also where the first of them passed already."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._passed: list[bytes] = []
        self._passed_size = 0
        self._waiting: deque[bytes] = deque()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        chunk = self._waiting.popleft() if self._waiting else next(self._chunks)
        if self._passed_size < HEAD_SIZE:  # what was needed to recognise the compression
            self._passed.append(chunk)
            self._passed_size += len(chunk)
        return chunk

    def close(self) -> None:
        if isinstance(self._chunks, Generator):
            self._chunks.close()

    def peek(self, size: int) -> bytes:
        """The first `size` bytes or more, fewer where there are fewer."""
        found = [*self._passed]
        left = size - self._passed_size
        while left > 0 and (chunk := next(self._chunks, b"")):
            self._waiting.append(chunk)
            found.append(chunk)
            left -= len(chunk)
        return b"".join(found)


class DirectoryInput:
    """A layout, an unpacked archive or skopeo's `dir:`, opened once: whatever its path leads to later, this is read."""

    def __init__(self, path: str, folder: OpenFolder) -> None:
        self.path = path
        self.folder = folder
        self.source = Source(path=path, size=None, container="directory", compression="none")

    def names(self) -> list[bytes]:
        """The names in the directory; none where it cannot be listed."""
        try:
            return [os.fsencode(name) for name in os.listdir(self.folder.descriptor)]
        except OSError:
            return []


def open_input(
    name: InputName, meter: Meter, progress: Progress | None = None
) -> FileInput | StreamInput | DirectoryInput:
    """Opens a file object, a path or a URL. `-` is standard input; a pipe that is open already is read once, too.

    Raises InputError, or UsageError where standard input is a terminal, a file object is open as text, or a URL is
    refused.
    """
    reported = progress or NoProgress()
    path = name.path
    if name.file is not None:
        stored = stored_file(name.file, meter)
        if stored is not None:
            return _stored_input(path, stored, meter, reported)
        return _stream_input(path, passing_chunks(name.file, meter), meter, reported)
    if path == "-":
        return _standard_input(meter, reported)
    if is_remote(path):
        return _remote(path, meter, reported)
    try:
        kind = os.stat(path).st_mode
        if stat.S_ISDIR(kind):
            return DirectoryInput(path, OpenFolder.opened(path))
        descriptor = descriptor_in(path)
        if stat.S_ISFIFO(kind) and descriptor is not None:
            return _stream_input(path, _read_pipe(descriptor, "the pipe", meter), meter, reported)
        if not stat.S_ISREG(kind):
            raise InputError("input.not-file", f"{_word(kind)}, not a file", "pipe its content in and give - as IMAGE")
        file = OpenFile(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), path, meter)
    except OSError as error:
        raise _cannot_open(path, error) from None
    except ValueError:
        raise InputError("input.missing", "no such file", "the path holds a NUL character") from None
    return _stored_input(path, file, meter, reported)


def _stored_input(path: str, file: StoredFile, meter: Meter, progress: Progress) -> FileInput | StreamInput:
    """A file that can be read again; where it is compressed as a whole, its bytes pass once."""
    progress.start(file.size)
    head = file.read_at(0, HEAD_SIZE)
    if sniff(head) == "none":
        return FileInput(path, file, head)
    return StreamInput(path, file, _counted(file.chunks(), progress.advance), meter)


def _stream_input(path: str, chunks: Iterator[bytes], meter: Meter, progress: Progress) -> StreamInput:
    progress.start(None)
    return StreamInput(path, None, _counted(chunks, progress.advance), meter)


def _remote(url: str, meter: Meter, progress: Progress) -> FileInput | StreamInput:
    """An object in a network; a server that knows no ranges sends it once."""
    from imgtar.archive.input.remote import RemoteFile, late

    name = public_name(url)
    if not url.lower().startswith("http"):
        from imgtar.archive.input.object_store import ObjectRanges

        return _stored_input(name, RemoteFile(ObjectRanges(url, meter), meter), meter, progress)
    from imgtar.archive.input.http_ranges import HttpRanges

    try:
        ranges = HttpRanges(url, meter)
    except LimitReached:
        raise late() from None
    if ranges.whole is None:
        return _stored_input(name, RemoteFile(ranges, meter, ranges.head), meter, progress)
    return _stream_input(name, ranges.whole, meter, progress)


def _cannot_open(path: str, error: OSError) -> InputError:
    return missing(path) if isinstance(error, FileNotFoundError | NotADirectoryError) else unreadable("", error)


def _standard_input(meter: Meter, progress: Progress) -> StreamInput:
    """Standard input as a stream. Raises UsageError where it is a terminal."""
    if sys.stdin is not None and sys.stdin.isatty():
        raise UsageError(
            "usage.terminal", "standard input is a terminal", "pipe an archive in: docker save … | imgtar -"
        )
    return _stream_input("-", _read_pipe(0, "standard input", meter), meter, progress)


def _read_pipe(descriptor: int, name: str, meter: Meter) -> Iterator[bytes]:
    """The bytes of an open pipe. Raises InputError where reading fails."""
    while True:
        try:
            chunk = os.read(descriptor, CHUNK)
        except OSError as error:
            raise unreadable(name, error) from None
        if not chunk:
            return
        meter.read(len(chunk))
        yield chunk


def _counted(chunks: Iterator[bytes], advance: Callable[[int], None]) -> Iterator[bytes]:
    try:
        for chunk in chunks:
            yield chunk
            advance(len(chunk))
    finally:
        if isinstance(chunks, Generator):
            chunks.close()


def _word(mode: int) -> str:
    kinds = {stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket", stat.S_IFBLK: "a disk", stat.S_IFCHR: "a device"}
    return kinds.get(stat.S_IFMT(mode), "something special")
