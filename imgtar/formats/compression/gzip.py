"""gzip (RFC 1952): members one after another, each with its header, its CRC and its size checked."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Generator, Iterator
from typing import NamedTuple, Protocol, cast

from imgtar.formats.compression import problems
from imgtar.formats.compression.feed import PIECE, Feed
from imgtar.formats.compression.member_stream import Damage, Decoder, Endings, MemberStream, Pace, follows
from imgtar.limits import GZIP_HEADER_SIZE

_HEADER_SIZE, _TRAILER_SIZE = 10, 8
_METHOD, _FLAGS = 2, 3
_DEFLATE = 8
_HEADER_CRC, _EXTRA, _NAME, _COMMENT, _RESERVED = 0x02, 0x04, 0x08, 0x10, 0xE0

_ENDINGS = Endings(
    magic=b"\x1f\x8b",
    truncated=problems.GZIP_TRUNCATED,
    trailing_data=problems.GZIP_TRAILING_DATA,
    trailing_zeros=problems.GZIP_TRAILING_ZEROS,
)


class Inflate(Decoder, Protocol):
    """A decompressor of raw deflate data."""

    @property
    def crc(self) -> int:
        """The CRC-32 of what was made so far."""


class Engine(NamedTuple):
    """A library that inflates raw deflate data: a decoder for one member, and what it raises."""

    start: Callable[[], Inflate]
    error: type[Exception]


class _Zlib:
    """zlib's decompressor as an `Inflate`."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        self._rest = b""
        self.crc = 0

    @property
    def eof(self) -> bool:
        return self._inflate.eof

    @property
    def needs_input(self) -> bool:
        return not self._rest

    @property
    def unused_data(self) -> bytes:
        return self._inflate.unused_data

    def decompress(self, data: bytes | memoryview, max_length: int, /) -> bytes:
        made = self._inflate.decompress(self._rest or data, max_length)
        self._rest = self._inflate.unconsumed_tail
        self.crc = zlib.crc32(made, self.crc)
        return made


def with_zlib() -> Engine:
    """The standard library."""
    return Engine(_Zlib, zlib.error)


def with_isal() -> Engine:
    """ISA-L, twice as fast; raises ImportError where it is not installed.

    ISA-L has two interfaces. The one used here keeps its input and releases the interpreter once for each call; the
    other releases it for each doubling of its output, and a thread that decompresses waits each time.
    """
    from isal import igzip_lib

    def start() -> Inflate:
        # No header and no trailer, but a checksum: raw deflate whose CRC-32 is taken in passing.
        return igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP_NO_HDR)

    error = cast("type[Exception]", igzip_lib.error)  # its stubs say that it is an instance
    return Engine(start, error)


try:
    engine = with_isal()
except ImportError:
    engine = with_zlib()


class _Cut(Exception):
    """The stream ends inside a header."""


class _BadHeader(Exception):
    """The header is not valid."""


def gunzip(feed: Feed, damage: Damage) -> Iterator[bytes]:
    """The content of every member of `feed`; stops at the first that cannot be read."""
    pace = Pace()
    while True:
        start = feed.offset
        try:
            _skip_header(feed)
        except _Cut:
            damage(problems.GZIP_TRUNCATED, size=feed.offset)
            return
        except _BadHeader as bad:
            damage(problems.GZIP_BAD_HEADER, start, reason=str(bad))
            return
        if not (yield from _member(feed, damage, pace)) or not follows(feed, damage, _ENDINGS):
            return


def _member(feed: Feed, damage: Damage, pace: Pace) -> Generator[bytes, None, bool]:
    """The content of one member, whose header is taken. Returns whether its end was reached."""
    # This function reads the trailer. A decompressor that checks the trailer itself fails in the call that makes the
    # last bytes, and those bytes are lost.
    inflate = engine.start()
    member = MemberStream(feed, inflate, pace, engine.error)
    size = 0
    for made in member:
        size += len(made)
        yield made
    if member.error is not None:
        damage(problems.GZIP_CORRUPT)
        return False
    if member.cut:
        damage(problems.GZIP_TRUNCATED, size=feed.offset)
        return False
    return _check(feed, damage, inflate.crc, size)


def _check(feed: Feed, damage: Damage, crc: int, size: int) -> bool:
    """Compares the trailer; False when the stream ends inside it."""
    start = feed.offset
    trailer = feed.take(_TRAILER_SIZE)
    if len(trailer) < _TRAILER_SIZE:
        damage(problems.GZIP_TRUNCATED, size=feed.offset)
        return False
    if trailer != crc.to_bytes(4, "little") + (size & 0xFFFFFFFF).to_bytes(4, "little"):
        damage(problems.GZIP_BAD_CRC, start)
    return True


def _skip_header(feed: Feed) -> None:
    """Takes the header of a member. Raises _Cut where the stream ends in it, _BadHeader where it is not valid."""
    header = _Header(feed)
    fixed = header.take(_HEADER_SIZE)
    flags = fixed[_FLAGS]
    if fixed[_METHOD] != _DEFLATE:
        raise _BadHeader(f"it names compression method {fixed[_METHOD]}")
    if flags & _RESERVED:
        raise _BadHeader("it sets reserved flags")
    if flags & _EXTRA:
        header.take(int.from_bytes(header.take(2), "little"))
    for field in (_NAME, _COMMENT):
        if flags & field:
            header.take_text()
    if flags & _HEADER_CRC:
        expected = header.crc & 0xFFFF
        if int.from_bytes(header.take(2), "little") != expected:
            raise _BadHeader("its own checksum does not match")


class _Header:
    """Takes the fields of one header, and their CRC."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._size = 0
        self.crc = 0

    def take(self, size: int) -> bytes:
        """Takes a field. Raises _Cut where the stream ends in it, _BadHeader where the header is too large."""
        field = self._feed.take(size)
        if len(field) < size:
            raise _Cut
        self._count(field)
        return field

    def take_text(self) -> None:
        """Takes a field that ends with its first NUL. Raises as `take` does."""
        while view := self._feed.view():
            part = bytes(view[:PIECE])
            end = part.find(0) + 1
            part = part[:end] if end else part
            self._feed.skip(len(part))
            self._count(part)
            if end:
                return
        raise _Cut

    def _count(self, field: bytes) -> None:
        """Adds a field to size and CRC. Raises _BadHeader where the header is too large."""
        self._size += len(field)
        if self._size > GZIP_HEADER_SIZE:
            raise _BadHeader(f"it is larger than {GZIP_HEADER_SIZE} bytes")
        self.crc = zlib.crc32(field, self.crc)
