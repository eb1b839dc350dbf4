"""Reads the databases of installed packages while the layers pass."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection

import msgspec

from imgtar.layer.probes import Topic, Watcher
from imgtar.limits import Limits
from imgtar.packages.binaries.elf import MAGIC
from imgtar.packages.installed import MOST_FILES, Installed
from imgtar.packages.inventories import PROGRAMS, InventoryFormat, inventory_format

_SMALLEST_PROGRAM = 64 << 10  # bytes: what Go and Rust link is larger
_PER_PACKAGE = 1_200  # bytes that a package takes besides its files, its row in the report included
_IN_FILES = frozenset({"java"})  # types whose packages lie in one file, which may be large
_CUT = "it is cut"


class DatabaseRead(msgspec.Struct, frozen=True):
    """What one file says. `path` is as the layer names it; `size` is that of a file too large to be read.

    `is_complete` is False where the limit `package-list-bytes` did not let all packages be kept.
    """

    path: bytes
    format: InventoryFormat
    packages: tuple[Installed, ...] = ()
    problem: str = ""
    is_complete: bool = True
    size: int = 0


DATABASES: Topic[tuple[DatabaseRead, ...]] = Topic("installed-packages")


class InventoryProbe:
    """Reads every database, program and Java archive of the wanted types.

    What is kept takes at most `package-list-bytes`; a package that several layers have counts once. A database whose
    content was read before is not read again.
    """

    topic = DATABASES

    def __init__(self, limits: Limits, types: Collection[str]) -> None:
        self._left = limits.package_list_bytes
        self._largest = limits.inside_bytes
        self._types = types
        self._programs = tuple(known for known in PROGRAMS if known.type in types)
        self._packages_known: dict[Installed, Installed] = {}  # most are in the databases of several layers
        self._known: dict[tuple[bytes, bytes], tuple[DatabaseRead, ...]] = {}

    def wants(self, path: bytes, size: int, /) -> bool:
        known = inventory_format(path)
        if known is not None:
            return known.type in self._types
        return bool(self._programs) and size >= _SMALLEST_PROGRAM

    def watch(self, path: bytes, size: int, /) -> Watcher[tuple[DatabaseRead, ...]] | None:
        known = inventory_format(path)
        if known is None:
            return _Reading(path, size, self._programs, self._read, self._largest)
        if known.type in _IN_FILES:
            return _Reading(path, size, (known,), self._read, self._largest)
        return None if size > self._left else _Reading(path, size, (known,), self._read, size)

    def _read(self, path: bytes, formats: tuple[InventoryFormat, ...], body: bytes) -> tuple[DatabaseRead, ...]:
        if formats is self._programs:  # reading one costs less than its digest
            return self._packages_of(path, formats, body)
        key = path, hashlib.sha256(body).digest()
        if key not in self._known:
            self._known[key] = self._packages_of(path, formats, body)
        return self._known[key]

    def _packages_of(self, path: bytes, formats: tuple[InventoryFormat, ...], body: bytes) -> tuple[DatabaseRead, ...]:
        reads = (self._packages(path, known, body) for known in formats)
        return tuple(read for read in reads if read.packages or read.problem or len(formats) == 1)

    def _packages(self, path: bytes, known: InventoryFormat, body: bytes) -> DatabaseRead:
        found = known.installed(path, body)
        kept: list[Installed] = []
        for package in found.packages:
            if package not in self._packages_known:
                self._left -= _PER_PACKAGE + len(package.files)
                if self._left < 0 or len(package.files) > MOST_FILES:
                    return DatabaseRead(path, known, tuple(kept), found.problem, is_complete=False)
            kept.append(self._packages_known.setdefault(package, package))
        return DatabaseRead(path, known, tuple(kept), found.problem)


Read = Callable[[bytes, tuple[InventoryFormat, ...], bytes], tuple[DatabaseRead, ...]]


class _Reading:
    """One file on its way. A program that is not ELF, or is too large, is left after its first bytes."""

    def __init__(self, path: bytes, size: int, formats: tuple[InventoryFormat, ...], read: Read, largest: int) -> None:
        self._path = path
        self._size = size
        self._formats = formats
        self._read = read
        self._largest = largest
        self._chunks: list[bytes] = []
        self._is_open = formats[0] in PROGRAMS  # whether it is ELF is not known yet
        self._is_left = False

    def feed(self, chunk: bytes, /) -> bool:
        self._chunks.append(chunk)
        if self._is_open:
            begin = b"".join(self._chunks)[: len(MAGIC)]  # the first chunk may be shorter
            self._is_open = len(begin) < len(MAGIC)
            self._is_left = not MAGIC.startswith(begin)
        return not self._is_left and self._size <= self._largest

    def finish(self) -> tuple[DatabaseRead, ...] | None:
        body = b"".join(self._chunks)
        self._chunks.clear()
        if self._is_left:
            return None
        if self._size > self._largest:
            return (DatabaseRead(self._path, self._formats[0], size=self._size),)
        if len(body) < self._size:
            return (DatabaseRead(self._path, self._formats[0], problem=_CUT),)
        return self._read(self._path, self._formats, body) or None
