"""A header of RPM as databases store it: an index of tags and the store of their values, both big endian.

The format is that of rpm's manual, "Header structure", without the lead-in that package files have.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from imgtar.packages.installed import Installed, fact, joined
from imgtar.packages.package_file import PackageFile, hexadecimal, inside

_ENTRY = struct.Struct(">4I")  # tag, type, offset in the store, count
_NAME, _VERSION, _RELEASE, _EPOCH, _SIZE, _LICENSE, _ARCH, _SOURCE = 1000, 1001, 1002, 1003, 1009, 1014, 1022, 1044
_DIGESTS, _DIRINDEXES, _BASENAMES, _DIRNAMES = 1035, 1116, 1117, 1118
_TAGS = frozenset(
    {_NAME, _VERSION, _RELEASE, _EPOCH, _SIZE, _LICENSE, _ARCH, _SOURCE, _DIGESTS, _DIRINDEXES, _BASENAMES, _DIRNAMES}
)
_INT32, _STRING, _STRING_ARRAY, _TRANSLATED = 4, 6, 8, 9
_ABSENT = (0, 0, 0, 0)


class Header:
    """One header. What it promises and does not have reads as empty; `is_whole` says that its two parts are there."""

    def __init__(self, blob: bytes) -> None:
        count, size = struct.unpack_from(">2I", blob) if len(blob) >= 8 else (0, 0)
        start = 8 + count * _ENTRY.size
        self.is_whole = len(blob) >= 8 and start + size <= len(blob)
        self._store = blob[start : start + size] if self.is_whole else b""
        index = _ENTRY.iter_unpack(blob[8:start]) if self.is_whole else ()
        self._entries = {entry[0]: entry for entry in index if entry[0] in _TAGS}

    def string(self, tag: int) -> bytes:
        """The text of a tag."""
        _tag, kind, offset, _count = self._entries.get(tag, _ABSENT)
        return self._store[offset:].partition(b"\0")[0] if kind in (_STRING, _TRANSLATED) else b""

    def strings(self, tag: int) -> list[bytes]:
        """The list of texts of a tag."""
        _tag, kind, offset, count = self._entries.get(tag, _ABSENT)
        if kind != _STRING_ARRAY or offset > len(self._store) or count > len(self._store):
            return []
        strings = self._store[offset:].split(b"\0", count)
        return strings[:-1] if len(strings) == count + 1 else []

    def numbers(self, tag: int) -> tuple[int, ...]:
        """The numbers of a tag."""
        _tag, kind, offset, count = self._entries.get(tag, _ABSENT)
        if kind != _INT32 or offset + 4 * count > len(self._store):
            return ()
        return struct.unpack_from(f">{count}I", self._store, offset)

    def paths(self) -> Iterator[bytes | None]:
        """The paths of the files from the root; None for one that leads out of it or is none."""
        names, indexes = self.strings(_BASENAMES), self.numbers(_DIRINDEXES)
        folders = [inside(b"", folder) if folder.strip(b"/") else b"" for folder in self.strings(_DIRNAMES)]
        if len(names) == len(indexes):
            for name, index in zip(names, indexes, strict=True):
                yield _join(folders[index] if index < len(folders) else None, name)


def header_files(blob: bytes) -> Iterator[PackageFile]:
    """The files of a package that have a digest: directories, links and files that it does not store have none."""
    header = Header(blob)
    digests = header.strings(_DIGESTS)
    if len(digests) != len(header.numbers(_DIRINDEXES)):
        return
    for path, stated in zip(header.paths(), digests, strict=False):  # no path where they cannot be put together
        digest = hexadecimal(stated)
        if digest and path is not None:
            yield PackageFile(path, digest)


def header_package(blob: bytes) -> Installed | None:
    """The package; None where the header is damaged or has no name and version."""
    header = Header(blob)
    name, version, release = (fact(header.string(tag)) for tag in (_NAME, _VERSION, _RELEASE))
    if not name or not version:
        return None
    epoch = header.numbers(_EPOCH)[:1]
    return Installed(
        name,
        f"{epoch[0]}:{version}-{release}" if epoch else f"{version}-{release}",
        fact(header.string(_ARCH)),
        fact(header.string(_SOURCE)),
        fact(header.string(_LICENSE)),
        joined(header.paths()),
        sum(header.numbers(_SIZE)[:1]),
    )


def _join(folder: bytes | None, name: bytes) -> bytes | None:
    if folder is None or name in (b"", b".", b"..") or b"/" in name:
        return None
    return folder + b"/" + name if folder else name
