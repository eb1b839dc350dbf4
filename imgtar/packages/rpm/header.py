"""A header of RPM as databases store it: an index of tags and the store of their values, both big endian.

The format is that of rpm's manual, "Header structure", without the lead-in that package files have.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from imgtar.packages.package_file import PackageFile, hexadecimal, inside

_ENTRY = struct.Struct(">4I")  # tag, type, offset in the store, count
_DIGESTS, _DIRINDEXES, _BASENAMES, _DIRNAMES = 1035, 1116, 1117, 1118
_TAGS = frozenset({_DIGESTS, _DIRINDEXES, _BASENAMES, _DIRNAMES})
_INT32, _STRING_ARRAY = 4, 8


def header_files(blob: bytes) -> Iterator[PackageFile]:
    """The files of a package that have a digest: directories, links and files that it does not store have none."""
    if len(blob) < 8:
        return
    count, size = struct.unpack_from(">2I", blob)
    start = 8 + count * _ENTRY.size
    if start + size > len(blob):
        return
    store = blob[start : start + size]
    entries = {entry[0]: entry for entry in _ENTRY.iter_unpack(blob[8:start]) if entry[0] in _TAGS}
    if len(entries) < len(_TAGS):
        return
    names, digests, folders = (_strings(store, entries[tag]) for tag in (_BASENAMES, _DIGESTS, _DIRNAMES))
    indexes = _numbers(store, entries[_DIRINDEXES])
    if not len(names) == len(digests) == len(indexes):
        return
    paths = [inside(b"", folder) if folder.strip(b"/") else b"" for folder in folders]
    for name, stated, index in zip(names, digests, indexes, strict=True):
        digest = hexadecimal(stated)
        folder = paths[index] if index < len(paths) else None
        if digest and folder is not None and name not in (b"", b".", b"..") and b"/" not in name:
            yield PackageFile(folder + b"/" + name if folder else name, digest)


def _strings(store: bytes, entry: tuple[int, ...]) -> list[bytes]:
    _tag, kind, offset, count = entry
    if kind != _STRING_ARRAY or offset > len(store) or count > len(store):
        return []
    strings = store[offset:].split(b"\0", count)
    return strings[:-1] if len(strings) == count + 1 else []


def _numbers(store: bytes, entry: tuple[int, ...]) -> tuple[int, ...]:
    _tag, kind, offset, count = entry
    if kind != _INT32 or offset + 4 * count > len(store):
        return ()
    return struct.unpack_from(f">{count}I", store, offset)
