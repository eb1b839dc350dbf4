"""From the databases that layers store to the lives of packages: installed in a layer, upgraded or removed in another.

What the databases say after a layer is compared with what they said before, file by file: only files that the layer
stores or deletes are looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Literal

import msgspec

from imgtar.analysis.inventory import problems
from imgtar.analysis.inventory.database_read import DATABASES, DatabaseRead
from imgtar.analysis.stacked_image import StackedImage
from imgtar.findings import Effect, Finding, Where
from imgtar.layer.scan import LayerScan
from imgtar.packages import dpkg
from imgtar.packages.installed import Installed
from imgtar.packages.inventories import PROGRAMS, InventoryFormat
from imgtar.packages.rpm import database as rpm

LifeState = Literal["installed", "upgraded", "removed", "database-deleted"]
_Identity = tuple[str, bytes, str, str]  # type, location, name, architecture
_IN_ONE_FILE = frozenset({"java", *(known.type for known in PROGRAMS)})


class Life(msgspec.Struct, eq=False):
    """One version of a package from the layer that installs it to the one that removes it.

    `database` is the file that names it. `upgraded_from` is the version that stood there before; `state` is what became
    of this one. `owner` is the package of the system that brought `database`, `by_layer` the bytes of its files by the
    layer that stores them, `dead` those that are not in the final filesystem. It is finished when its image is.
    """

    format: InventoryFormat
    package: Installed
    database: bytes
    installed_in: int
    removed_in: int | None = None
    state: LifeState = "installed"
    upgraded_from: str | None = None
    owner: Life | None = None
    by_layer: dict[int, int] = {}
    dead: int = 0

    @property
    def identity(self) -> _Identity:
        """What stays when a version follows another one."""
        return self.format.type, self.format.location(self.database), self.package.name, self.package.arch

    @property
    def is_there(self) -> bool:
        """Are the files of the package still there, as far as the databases say?"""
        return self.state in ("installed", "database-deleted")


class FileList(msgspec.Struct):
    """The files of a package that a file beside the database lists, in the layers from `first` to before `end`."""

    format: InventoryFormat
    path: bytes
    package: Installed
    first: int
    end: int | None = None


class Diversion(msgspec.Struct, frozen=True):
    """From `layer` on a path of all packages but one lies at `path` (dpkg-divert); `package` has the path itself."""

    path: bytes
    package: str
    layer: int


class Lives(msgspec.Struct, frozen=True):
    """All that the databases say. `diversions` has those that dpkg knows, by the path.

    `deleted` has the database files that are gone, each with the layer that deletes it.
    """

    lives: tuple[Life, ...]
    lists: tuple[FileList, ...]
    diversions: dict[bytes, Diversion]
    databases: dict[bytes, InventoryFormat]
    unreadable: frozenset[bytes]
    deleted: dict[bytes, int]
    findings: tuple[Finding, ...]


def lives_of(stacked: StackedImage) -> Lives:
    """Follows the databases through the layers of an image."""
    following = _Following()
    for layer, scan in enumerate(stacked.tree.scans):
        if scan is not None:
            following.add(layer, scan, stacked.changes[layer].deleted.keys())
    return following.finish()


class _Before:
    """Packages that were there, each of which is found once: by its version or by what stays when that changes."""

    def __init__(self, lives: Iterable[Life] = ()) -> None:
        self._waiting: dict[int, Life] = {}
        self._by_version: dict[tuple[_Identity, str], list[Life]] = defaultdict(list)
        self._by_identity: dict[_Identity, list[Life]] = defaultdict(list)
        for life in lives:
            self.add(life)

    def add(self, life: Life) -> None:
        """One more."""
        self._waiting[id(life)] = life
        self._by_version[life.identity, life.package.version].append(life)
        self._by_identity[life.identity].append(life)

    def same_version(self, life: Life) -> Life | None:
        """One with the same version, which is then found."""
        return self._take(self._by_version.get((life.identity, life.package.version), []))

    def any_version(self, life: Life) -> Life | None:
        """One with any version, which is then found."""
        return self._take(self._by_identity.get(life.identity, []))

    def rest(self) -> Iterable[Life]:
        """Those that nobody found, in their order."""
        return self._waiting.values()

    def _take(self, lives: list[Life]) -> Life | None:
        while lives:
            found = self._waiting.pop(id(lives.pop()), None)
            if found is not None:
                return found
        return None


class _Following:
    def __init__(self) -> None:
        self._lives: list[Life] = []
        self._lists: list[FileList] = []
        self._by_file: dict[bytes, list[Life]] = {}
        self._lists_by_file: dict[bytes, list[FileList]] = {}
        self._orphans = _Before()  # whose database is deleted
        self._diversions: dict[bytes, Diversion] = {}
        self._databases: dict[bytes, InventoryFormat] = {}
        self._unreadable: set[bytes] = set()
        self._deleted: dict[bytes, int] = {}
        self._log_sizes: dict[bytes, int] = {}  # of logs of SQLite that are there, by the database
        self._findings: list[Finding] = []

    def add(self, layer: int, scan: LayerScan, deleted: Collection[bytes]) -> None:
        """Compares the databases after a layer with those before."""
        reads = dict(_reads(scan))
        known = self._databases.keys()
        gone = [path for path in known - self._deleted.keys() if path in deleted or path in scan.entries]
        leaving: list[Life] = []
        orphaned: dict[bytes, list[Life]] = {}
        for path in sorted(gone):
            for listed in self._lists_by_file.pop(path, ()):
                listed.end = layer
            lives = self._by_file.pop(path, [])
            if path in reads or not self._databases[path].is_system:
                leaving += lives
            else:
                orphaned[path] = lives
                for life in lives:
                    life.state = "database-deleted"
                    self._orphans.add(life)
            if path not in reads:
                self._deleted[path] = layer
        coming = [one for path, found in reads.items() for read in found for one in self._read(path, read, layer)]
        self._pair(leaving, coming, layer)
        for path, lives in orphaned.items():
            count = sum(life.state == "database-deleted" for life in lives)  # others have another database now
            if count:
                where = Where(layer=layer, path=path)
                self._findings.append(problems.DATABASE_DELETED.at(where, path=path, count=count, layer=layer - 1))
        self._findings += self._stale(layer, scan, deleted)

    def _stale(self, layer: int, scan: LayerScan, deleted: Collection[bytes]) -> Iterator[Finding]:
        """The databases that this layer leaves with a log beside them, if it stores one of the two."""
        for path, log in rpm.LOGS.items():
            member = scan.entries.get(log)
            if member is not None:
                self._log_sizes[path] = member.size if member.type == "file" else 0
            elif log in deleted:
                self._log_sizes[path] = 0
            size = self._log_sizes.get(path, 0)
            is_there = path in self._databases and path not in self._deleted
            if size and is_there and (member is not None or path in scan.entries):
                yield problems.STALE_DATABASE.at(Where(layer=layer, path=path), path=path, log=log, size=size)

    def _read(self, path: bytes, read: DatabaseRead, layer: int) -> Iterator[Life]:
        """The packages that a file names, as lives that may begin in this layer."""
        self._databases[path] = read.format
        self._deleted.pop(path, None)
        self._unreadable.discard(path)
        where = Where(layer=layer, path=path)
        if read.size:
            self._findings.append(problems.LARGE_PROGRAM.at(where, path=path, size=read.size))
        elif read.problem:
            self._unreadable.add(path)
            effect = None if read.format.is_system else Effect.NONE
            self._findings.append(problems.UNREADABLE_DATABASE.at(where, effect, path=path, problem=read.problem))
        for number, package in enumerate(read.packages):
            if dpkg.is_diversion(path):
                old, new, *_ = (*package.files.split(b"\0"), b"", b"")
                if new:  # else one of the two leads out of the root
                    self._diversions.setdefault(old, Diversion(new, package.name, layer))
            elif not package.version:
                listed = FileList(read.format, path, package, layer)
                self._lists.append(listed)
                self._lists_by_file.setdefault(path, []).append(listed)
            else:
                if read.format.type in _IN_ONE_FILE and not number:
                    package = msgspec.structs.replace(package, files=path + b"\0")
                yield Life(read.format, package, path, layer)

    def _pair(self, leaving: list[Life], coming: list[Life], layer: int) -> None:
        """Finds for each package that is named now the one that was there before: the same version first."""
        before = _Before(leaving)
        left = [life for life in coming if not self._continues(life, before)]
        for life in left:
            old = before.any_version(life) or self._orphans.any_version(life)
            if old is not None:
                old.state, old.removed_in = "upgraded", layer
                life.upgraded_from = old.package.version
            self._lives.append(life)
            self._by_file.setdefault(life.database, []).append(life)
        for life in before.rest():
            life.state, life.removed_in = "removed", layer

    def _continues(self, life: Life, before: _Before) -> bool:
        """Was this version there before? Then its life goes on, in this file."""
        old = before.same_version(life) or self._orphans.same_version(life)
        if old is None:
            return False
        old.state, old.database = "installed", life.database
        self._by_file.setdefault(life.database, []).append(old)
        return True

    def finish(self) -> Lives:
        return Lives(
            tuple(self._lives),
            tuple(self._lists),
            self._diversions,
            self._databases,
            frozenset(self._unreadable - self._deleted.keys()),
            self._deleted,
            tuple(self._findings),
        )


def _reads(scan: LayerScan) -> Iterator[tuple[bytes, tuple[DatabaseRead, ...]]]:
    """What the files of a layer say, by the path at which each lies, links followed."""
    by_offset = scan.answers.of(DATABASES).by_offset
    elsewhere: set[int] = set()
    for offset, reads in by_offset.items():
        path = reads[0].path
        member = scan.entries.get(path)
        if member is not None and member.offset == offset:
            yield path, reads
        else:
            elsewhere.add(offset)
    if elsewhere:
        for path, member in scan.entries.items():
            if member.type == "file" and member.offset in elsewhere:
                yield path, by_offset[member.offset]
