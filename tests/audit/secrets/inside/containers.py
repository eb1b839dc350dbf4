"""Containers made in memory: every format with the files inside that a test wants."""

from __future__ import annotations

import io
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator

from imgtar.audit.secrets.inside.inflow import Entry, Inflow, Reader, Unread
from tests.builders import bzip2, file, gzip, tar, xz

Files = dict[str, bytes]


class _Pipe(io.RawIOBase):
    """A file that cannot be sought: sizes then stand behind the contents of a zip archive."""

    def __init__(self) -> None:
        self.written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, raw: object) -> int:
        piece = bytes(memoryview(raw))  # type: ignore[arg-type]
        self.written += piece
        return len(piece)


def zipped(files: Files, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive whose local headers have the sizes."""
    raw = io.BytesIO()
    _fill(raw, files, method)
    return raw.getvalue()


def zipped_to_a_pipe(files: Files, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive whose sizes stand behind the contents, as `jar` writes it."""
    pipe = _Pipe()
    _fill(pipe, files, method)  # type: ignore[arg-type]
    return bytes(pipe.written)


def _fill(raw: io.BytesIO, files: Files, method: int) -> None:
    with zipfile.ZipFile(raw, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)


def encrypted_entry(name: str, stored: bytes, *, sizes_follow: bool) -> bytes:
    """A local header with the flag of encryption, and what stands behind it."""
    flags, size = (9, 0) if sizes_follow else (1, len(stored))
    header = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, flags, 8, 0, 0, 0, size, size, len(name), 0)
    descriptor = struct.pack("<4sIII", b"PK\7\x08", 0, len(stored), len(stored)) if sizes_follow else b""
    return header + name.encode() + stored + descriptor


def tarred(files: Files) -> bytes:
    return tar(*(file(name, content) for name, content in files.items()))


def database(values: Iterable[bytes | str], *, page: int = 4096, encoding: str = "UTF-8", rowid: bool = True) -> bytes:
    """An SQLite database with a table of a number, a text and a value in each row."""
    connection = sqlite3.connect(":memory:")
    connection.execute(f"PRAGMA page_size = {page}")
    connection.execute(f"PRAGMA encoding = '{encoding}'")
    connection.execute(f"CREATE TABLE t (id INTEGER PRIMARY KEY, name, value) {'' if rowid else 'WITHOUT ROWID'}")
    connection.executemany("INSERT INTO t VALUES (?, ?, ?)", [(n, f"user{n}", v) for n, v in enumerate(values)])
    connection.commit()
    return connection.serialize()


def java_class(*texts: bytes) -> bytes:
    """A class file as far as its constants: texts, with the tag of a class behind each."""
    constants = b"".join(b"\1" + len(text).to_bytes(2, "big") + text + b"\7\0\1" for text in texts)
    return b"\xca\xfe\xba\xbe\0\0\0\x34" + (2 * len(texts) + 1).to_bytes(2, "big") + constants


ARCHIVES: dict[str, Callable[[Files], bytes]] = {
    "tar": tarred,
    "tar.gz": lambda files: gzip(tarred(files)),
    "tar.xz": lambda files: xz(tarred(files)),
    "tar.bz2": lambda files: bzip2(tarred(files)),
    "zip": zipped,
    "zip stored": lambda files: zipped(files, zipfile.ZIP_STORED),
    "zip to a pipe": zipped_to_a_pipe,
    "zip stored to a pipe": lambda files: zipped_to_a_pipe(files, zipfile.ZIP_STORED),
    "executable zip": lambda files: b"#!/usr/bin/env python3\n" + zipped(files),
}


def pieces(raw: bytes, size: int) -> Iterator[bytes]:
    return (raw[start : start + size] for start in range(0, len(raw), size))


def read_all(reader: Reader, chunks: Iterable[bytes]) -> Iterator[Entry | bytes | Unread]:
    """All that a reader yields for these chunks."""
    inflow = Inflow()
    events = reader(inflow)

    def until_hungry() -> Iterator[Entry | bytes | Unread]:
        for event in events:
            if event is None:
                return
            yield event

    for chunk in chunks:
        inflow.push(chunk)
        yield from until_hungry()
    inflow.end()
    yield from until_hungry()


def contents(reader: Reader, raw: bytes, size: int = 1 << 20) -> tuple[list[tuple[bytes, bytes]], list[Unread]]:
    """The files that a reader finds, and what it cannot read."""
    files: list[tuple[bytes, bytearray]] = []
    unread: list[Unread] = []
    for event in read_all(reader, pieces(raw, size)):
        if isinstance(event, Entry):
            files.append((event.name, bytearray()))
        elif isinstance(event, Unread):
            unread.append(event)
        else:
            files[-1][1].extend(event)
    return [(name, bytes(content)) for name, content in files], unread


def made(reader: Reader, raw: bytes, most: int) -> int:
    """The bytes that a reader makes of an input; it is left after `most`."""
    count = 0
    inflow = Inflow()
    inflow.push(raw)
    inflow.end()
    for event in reader(inflow):
        count += len(event) if isinstance(event, bytes) else 0
        if count > most:
            break
    return count


def deflated(raw: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(raw) + compressor.flush()
