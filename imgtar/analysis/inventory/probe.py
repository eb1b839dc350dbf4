"""Reads the databases of installed packages while the layers pass."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Collection, Iterator

from imgtar.analysis.inventory.database_read import DATABASES, DatabaseRead, packed_reads, unpacked_reads
from imgtar.formats.tar import ReadAt
from imgtar.layer.probes import Answers, Interest, Watcher
from imgtar.limits import Limits
from imgtar.packages.binaries.elf import MAGIC, Elf
from imgtar.packages.installed import MOST_FILES, Installed, InstalledPackages
from imgtar.packages.inventories import ENDINGS, FOLDERS, PROGRAMS, InventoryFormat, ProgramFormat, inventory_format

_SMALLEST_PROGRAM = 64 << 10  # bytes: what Go and Rust link is larger
_PER_PACKAGE = 1_200  # bytes that a package takes besides its files, its row in the report included
_IN_FILES = frozenset({"java"})  # types whose packages lie in one file, which may be large
_CUT = "it is cut"


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

    @property
    def interest(self) -> Interest:
        return Interest(ENDINGS, FOLDERS, _SMALLEST_PROGRAM if self._programs else sys.maxsize)

    def wants(self, path: bytes, size: int, /) -> bool:
        known = inventory_format(path)
        if known is not None:
            return known.type in self._types
        return bool(self._programs) and size >= _SMALLEST_PROGRAM

    def watch(self, path: bytes, size: int, /) -> Watcher[tuple[DatabaseRead, ...]] | None:
        known = inventory_format(path)
        if known is None:
            return _ProgramReading(path, size, self._largest, self._programs, self._kept)
        if known.type in _IN_FILES:
            return _Reading(path, size, self._largest, known, self._read)
        return None if size > self._left else _Reading(path, size, size, known, self._read)

    def _read(self, path: bytes, known: InventoryFormat, body: bytes) -> tuple[DatabaseRead, ...]:
        key = path, hashlib.sha256(body).digest()
        if key not in self._known:
            read = 0 if known.type in _IN_FILES else len(body)
            self._known[key] = (self._kept(path, known, known.installed(path, body), read),)
        return self._known[key]

    @property
    def settings(self) -> bytes:
        """The types of packages, and the size of the largest file that is read (`LastingAnswers`)."""
        return f"{self._largest} {' '.join(sorted(self._types))}".encode()

    def pack(self, answers: Answers[tuple[DatabaseRead, ...]], /) -> bytes | None:
        """The answers as bytes; None where the limit cut them."""
        return packed_reads(answers)

    def unpack(self, packed: bytes, /) -> Answers[tuple[DatabaseRead, ...]] | None:
        """The answers in these bytes."""
        return unpacked_reads(packed)

    def fits(self, answers: Answers[tuple[DatabaseRead, ...]], /) -> bool:
        """Are enough bytes left for the files, in their order, and for the packages that no layer before has?"""
        left, new = self._left, set[Installed]()
        for read in _in_order(answers):
            if read.read > left:
                return False
            for package in read.packages:
                if package not in self._packages_known and package not in new:
                    new.add(package)
                    left -= _cost(package)
        return left >= 0

    def take(self, answers: Answers[tuple[DatabaseRead, ...]], /) -> Answers[tuple[DatabaseRead, ...]]:
        """Counts the packages that no layer before has; the others are those of the layers before."""
        return Answers({offset: tuple(map(self._again, reads)) for offset, reads in answers.by_offset.items()})

    def _again(self, read: DatabaseRead) -> DatabaseRead:
        if not read.packages:
            return read
        return self._kept(read.path, read.format, InstalledPackages(read.packages, read.problem), read.read)

    def _kept(self, path: bytes, known: InventoryFormat, found: InstalledPackages, size: int = 0) -> DatabaseRead:
        kept: list[Installed] = []
        for package in found.packages:
            if package not in self._packages_known:
                self._left -= _cost(package)
                if self._left < 0 or len(package.files) > MOST_FILES:
                    return DatabaseRead(path, known, tuple(kept), found.problem, is_complete=False)
            kept.append(self._packages_known.setdefault(package, package))
        return DatabaseRead(path, known, tuple(kept), found.problem, read=size)


def _cost(package: Installed) -> int:
    """The bytes that a package takes in memory."""
    return _PER_PACKAGE + len(package.files)


def _in_order(answers: Answers[tuple[DatabaseRead, ...]]) -> Iterator[DatabaseRead]:
    """The reads in the order of the layer."""
    return (read for _, reads in sorted(answers.by_offset.items()) for read in reads)


class _Reading:
    """One file on its way. What is larger than `largest` bytes is left after its first bytes."""

    def __init__(
        self,
        path: bytes,
        size: int,
        largest: int,
        known: InventoryFormat,
        read: Callable[[bytes, InventoryFormat, bytes], tuple[DatabaseRead, ...]],
    ) -> None:
        self._path = path
        self._size = size
        self._largest = largest
        self._format = known
        self._read = read
        self._chunks: list[bytes] = []

    def feed(self, chunk: bytes, /) -> bool:
        self._chunks.append(chunk)
        return self._size <= self._largest

    def finish(self) -> tuple[DatabaseRead, ...]:
        body = b"".join(self._chunks)
        self._chunks.clear()
        if self._size > self._largest:
            return (DatabaseRead(self._path, self._format, size=self._size),)
        if len(body) < self._size:
            return (DatabaseRead(self._path, self._format, problem=_CUT),)
        return self._read(self._path, self._format, body)


class _ProgramReading:
    """A file that may be a program: what is not ELF is left after its first bytes.

    Where any part can be read, a program is read by its parts: most have no packages in them.
    """

    def __init__(
        self,
        path: bytes,
        size: int,
        largest: int,
        formats: tuple[ProgramFormat, ...],
        kept: Callable[[bytes, InventoryFormat, InstalledPackages], DatabaseRead],
    ) -> None:
        self._path = path
        self._size = size
        self._largest = largest
        self._formats = formats
        self._kept = kept
        self._chunks: list[bytes] = []
        self._begin = b""
        self._is_known = False  # by its parts
        self._answer: tuple[DatabaseRead, ...] | None = None

    def look(self, read: ReadAt, /) -> bool:
        self._is_known = True
        self._answer = self._said(read, is_whole=bool(read(self._size - 1, 1)))
        return False

    def feed(self, chunk: bytes, /) -> bool:
        self._chunks.append(chunk)
        if len(self._begin) < len(MAGIC):  # the first chunk may be shorter
            self._begin = (self._begin + chunk)[: len(MAGIC)]
        return MAGIC.startswith(self._begin) and self._size <= self._largest

    def finish(self) -> tuple[DatabaseRead, ...] | None:
        if self._is_known:
            return self._answer
        body = b"".join(self._chunks)
        self._chunks.clear()
        return self._said(lambda offset, size: body[offset : offset + size], is_whole=len(body) == self._size)

    def _said(self, read: ReadAt, *, is_whole: bool) -> tuple[DatabaseRead, ...] | None:
        if read(0, len(MAGIC)) != MAGIC:
            return None
        if self._size > self._largest:
            return (DatabaseRead(self._path, self._formats[0], size=self._size),)
        if not is_whole:
            return (DatabaseRead(self._path, self._formats[0], problem=_CUT),)
        try:
            elf = Elf(read, self._size)
        except ValueError:
            return None
        reads = [self._kept(self._path, known, known.compiled_in(elf)) for known in self._formats]
        return tuple(read for read in reads if read.packages or read.problem or not read.is_complete) or None
