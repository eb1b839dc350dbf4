"""The files in a zip archive (PKWARE APPNOTE 4.3), from local header to local header as bytes arrive.

The central directory is not read: nothing has to be kept, no entry can be read twice, and what only a local header
names is found too. `zipfile` makes an object for each entry of the directory before it reads any.
"""

from __future__ import annotations

import struct
from collections.abc import Generator
from typing import NamedTuple

from imgtar.audit.secrets.inside.compressed import decoded, deflate
from imgtar.audit.secrets.inside.inflow import DAMAGED, Entry, Events, Inflow, Unread
from imgtar.limits import MIB

LOCAL = b"PK\3\4"
_DIRECTORY = b"PK\1\2"
_BEHIND_FILES = (_DIRECTORY, b"PK\5\6", b"PK\6\6", b"PK\6\7")  # the directory, or the end of an archive without files
_DESCRIPTOR = b"PK\7\x08"
_HEADER = struct.Struct("<4sHHH4xIII HH")  # mark, version, flags, method, CRC, sizes, lengths of name and extra field
_ENCRYPTED, _SIZES_FOLLOW = 0x0001, 0x0008
_STORED, _DEFLATED = 0, 8
_IN_EXTRA_FIELD, _ZIP64 = 0xFFFFFFFF, 1
_DESCRIPTORS = (16, 24, 12, 20)  # bytes: with and without a mark, with sizes of four and of eight bytes
_LONGEST_SCRIPT = 1 << 10


class _Header(NamedTuple):
    """A local header. Of a file with `sizes_follow` the sizes stand behind the content; here `size` may then be 0."""

    name: bytes
    encrypted: bool
    sizes_follow: bool
    method: int
    size: int  # of the content as stored

    @property
    def is_open(self) -> bool:
        """Does nothing here say where the content ends?"""
        return self.sizes_follow and not self.size


def zip_files(inflow: Inflow) -> Events:
    """The files up to the central directory."""
    yield from _skip_script(inflow)
    while True:
        mark = yield from inflow.take(len(LOCAL))
        if mark in _BEHIND_FILES:
            return
        inflow.give_back(mark)
        header = yield from _local_header(inflow)
        if header is None or not (yield from _content(inflow, header)):
            yield Unread(DAMAGED)
            return


def _skip_script(inflow: Inflow) -> Generator[None, None, None]:
    """Takes the first line of an executable archive."""
    head = yield from inflow.take(_LONGEST_SCRIPT)
    inflow.give_back(head[max(0, head.find(LOCAL)) :])


def _local_header(inflow: Inflow) -> Generator[None, None, _Header | None]:
    """Takes a local header; None where it is cut or something else."""
    fixed = yield from inflow.take(_HEADER.size)
    if len(fixed) < _HEADER.size:
        return None
    mark, _, flags, method, _, size, _, name_size, extra_size = _HEADER.unpack(fixed)
    variable = yield from inflow.take(name_size + extra_size)
    if mark != LOCAL or len(variable) < name_size + extra_size:
        return None
    if size == _IN_EXTRA_FIELD:
        size = _long_size(variable[name_size:])
    return _Header(variable[:name_size], bool(flags & _ENCRYPTED), bool(flags & _SIZES_FOLLOW), method, size)


def _long_size(extra: bytes) -> int:
    """The size as stored in the zip64 field, behind the original size; 0 where there is none."""
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        if kind == _ZIP64 and size >= 16 and len(extra) >= 20:
            return int.from_bytes(extra[12:20], "little")
        extra = extra[4 + size :]
    return 0


def _content(inflow: Inflow, header: _Header) -> Generator[Entry | bytes | Unread | None, None, bool]:
    """Takes the content of a file; False where it is cut or broken, so that the next file cannot be found."""
    if header.encrypted or header.method not in (_STORED, _DEFLATED):
        yield Unread("encrypted" if header.encrypted else f"compression method {header.method}", header.name)
        whole = yield from inflow.skip(header.size)
    else:
        if header.size or header.is_open:
            yield Entry(header.name)
        if header.method == _DEFLATED and (header.size or header.is_open):
            whole = yield from decoded(inflow, deflate())
            return whole and (not header.sizes_follow or (yield from _skip_descriptor(inflow)))
        whole = yield from _stored(inflow, header.size)
    if header.is_open:
        return (yield from _until_descriptor(inflow, wanted=not header.encrypted and header.method == _STORED))
    return whole and (not header.sizes_follow or (yield from _skip_descriptor(inflow)))


def _stored(inflow: Inflow, size: int) -> Generator[bytes | None, None, bool]:
    """Takes stored content in pieces; False where it is cut."""
    while size:
        piece = yield from inflow.more(min(size, MIB))
        if not piece:
            return False
        size -= len(piece)
        yield piece
    return True


def _skip_descriptor(inflow: Inflow) -> Generator[None, None, bool]:
    """Takes the sizes behind the content of a file; False where no file and no directory follows them."""
    ahead = yield from inflow.take(max(_DESCRIPTORS) + len(LOCAL))
    for size in _DESCRIPTORS:
        if ahead[size : size + len(LOCAL)] in (LOCAL, *_BEHIND_FILES):
            inflow.give_back(ahead[size:])
            return True
    return False


def _until_descriptor(inflow: Inflow, *, wanted: bool) -> Generator[bytes | None, None, bool]:
    """Takes content up to the descriptor that states its very size; False where none does."""
    count, held = 0, b""
    while piece := (yield from inflow.more()):
        held += piece
        at = held.find(_DESCRIPTOR)
        while 0 <= at <= len(held) - 16:
            if int.from_bytes(held[at + 8 : at + 12], "little") == count + at & 0xFFFFFFFF:
                if wanted and at:
                    yield held[:at]
                inflow.give_back(held[at:])
                return (yield from _skip_descriptor(inflow))
            at = held.find(_DESCRIPTOR, at + 1)
        kept = min(len(held), max(_DESCRIPTORS))
        ready, held = held[: len(held) - kept], held[len(held) - kept :]
        count += len(ready)
        if wanted and ready:
            yield ready
    return False
