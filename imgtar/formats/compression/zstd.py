"""zstd (RFC 8878): frames one after another, skippable ones anywhere.

The library does not report a truncated frame, and one call returns any amount. So this module walks the framing: the
decoder gets blocks, each of which makes at most 128 KiB, and then the checksum alone.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import NamedTuple, Protocol

from imgtar.formats.compression import problems
from imgtar.formats.compression.feed import Feed
from imgtar.formats.compression.member_stream import Damage, Endings, follows
from imgtar.formats.compression.sniff import ZSTD_MAGIC, is_skippable
from imgtar.limits import MIB, ZSTD_WINDOW

_BLOCK_MAXIMUM = 128 << 10
_MAGIC_SIZE, _BLOCK_HEADER_SIZE, _CHECKSUM_SIZE = 4, 3, 4
_LONGEST_HEADER = _MAGIC_SIZE + 14
_RLE, _COMPRESSED, _RESERVED_TYPE = 1, 2, 3

_ENDINGS = Endings(
    magic=ZSTD_MAGIC,
    truncated=problems.ZSTD_TRUNCATED,
    trailing_data=problems.ZSTD_TRAILING_DATA,
    trailing_zeros=problems.ZSTD_TRAILING_ZEROS,
)


class _Cut(Exception):
    """The stream ends inside a frame."""


class _BadBlock(Exception):
    """A block header that the format forbids."""


class _Decoder(Protocol):
    def decompress(self, data: bytes | memoryview) -> bytes: ...


class _Library(NamedTuple):
    start: Callable[[], _Decoder]
    error: type[Exception]


class _FrameHeader(NamedTuple):
    size: int  # bytes, with the magic
    window: int
    dictionary: int
    checksum: bool
    reserved: bool


def _library() -> _Library:
    try:
        import zstandard
    except ImportError:  # Python 3.14 has its own
        from compression import zstd  # type: ignore[import-not-found]

        return _Library(zstd.ZstdDecompressor, zstd.ZstdError)
    context = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW)
    # The output buffer takes a whole piece, so the interpreter is released once for each piece.
    return _Library(lambda: context.decompressobj(write_size=MIB), zstandard.ZstdError)


def unzstd(feed: Feed, damage: Damage) -> Iterator[bytes]:
    """The content of every frame of `feed`; stops at the first that cannot be read."""
    library = _library()
    try:
        while True:
            if is_skippable(feed.peek(_MAGIC_SIZE)):
                _skip_frame(feed)
            elif not (yield from _frame(feed, damage, library)):
                return
            head = feed.peek(_MAGIC_SIZE)
            if not is_skippable(head) and not follows(feed, damage, _ENDINGS):
                return
    except _Cut:
        feed.skip_all()
        damage(problems.ZSTD_TRUNCATED, size=feed.offset)


def _frame(feed: Feed, damage: Damage, library: _Library) -> Generator[bytes, None, bool]:
    """The content of one frame. Returns whether its end was reached. Raises _Cut where the stream ends before."""
    header = _frame_header(feed)
    if header.dictionary:
        damage(problems.ZSTD_DICTIONARY, dictionary=header.dictionary)
        return False
    if header.window > ZSTD_WINDOW:
        damage(problems.ZSTD_WINDOW, window=header.window, limit=ZSTD_WINDOW)
        return False
    decoder = library.start()
    try:
        if header.reserved:
            raise library.error
        decoder.decompress(_take(feed, header.size))
        for piece in _pieces(feed):
            made = decoder.decompress(piece)
            if made:
                yield made
    except (library.error, _BadBlock):
        damage(problems.ZSTD_CORRUPT)
        return False
    if header.checksum:
        start = feed.offset
        try:
            decoder.decompress(_take(feed, _CHECKSUM_SIZE))
        except library.error:
            damage(problems.ZSTD_BAD_CHECKSUM, start)
    return True


def _pieces(feed: Feed) -> Iterator[memoryview]:
    """The blocks of a frame, grouped so that a piece makes at most 1 MiB. Raises _Cut and _BadBlock."""
    pending = 0  # bytes of a block's body that are still to come
    last = False
    while pending or not last:
        if not pending and len(feed.peek(_BLOCK_HEADER_SIZE)) < _BLOCK_HEADER_SIZE:
            raise _Cut
        view = feed.view()
        if not view:
            raise _Cut
        size = len(view)
        at = min(pending, size)
        pending -= at
        made = _BLOCK_MAXIMUM if at else 0
        while not pending and not last and at + _BLOCK_HEADER_SIZE <= size and made + _BLOCK_MAXIMUM <= MIB:
            header = view[at] | view[at + 1] << 8 | view[at + 2] << 16
            block_type, stored = header >> 1 & 3, header >> 3
            if block_type == _RESERVED_TYPE or stored > _BLOCK_MAXIMUM:
                if not at:
                    raise _BadBlock
                break
            last = bool(header & 1)
            made += _BLOCK_MAXIMUM if block_type == _COMPRESSED else stored
            at += _BLOCK_HEADER_SIZE
            body = min(1 if block_type == _RLE else stored, size - at)
            pending = (1 if block_type == _RLE else stored) - body
            at += body
        yield view[:at]
        feed.skip(at)


def _frame_header(feed: Feed) -> _FrameHeader:
    """Reads a frame header without taking it (RFC 8878, 3.1.1.1). Raises _Cut where the stream ends in it."""
    start = feed.peek(_LONGEST_HEADER)
    if len(start) <= _MAGIC_SIZE:
        raise _Cut
    flags = start[_MAGIC_SIZE]
    single = flags >> 5 & 1
    window_size = 0 if single else 1
    dictionary_size = (0, 1, 2, 4)[flags & 3]
    content_size = (single, 2, 4, 8)[flags >> 6]
    at = _MAGIC_SIZE + 1 + window_size
    size = at + dictionary_size + content_size
    if len(start) < size:
        raise _Cut
    if single:
        window = int.from_bytes(start[size - content_size : size], "little") + (256 if content_size == 2 else 0)
    else:
        base = 1 << 10 + (start[at - 1] >> 3)
        window = base + (base >> 3) * (start[at - 1] & 7)
    return _FrameHeader(
        size=size,
        window=window,
        dictionary=int.from_bytes(start[at : at + dictionary_size], "little"),
        checksum=bool(flags & 4),
        reserved=bool(flags & 8),
    )


def _skip_frame(feed: Feed) -> None:
    """Takes a skippable frame (RFC 8878, 3.1.2). Raises _Cut where the stream ends in it."""
    rest = int.from_bytes(_take(feed, 2 * _MAGIC_SIZE)[_MAGIC_SIZE:], "little")
    while rest:
        size = min(len(feed.view()), rest)
        if not size:
            raise _Cut
        feed.skip(size)
        rest -= size


def _take(feed: Feed, size: int) -> bytes:
    """Takes `size` bytes. Raises _Cut where the stream has fewer."""
    taken = feed.take(size)
    if len(taken) < size:
        raise _Cut
    return taken
