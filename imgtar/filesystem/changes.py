"""What a layer did to the layers below, as values: its rows by path, and what died by it."""

from __future__ import annotations

from typing import Literal

import msgspec

from imgtar.filesystem.tree import FileEntry

Why = Literal["content", "mode", "owner", "mtime", "xattrs", "link", "type", "device"]
DeathKind = Literal["deleted", "overwritten", "metadata-only", "identical", "replaced", "duplicate"]


class Modified(msgspec.Struct, frozen=True, gc=False):
    """Why a path counts as modified; () where it is stored again with nothing different."""

    why: tuple[Why, ...]
    previous_layer: int


class Death(msgspec.Struct, frozen=True, gc=False):
    """An inode whose last name went: the path that brought its bytes, how many, and the layers of both events.

    `offset` is where its body lies in the tar of the layer that brought it; None where that layer stored over it.
    """

    path: bytes
    size: int
    kind: DeathKind
    added_in: int
    removed_in: int
    offset: int | None = None


class LayerChanges(msgspec.Struct, frozen=True):
    """What one layer did: its rows by path, their bytes, and what died.

    `linked` says what stands at those rows that are hard links or have some; all other rows are the layer's entries,
    or implied directories where it has none.
    """

    added: list[bytes]
    modified: dict[bytes, Modified]
    deleted: dict[bytes, FileEntry]
    linked: dict[bytes, FileEntry]
    deaths: list[Death]
    added_bytes: int
    modified_bytes: int
    deleted_bytes: int


NO_CHANGES = LayerChanges([], {}, {}, {}, [], 0, 0, 0)


def overwriting_kind(why: tuple[Why, ...]) -> DeathKind:
    """How the file below died that an entry stores over, by what differs."""
    if not why:
        return "identical"
    if "type" in why:
        return "replaced"
    return "overwritten" if "content" in why else "metadata-only"
