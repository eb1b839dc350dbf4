"""Which files of an image a package brought, and whether they are as the package brought them.

A database with digests decides by the content, wherever the file and the database are. One without digests, and a
folder that is a package, speak of the filesystem as their layer leaves it: of files of that layer, and of lower layers
where nothing between changed them. Whoever makes an image can write such a database himself.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence

import msgspec

from imgtar.analysis.stacked_image import MeasuredImage
from imgtar.layer.probes import Answers, ProbeAnswers, Topic, Watcher
from imgtar.limits import Limits
from imgtar.packages import python
from imgtar.packages.databases import DatabaseFormat, database_format
from imgtar.packages.folders import PackageFolder, package_folders

_LARGEST = 16 << 20  # bytes of a file whose digests are taken
_COMPILED = re.compile(rb"(.*)__pycache__/([^/]+?)\.(?:cpython|pypy)[^/]*\.pyc", re.DOTALL)
_ROW = re.compile(rb"([0-9a-f]*) ([^\0]+)\0")


class PackageDatabase(msgspec.Struct, frozen=True):
    """The files that a database names: for each the digits of its digest, a space, its path and a NUL.

    `is_complete` is False where the limit did not let it name all. `folder` is where it lies; `is_own`: the project of
    that folder was never published, so its files are not a package's. `size` are the bytes of the file.
    """

    type: str
    folder: bytes
    rows: bytes = b""
    is_complete: bool = True
    is_own: bool = False
    size: int = 0


PACKAGE_DATABASES: Topic[PackageDatabase] = Topic("package-databases")
_DECODER = msgspec.msgpack.Decoder(dict[int, PackageDatabase])


class PackageProbe:
    """Reads the package databases of every layer. Their rows take at most `package-list-bytes` together."""

    topic = PACKAGE_DATABASES
    settings = b""

    def __init__(self, limits: Limits) -> None:
        self._left = limits.package_list_bytes

    def wants(self, path: bytes, _size: int, /) -> bool:
        return database_format(path) is not None or python.is_origin(path)

    def watch(self, path: bytes, size: int, /) -> Watcher[PackageDatabase] | None:
        return None if size > self._left else _Reading(self, database_format(path), path)

    def keep(self, rows: int) -> bool:
        """Counts the bytes of more rows; False if they exceed the limit."""
        self._left -= rows
        return self._left >= 0

    def pack(self, answers: Answers[PackageDatabase], /) -> bytes | None:
        """The answers as bytes (`imgtar.layer.probes.LastingAnswers`); None where the limit cut them."""
        found = answers.by_offset
        is_whole = answers.complete and all(database.is_complete for database in found.values())
        return msgspec.msgpack.encode(found) if is_whole else None

    def unpack(self, packed: bytes, /) -> Answers[PackageDatabase] | None:
        """The answers in these bytes."""
        try:
            return Answers(_DECODER.decode(packed))
        except msgspec.MsgspecError:
            return None

    def fits(self, answers: Answers[PackageDatabase], /) -> bool:
        """Are enough bytes left for each file and its rows, in their order?"""
        left = self._left
        for _, database in sorted(answers.by_offset.items()):
            if database.size > left:
                return False
            left -= len(database.rows)
        return left >= 0

    def take(self, answers: Answers[PackageDatabase], /) -> Answers[PackageDatabase]:
        """Counts the bytes of the rows."""
        self._left -= sum(len(database.rows) for database in answers.by_offset.values())
        return answers


class _Reading:
    """One database on its way, or, without a format, the statement where a Python project came from."""

    def __init__(self, probe: PackageProbe, known: DatabaseFormat | None, path: bytes) -> None:
        self._probe = probe
        self._format = known
        self._path = path
        self._chunks: list[bytes] = []

    def feed(self, chunk: bytes, /) -> bool:
        self._chunks.append(chunk)
        return True

    def finish(self) -> PackageDatabase:
        body, folder = b"".join(self._chunks), self._path.rpartition(b"/")[0]
        if self._format is None:
            return PackageDatabase("python", folder, is_own=python.is_own(body), size=len(body))
        rows = bytearray()
        is_complete = True
        for file in self._format.package_files(self._path, body):
            row = b"%b %b\0" % (file.digest.hex().encode(), file.path)
            is_complete = self._probe.keep(len(row))
            if not is_complete:
                break
            rows += row
        return PackageDatabase(self._format.type, folder, bytes(rows), is_complete, size=len(body))


def is_every_database_read(answers: ProbeAnswers) -> bool:
    """Did the limit let all databases of a layer name all their files?"""
    databases = answers.of(PACKAGE_DATABASES)
    return databases.complete and all(database.is_complete for database in databases.by_offset.values())


class SearchedBody:
    """Keeps the bytes of a file while it is searched, so that its digests are taken only where something is found."""

    __slots__ = ("_chunks", "_size")

    def __init__(self, size: int) -> None:
        self._chunks: list[bytes] | None = [] if size <= _LARGEST else None
        self._size = size

    def feed(self, chunk: bytes) -> None:
        """Takes the next bytes."""
        if self._chunks is not None:
            self._chunks.append(chunk)

    def digests(self) -> tuple[bytes, ...]:
        """MD5, SHA-1 and SHA-256 of the whole file; none where it is large, or the search left before its end."""
        body = b"".join(self._chunks or ())
        if len(body) != self._size:
            return ()
        algorithms = ("md5", "sha1", "sha256")
        return tuple(hashlib.new(algorithm, body, usedforsecurity=False).digest() for algorithm in algorithms)


class Owner(msgspec.Struct, frozen=True):
    """The type of the package that brought a file; `is_compared`: the database has the digest of the content."""

    type: str
    is_compared: bool


class _Claims(msgspec.Struct):
    """What the databases say of one path: the type of the package by digest, and by the layer of the database."""

    by_digest: dict[bytes, str]
    by_layer: dict[int, str]


class PackagedFiles:
    """The packages of some `paths` of an image.

    Building is linear in the databases and in the entries of the layers.
    """

    def __init__(self, stacked: MeasuredImage, paths: Iterable[bytes]) -> None:
        self._folders = {path: tuple(package_folders(path)) for path in paths}
        self._claims: dict[bytes, _Claims] = {}
        self._mark_layers: dict[bytes, set[int]] = {}
        self._layers: dict[PackageFolder, list[int]] = {}
        wanted = {_one_name(name) for path in self._folders for name in (path, _source(path)) if name is not None}
        marks = {mark for folders in self._folders.values() for folder in folders for mark in folder.marks}
        scans = [(index, scan) for index, scan in enumerate(stacked.tree.scans) if scan is not None and wanted]
        databases = [
            (index, database)
            for index, scan in scans
            for database in scan.answers.of(PACKAGE_DATABASES).by_offset.values()
        ]
        own = {database.folder for _, database in databases if database.is_own}
        for index, database in databases:
            if database.folder not in own:
                self._read(index, database, wanted)
        for index, scan in scans:
            for mark in scan.entries.keys() & marks:
                self._mark_layers.setdefault(mark, set()).add(index)

    def _read(self, layer: int, database: PackageDatabase, wanted: set[bytes]) -> None:
        for row in _ROW.finditer(database.rows):
            path = _one_name(row[2])
            if path in wanted:
                claims = self._claims.setdefault(path, _Claims({}, {}))
                claims.by_layer.setdefault(layer, database.type)
                if row[1]:
                    claims.by_digest.setdefault(row[1], database.type)

    def owner(self, layer: int, path: bytes, digests: Iterable[bytes], removed_in: int | None) -> Owner | None:
        """The package of what `layer` stores at `path`, one of `paths`; None where no package brought it so.

        `digests` are those of the content, none where they are not known. `removed_in` is the first layer that has
        something else at the path: the same layer, where it stores over itself.
        """
        claims = self._claims.get(_one_name(path))
        if claims is not None and claims.by_digest:
            known = (claims.by_digest.get(digest.hex().encode()) for digest in digests)
            return next((Owner(kind, True) for kind in known if kind is not None), None)
        source = _source(path) if claims is None else None
        if source is not None:
            claims = self._claims.get(_one_name(source))
        if claims is not None:
            stated_in = _first_within(list(claims.by_layer), layer, removed_in)
            if stated_in is not None:
                return Owner(claims.by_layer[stated_in], False)
        folders = self._folders[path]
        within = (folder for folder in folders if _first_within(self._layers_of(folder), layer, removed_in) is not None)
        return next((Owner(folder.type, False) for folder in within), None)

    def _layers_of(self, folder: PackageFolder) -> list[int]:
        """The layers that have all marks of the folder, the lowest first."""
        if folder not in self._layers:
            with_mark = [self._mark_layers.get(mark, set()) for mark in folder.marks]
            self._layers[folder] = sorted(set.intersection(*with_mark))
        return self._layers[folder]


def _first_within(layers: Sequence[int], layer: int, removed_in: int | None) -> int | None:
    """The first of the sorted `layers` that is not below `layer` and is below the one that removes its file."""
    place = bisect_left(layers, layer)
    return layers[place] if place < len(layers) and (removed_in is None or layers[place] < removed_in) else None


def _source(path: bytes) -> bytes | None:
    """The program that a file of Python's cache is compiled from: a database rarely names the cache."""
    match = _COMPILED.fullmatch(path)
    return None if match is None else match[1] + match[2] + b".py"


def _one_name(path: bytes) -> bytes:
    """The path without `usr/`: databases may name /bin/sh, which is /usr/bin/sh where /bin is a link to it."""
    return path.removeprefix(b"usr/")
