"""Streams made of members, for every format, and how much a decompressor is asked for at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import msgspec

from imgtar.findings import Argument, Kind
from imgtar.formats.compression.feed import BLOCK, Feed

_FIRST_INPUT = 4 << 10
_FIRST_OUTPUT = 512
_FIRST_OUTPUTS = 64 << 10
_OUTPUT = 1 << 20
_NOTHING = memoryview(b"")


class Damage(Protocol):
    """Records a finding at `offset` of the compressed stream, or at the place that has been reached."""

    def __call__(self, kind: Kind, /, offset: int | None = None, **arguments: Argument) -> None: ...


class Decoder(Protocol):
    """A decompressor of one member, as `bz2` and `lzma` have them."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes | memoryview, max_length: int, /) -> bytes: ...


class Endings(msgspec.Struct, frozen=True, kw_only=True):
    """What can be behind a member: another one that starts with `magic`, or something of these kinds."""

    magic: bytes
    truncated: Kind
    trailing_data: Kind
    trailing_zeros: Kind
    padding: int = 0  # NUL bytes in multiples of it belong to the format


class Pace:
    """How many bytes one call may take and return.

    A decompressor that fails loses the output of that call. So the first 64 KiB of a stream are requested in tar
    blocks: every header before the damage of a small layer is then read. The first calls of a member get little
    input, because what they leave is copied: many tiny members must not cost a block each.
    """

    def __init__(self) -> None:
        self._made = 0
        self.input = _FIRST_INPUT

    def begin(self) -> None:
        """A member begins."""
        self.input = _FIRST_INPUT

    def taken(self) -> None:
        """A piece of input was used up."""
        self.input = min(4 * self.input, BLOCK)

    def made(self, size: int) -> None:
        """A call returned `size` bytes."""
        self._made += size

    @property
    def output(self) -> int:
        """The bytes that a call may return, up to the next multiple of a tar block."""
        step = _FIRST_OUTPUT if self._made < _FIRST_OUTPUTS else _OUTPUT
        return step - self._made % step


class MemberStream:
    """The content of one member in chunks, taken from `feed`; iterated once.

    Afterwards `error` is what the decoder raised, of the type `failing`, and `cut` says whether the stream ended
    before the member did.
    """

    def __init__(self, feed: Feed, decoder: Decoder, pace: Pace, failing: type[Exception]) -> None:
        self._feed = feed
        self._decoder = decoder
        self._pace = pace
        self._failing = failing
        self.error: Exception | None = None
        self.cut = False

    def __iter__(self) -> Iterator[bytes]:
        feed, decoder, pace = self._feed, self._decoder, self._pace
        pace.begin()
        while not decoder.eof:
            hungry = decoder.needs_input
            piece = feed.view()[: pace.input] if hungry else _NOTHING
            try:
                made = decoder.decompress(piece, pace.output)
            except self._failing as error:
                self.error = error
                return
            feed.skip(len(piece))
            if made:
                pace.made(len(made))
                yield made
            elif hungry and not piece:
                self.cut = True
                return
            if piece:
                pace.taken()
        # This may be more than the last piece: bits of the piece before were looked at already.
        feed.give_back(decoder.unused_data)


def follows(feed: Feed, damage: Damage, endings: Endings) -> bool:
    """Whether another member follows; what follows instead is recorded and taken."""
    start = feed.offset
    zeros = feed.skip_zeros()
    head = feed.peek(len(endings.magic))
    aligned = zeros % endings.padding == 0 if endings.padding else not zeros
    if head == endings.magic and aligned:
        return True
    feed.skip_all()
    if not head:
        if not aligned:
            damage(endings.trailing_zeros, start, size=zeros)
    elif endings.magic.startswith(head) and aligned:
        damage(endings.truncated, size=feed.offset)
    else:
        damage(endings.trailing_data, start, size=feed.offset - start)
    return False
