"""Packages.db of rpm's ndb back end: pages of slots, each naming the blocks of one blob, all little endian."""

from __future__ import annotations

import struct
from collections.abc import Iterator

MAGIC, _SLOT_MAGIC, _BLOB_MAGIC = b"RpmP", b"Slot", b"BlbS"
_HEAD = struct.Struct("<4s3I")  # magic, version, generation, pages of slots
_SLOT = struct.Struct("<4s3I")  # magic, index of the package, first block, blocks
_BLOB = struct.Struct("<4s3I")  # magic, index of the package, generation, size
_PAGE, _BLOCK = 4096, 16
_FIRST_SLOTS = 2  # slots' room that the head takes


def blobs(content: bytes) -> Iterator[bytes]:
    """The headers of the packages; an empty one stands for what cannot be read."""
    if len(content) < _PAGE or not content.startswith(MAGIC):
        yield b""
        return
    pages = _HEAD.unpack_from(content)[3]
    slots = content[_FIRST_SLOTS * _SLOT.size : min(pages * _PAGE, len(content) // _SLOT.size * _SLOT.size)]
    for magic, package, block, _blocks in _SLOT.iter_unpack(slots):
        start = block * _BLOCK
        if magic != _SLOT_MAGIC or not package:
            continue
        head = content[start : start + _BLOB.size].ljust(_BLOB.size, b"\0")
        blob_magic, owner, _generation, size = _BLOB.unpack(head)
        is_its_own = blob_magic == _BLOB_MAGIC and owner == package
        yield content[start + _BLOB.size : start + _BLOB.size + size] if is_its_own else b""
