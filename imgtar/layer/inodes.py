"""Names and bytes that a layer's own entries share or take from one another, as values."""

from __future__ import annotations

from typing import Literal

import msgspec

from imgtar.formats.tar import TarMember

DisplacedKind = Literal["duplicate", "replaced"]


class Inode(msgspec.Struct, frozen=True, eq=False):
    """What several names share: the member that brought it and the path under which it came."""

    path: bytes
    member: TarMember


class HardLink(msgspec.Struct, frozen=True):
    """A hard link: the path it names and the inode it got of this layer.

    Without an inode the target is looked for in the lower layers, unless it is `broken` from the start. A link to a
    `whiteout` of the same layer is one, too.
    """

    target: bytes
    inode: Inode | None
    broken: bool = False
    whiteout: bool = False


class Displaced(msgspec.Struct, frozen=True):
    """Bytes that a layer stores and does not have at its end."""

    path: bytes
    size: int
    kind: DisplacedKind


class Displacement(msgspec.Struct, frozen=True):
    """A member that the layer itself stored over. Its bytes are displaced unless a hard link keeps the inode."""

    path: bytes
    member: TarMember
    kind: DisplacedKind
    inode: Inode | None
