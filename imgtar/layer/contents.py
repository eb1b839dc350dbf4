"""What a layer holds and removes, as a finished value."""

from __future__ import annotations

import msgspec

from imgtar.formats.tar import TarMember
from imgtar.layer.inodes import Displaced, HardLink


class LayerContents(msgspec.Struct, frozen=True, kw_only=True):
    """The entries of a layer placed in a tree of its own, whatever lies below it.

    Paths are raw bytes relative to the root. `entries` are the last members of each path; `implied` the directories
    that nobody listed; `whiteouts` (path → offset of its marker) and `opaque` what is removed from lower layers;
    `links` the hard links among the entries; `displaced` the bytes that the layer itself stored over; `strays` the
    members that `entries` does not hold under their own name, in tar order: markers, what has no place, what a link
    moved elsewhere, what was stored over.
    Sizes: `stored_bytes` all regular files each time they are stored, `content_size` regular files once per inode
    plus the lengths of symlink targets (what `docker history` shows on overlay2), `file_bytes` the files alone.
    """

    entries: dict[bytes, TarMember]
    implied: frozenset[bytes]
    whiteouts: dict[bytes, int]
    opaque: dict[bytes, int]
    links: dict[bytes, HardLink]
    displaced: tuple[Displaced, ...]
    strays: tuple[TarMember, ...]
    entry_count: int
    whiteout_count: int
    opaque_count: int
    stored_bytes: int
    content_size: int
    file_bytes: int

    @property
    def counted_entries(self) -> int:
        """What `image-entries` counts: members and implied directories."""
        return self.entry_count + len(self.implied)
