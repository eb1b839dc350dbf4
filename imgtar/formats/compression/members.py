"""What the formats share: streams made of members, and how much to ask of a decompressor at once."""

from __future__ import annotations

from typing import Protocol

import msgspec

from imgtar.findings import Argument, Kind
from imgtar.formats.compression.feed import BLOCK, Feed

_FIRST_INPUT = 4 << 10
_FIRST_OUTPUT = 512
_FIRST_OUTPUTS = 64 << 10
_OUTPUT = 256 << 10


class Damage(Protocol):
    """Records a finding at `offset` of the compressed stream, or at the place that has been reached."""

    def __call__(self, kind: Kind, /, offset: int | None = None, **arguments: Argument) -> None: ...


class Endings(msgspec.Struct, frozen=True, kw_only=True):
    """What can be behind a member: another one that starts with `magic`, or something of these kinds."""

    magic: bytes
    truncated: Kind
    trailing_data: Kind
    trailing_zeros: Kind
    padding: int = 0  # NUL bytes in multiples of it belong to the format


class Pace:
    """How many bytes one call may take and return.

    A decompressor that fails keeps to itself what it made in that call. So the first 64 KiB of a stream are asked
    for in tar blocks: of a small damaged layer every header before the damage is read. And a member's first calls
    get little input, because what they leave is copied: many tiny members must not cost a block each.
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
