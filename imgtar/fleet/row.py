"""A row of the results: one line of JSON about an archive, written piece by piece, and read back by its edges."""

from __future__ import annotations

import contextlib
import os
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Self

import msgspec

from imgtar.answers.envelope import GENERATOR
from imgtar.contract.envelope import ErrorBody
from imgtar.contract.fleet import FleetHead, FleetTail
from imgtar.errors import unwritable
from imgtar.fleet.inputs import ArchiveFile, shown_path
from imgtar.report.json_parts import encoded

TEMPORARY = ".tmp"  # ends the name of a row that is not whole yet
_BATCH = 1 << 16  # bytes that are written at once
Add = Callable[[Iterable[bytes]], None]


@contextlib.contextmanager
def output_errors(name: str) -> Iterator[None]:
    """Turns the system's errors about the file `name` into OutputError."""
    try:
        yield
    except OSError as problem:
        raise unwritable(name, problem, "another place") from problem


def _batches(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in fewer pieces."""
    batch = bytearray()
    for piece in pieces:
        batch += piece
        if len(batch) >= _BATCH:
            yield bytes(batch)
            batch.clear()
    yield bytes(batch)


class RowWriter:
    """Writes the row of an archive to a file that has its name when `end` has written the last part.

    Its methods raise OutputError where the file cannot be written.
    """

    def __init__(self, name: str, archive: ArchiveFile) -> None:
        self._name = name
        self._archive = archive
        self._whole = False

    def __enter__(self) -> Self:
        with output_errors(self._name):
            self._file = open(self._name + TEMPORARY, "wb")
        path, path_b64 = shown_path(self._archive.path)
        head = FleetHead(
            generator=GENERATOR,
            path=path,
            path_b64=msgspec.UNSET if path_b64 is None else path_b64,
            size=self._archive.size,
            mtime_ns=self._archive.mtime_ns,
        )
        self._write(encoded(head)[:-1])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        with output_errors(self._name):
            self._file.close()
            if self._whole:
                os.replace(self._name + TEMPORARY, self._name)
            else:
                os.unlink(self._name + TEMPORARY)

    def _write(self, piece: bytes) -> None:
        with output_errors(self._name):
            self._file.write(piece)

    @contextlib.contextmanager
    def key(self, name: str, *, several: bool) -> Iterator[Add]:
        """What takes the pieces of the document under this key, or with `several` of each document of a list.

        Where the block raises, nothing of the key stays.
        """
        start, documents = self._file.tell(), 0

        def add(pieces: Iterable[bytes]) -> None:
            nonlocal documents
            self._write(b"," if documents else b"")
            documents += 1
            for batch in _batches(pieces):
                self._write(batch.removesuffix(b"\n"))  # the end of a document, and of nothing else

        try:
            self._write(b',"%s":%s' % (name.encode(), b"[" if several else b""))
            yield add
            self._write(b"]" if several else b"")
        except BaseException:
            with output_errors(self._name):
                self._file.seek(start)
                self._file.truncate()
            raise

    def end(self, exit_code: int, failure: ErrorBody | None) -> None:
        """Writes what the row ends with."""
        tail = FleetTail(exit_code=exit_code, failure=failure)
        self._write(b"," + encoded(tail)[1:] + b"\n")
        self._whole = True


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """What a run needs to know of a row: which archive it is about, whether that has changed, and what became of it."""

    path: str
    path_b64: str | None = None
    size: int | None
    mtime_ns: int | None
    exit_code: int
    failure: ErrorBody | None

    @property
    def archive(self) -> ArchiveFile:
        """The archive of the row."""
        path = os.fsencode(self.path) if self.path_b64 is None else b64decode(self.path_b64)
        return ArchiveFile(path, self.size, self.mtime_ns)


def read_mark(line: bytes) -> Mark | None:
    """The mark of a row; None where the line is not a whole row, because it was cut or damaged."""
    try:
        return msgspec.json.decode(line, type=Mark)
    except (msgspec.MsgspecError, ValueError):
        return None
