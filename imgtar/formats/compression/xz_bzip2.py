"""xz and bzip2 through the standard library's decompressors: streams one after another, padding between xz streams."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from imgtar.findings import Kind
from imgtar.formats.compression import problems
from imgtar.formats.compression.feed import Feed
from imgtar.formats.compression.member_stream import Damage, Decoder, Endings, MemberStream, Pace, follows
from imgtar.formats.compression.sniff import BZIP2_MAGIC, XZ_MAGIC
from imgtar.limits import MIB

XZ_MEMORY = 129 * MIB  # a dictionary of 128 MiB and the decoder's own tables; `xz -9` needs 65 MiB

_XZ_ENDINGS = Endings(
    magic=XZ_MAGIC,
    truncated=problems.XZ_TRUNCATED,
    trailing_data=problems.XZ_TRAILING_DATA,
    trailing_zeros=problems.XZ_TRAILING_ZEROS,
    padding=4,
)
_BZIP2_ENDINGS = Endings(
    magic=BZIP2_MAGIC,
    truncated=problems.BZIP2_TRUNCATED,
    trailing_data=problems.BZIP2_TRAILING_DATA,
    trailing_zeros=problems.BZIP2_TRAILING_ZEROS,
)


class _Format(NamedTuple):
    start: Callable[[], Decoder]
    error: type[Exception]
    kind_of: Callable[[Exception], Kind]
    endings: Endings


def unxz(feed: Feed, damage: Damage) -> Iterator[bytes]:
    """The content of every xz stream of `feed`; stops at the first that cannot be read."""
    import lzma

    def kind_of(error: Exception) -> Kind:
        # Only the text of the error distinguishes the cases.
        if "emory usage limit" in str(error):
            return problems.XZ_DICTIONARY
        return problems.XZ_UNSUPPORTED if "nsupported options" in str(error) else problems.XZ_BAD_CHECK

    def start() -> Decoder:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY)

    return _streams(feed, damage, _Format(start, lzma.LZMAError, kind_of, _XZ_ENDINGS))


def bunzip2(feed: Feed, damage: Damage) -> Iterator[bytes]:
    """The content of every bzip2 stream of `feed`; stops at the first that cannot be read."""
    import bz2

    return _streams(
        feed, damage, _Format(bz2.BZ2Decompressor, OSError, lambda _: problems.BZIP2_BAD_CHECK, _BZIP2_ENDINGS)
    )


def _streams(feed: Feed, damage: Damage, form: _Format) -> Iterator[bytes]:
    pace = Pace()
    while True:
        stream = MemberStream(feed, form.start(), pace, form.error)
        yield from stream
        if stream.error is not None:
            damage(form.kind_of(stream.error))
            return
        if stream.cut:
            damage(form.endings.truncated, size=feed.offset)
            return
        if not follows(feed, damage, form.endings):
            return
