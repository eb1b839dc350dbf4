"""gzip (RFC 1952), bzip2 and xz: the content of a compressed file, its streams one after another."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import NamedTuple

from imgtar.audit.secrets.inside.inflow import DAMAGED, Entry, Events, Inflow, Unread
from imgtar.formats.compression.gzip import engine
from imgtar.formats.compression.member_stream import Decoder
from imgtar.formats.compression.sniff import BZIP2_MAGIC, GZIP_MAGIC, XZ_MAGIC
from imgtar.formats.compression.xz_bzip2 import XZ_MEMORY
from imgtar.limits import GZIP_HEADER_SIZE

OUTPUT = 256 << 10  # bytes that one call may make
_FIRST_INPUT, _INPUT = 4 << 10, 64 << 10  # bytes that a call takes: what a small stream leaves is copied
_FIXED_HEADER, _TRAILER = 10, 8
_FLAGS = 3
_HEADER_CRC, _EXTRA, _NAME, _COMMENT = 0x02, 0x04, 0x08, 0x10


class Format(NamedTuple):
    """A decoder of one stream, and what it raises."""

    start: Callable[[], Decoder]
    error: type[Exception]


def deflate() -> Format:
    """Raw deflate data (RFC 1951)."""
    return Format(engine.start, engine.error)


def _xz() -> Format:
    import lzma

    return Format(lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY), lzma.LZMAError)


def _bzip2() -> Format:
    import bz2

    return Format(bz2.BZ2Decompressor, OSError)


def decoded(inflow: Inflow, form: Format) -> Generator[bytes | None, None, bool]:
    """The content of one stream in pieces. Returns whether its end was reached.

    A decoder that fails loses the output of that call, so each call takes the same bytes however they arrive.
    """
    decoder = form.start()
    size = _FIRST_INPUT
    while not decoder.eof:
        piece = b""
        if hungry := decoder.needs_input:
            piece = yield from inflow.take(size)
            size = min(4 * size, _INPUT)
        try:
            made = decoder.decompress(piece, OUTPUT)
        except form.error:
            return False
        if made:
            yield made
        elif hungry and not piece:
            return False
    inflow.give_back(decoder.unused_data)
    return True


def gunzipped(inflow: Inflow) -> Events:
    """The content of a gzip file. Checksums are not compared: what can be read is searched."""
    yield Entry(b"")
    form = deflate()
    while (yield from _skip_gzip_header(inflow)):
        if not (yield from decoded(inflow, form)) or not (yield from inflow.skip(_TRAILER)):
            break
        if not (yield from _follows(inflow, GZIP_MAGIC[:2])):
            return
    yield Unread(DAMAGED)


def unxz(inflow: Inflow) -> Events:
    """The content of an xz file."""
    return _streams(inflow, _xz(), XZ_MAGIC)


def bunzip2(inflow: Inflow) -> Events:
    """The content of a bzip2 file."""
    return _streams(inflow, _bzip2(), BZIP2_MAGIC)


def _streams(inflow: Inflow, form: Format, magic: bytes) -> Events:
    yield Entry(b"")
    while (yield from decoded(inflow, form)):
        if not (yield from _follows(inflow, magic)):
            return
    yield Unread(DAMAGED)


def _follows(inflow: Inflow, magic: bytes) -> Generator[None, None, bool]:
    """Does another stream follow? NUL bytes before it are taken; other bytes behind a stream belong to nothing."""
    while piece := (yield from inflow.more()):
        rest = piece.lstrip(b"\0")
        if rest:
            inflow.give_back(rest)
            head = yield from inflow.take(len(magic))
            inflow.give_back(head)
            return head == magic
    return False


def _skip_gzip_header(inflow: Inflow) -> Generator[None, None, bool]:
    """Takes the header of a member; False where it is not valid or cut."""
    header = yield from inflow.take(_FIXED_HEADER)
    if len(header) < _FIXED_HEADER or not header.startswith(GZIP_MAGIC):
        return False
    flags = header[_FLAGS]
    if flags & _EXTRA:
        size = int.from_bytes((yield from inflow.take(2)), "little")
        if not (yield from inflow.skip(size)):
            return False
    for field in (_NAME, _COMMENT):
        if flags & field and not (yield from _skip_text(inflow)):
            return False
    return not flags & _HEADER_CRC or (yield from inflow.skip(2))


def _skip_text(inflow: Inflow) -> Generator[None, None, bool]:
    """Takes a field that ends with its first NUL."""
    left = GZIP_HEADER_SIZE
    while left > 0 and (piece := (yield from inflow.more(left))):
        end = piece.find(b"\0") + 1
        if end:
            inflow.give_back(piece[end:])
            return True
        left -= len(piece)
    return False
