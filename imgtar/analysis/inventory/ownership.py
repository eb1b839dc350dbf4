"""Whose the stored bytes are: every file that a layer stores belongs to one package or to none."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

import msgspec

from imgtar.analysis.inventory.lives import Life, Lives
from imgtar.analysis.stacked_image import StackedImage
from imgtar.filesystem.given_paths import resolve
from imgtar.filesystem.tree import FileTree
from imgtar.layer.paths import join, parent
from imgtar.packages.inventories import TYPES

_PATH = re.compile(rb"[^\0]+")
_RANK = {name: rank for rank, name in enumerate(TYPES)}


class Stored(msgspec.Struct, eq=False):
    """The bytes of one file that `layer` stores; `until` is the layer in which they die, None where they stand.

    `owner` is the package that it belongs to, where one is known.
    """

    path: bytes
    size: int
    layer: int
    until: int | None
    owner: Life | None = None

    def meets(self, first: int, end: int | None) -> bool:
        """Is it there in one of the layers from `first` to before `end`? It is there in its own layer at least."""
        until = None if self.until is None else max(self.until, self.layer + 1)
        return (until is None or first < until) and (end is None or self.layer < end)


class Ownership(msgspec.Struct, frozen=True):
    """The bytes of each layer, and its files without an owner. What is owned is summed in the lives."""

    owned: tuple[int, ...]
    unowned: tuple[int, ...]
    free: tuple[Stored, ...]


def own(stacked: StackedImage, lives: Lives) -> Ownership:
    """Gives every stored byte to a package or to none, and each package its bytes: linear in files and databases."""
    stored = list(_stored(stacked))
    by_path: dict[bytes, list[Stored]] = defaultdict(list)
    for one in stored:
        by_path[one.path].append(one)
    directories = _Directories(stacked.tree)
    for claim in sorted(_claims(lives), key=lambda claim: (_RANK[claim.lives[0].format.type], claim.first)):
        newest = claim.lives[-1]
        moved = lives.diversions if newest.format.type == "deb" else {}
        names = _Names(directories, by_path)
        for path in (found[0] for found in _PATH.finditer(claim.files)):
            diversion = moved.get(path)
            if diversion is None or diversion.package == newest.package.name:
                claim.take(names.files(path))
                continue
            claim.take(names.files(diversion.path))
            claim.take(one for one in names.files(path) if one.layer < diversion.layer)  # the file is where it was
    _give_folders(stored, lives.lives)
    return _summed(stored, lives.lives, by_path, len(stacked.tree.scans))


def _stored(stacked: StackedImage) -> Iterator[Stored]:
    """Every inode that a layer stores, under one name: those of the final filesystem, then those that died."""
    tree = stacked.tree
    entries = [{} if scan is None else scan.entries for scan in tree.scans]
    for path, layer in tree.owner.items():
        inode = tree.linked.get(path)
        if inode is not None and path == inode.shown and inode.member.type == "file" and inode.member.size:
            yield Stored(path, inode.member.size, inode.layer, None)
        elif inode is None:
            member = entries[layer].get(path)
            if member is not None and member.type == "file" and member.size:
                yield Stored(path, member.size, layer, None)
    for changes in stacked.changes:
        for death in changes.deaths:
            if death.size:
                yield Stored(death.path, death.size, death.added_in, death.removed_in)


class _Claim(msgspec.Struct, eq=False):
    """The paths that a package has in the layers from `first` to before `end`: one version of it or several.

    `lives` are sorted by the layer that installs them, and `starts` are these layers.
    """

    first: int
    end: int | None
    lives: list[Life]
    starts: list[int]
    files: bytes

    def take(self, files: Iterable[Stored]) -> None:
        """Gives the package those of the files that nobody has and that are its own."""
        for one in files:
            if one.owner is None:
                one.owner = self._owner(one)

    def _owner(self, one: Stored) -> Life | None:
        """The version whose file it is; None where it is not there in the same layers as one."""
        place = bisect_right(self.starts, max(one.layer, self.first)) - 1
        life = self.lives[max(place, 0)]
        ends = [end for end in (self.end, life.removed_in) if end is not None]
        return life if one.meets(max(self.first, life.installed_in), min(ends, default=None)) else None


def _claims(lives: Lives) -> Iterator[_Claim]:
    """Which package has which paths in which layers."""
    by_key: dict[tuple[str, bytes, str, str], list[Life]] = defaultdict(list)
    for life in lives.lives:
        kind, location, name, arch = life.identity
        if kind == "python":
            by_key[kind, parent(life.database), "", ""].append(life)
        else:
            by_key[kind, location, name, ""].append(life)
            by_key[kind, location, name, arch or "-"].append(life)
        if life.package.files:
            yield _Claim(life.installed_in, life.removed_in, [life], [life.installed_in], life.package.files)
    starts = {key: [life.installed_in for life in found] for key, found in by_key.items()}  # they rise with the layers
    for listed in lives.lists:
        kind, package = listed.format.type, listed.package
        location = parent(listed.path) if kind == "python" else listed.format.location(listed.path)
        key = kind, location, "" if kind == "python" else package.name, package.arch
        if key in by_key:
            yield _Claim(listed.first, listed.end, by_key[key], starts[key], package.files)


class _Directories:
    """Where the directories of packages really lie: packages name /bin/sh, which may be /usr/bin/sh."""

    def __init__(self, tree: FileTree) -> None:
        self._tree = tree
        self._known: dict[bytes, bytes] = {b"": b""}

    def names(self, path: bytes) -> tuple[bytes, ...]:
        """The path, and where its directory leads if that is elsewhere."""
        above = parent(path)
        real = self._known.get(above)
        if real is None:
            found = resolve(self._tree, above)
            real = self._known[above] = above if found.loops else found.path
        return (path,) if real == above else (path, join(real, path[len(above) :].lstrip(b"/")))


class _Names:
    """The files that a list names: each name once, as a list may say one again and again."""

    def __init__(self, directories: _Directories, by_path: dict[bytes, list[Stored]]) -> None:
        self._directories = directories
        self._by_path = by_path
        self._met: set[bytes] = set()

    def files(self, path: bytes) -> Iterator[Stored]:
        """What the layers store at the path, where it was not asked for before."""
        for name in self._directories.names(path):
            if name in self._by_path and name not in self._met:
                self._met.add(name)
                yield from self._by_path[name]


def _give_folders(stored: list[Stored], lives: tuple[Life, ...]) -> None:
    """What no list names belongs to the innermost folder of a package that it lies in."""
    roots: dict[bytes, list[Life]] = defaultdict(list)
    for life in lives:
        if life.format.type == "npm" or life.database.endswith((b".dist-info/METADATA", b".egg-info/PKG-INFO")):
            roots[parent(life.database)].append(life)
    nearest: dict[bytes, bytes | None] = {b"": None}
    for one in stored if roots else ():
        folder = _nearest(parent(one.path), roots.__contains__, nearest) if one.owner is None else None
        while folder is not None and one.owner is None:
            one.owner = next((life for life in roots[folder] if one.meets(life.installed_in, life.removed_in)), None)
            folder = _nearest(parent(folder), roots.__contains__, nearest)


def _nearest(folder: bytes, is_root: Callable[[bytes], bool], known: dict[bytes, bytes | None]) -> bytes | None:
    """The folder itself or the nearest above it that is a root; what is found is kept for those between."""
    passed: list[bytes] = []
    while folder not in known and not is_root(folder):
        passed.append(folder)
        folder = parent(folder)
    found = known.get(folder, folder)
    known.update(dict.fromkeys(passed, found))
    return found


def _summed(
    stored: list[Stored], lives: tuple[Life, ...], by_path: dict[bytes, list[Stored]], layers: int
) -> Ownership:
    owned, unowned = [0] * layers, [0] * layers
    free: list[Stored] = []
    for one in stored:
        life = one.owner
        if life is None:
            unowned[one.layer] += one.size
            free.append(one)
            continue
        owned[one.layer] += one.size
        life.by_layer[one.layer] = life.by_layer.get(one.layer, 0) + one.size
        life.dead += 0 if one.until is None else one.size
    for life in lives:
        if not life.format.is_system:
            holders = (one.owner for one in by_path.get(life.database, ()))
            life.owner = next((one for one in holders if one is not None and one.format.is_system), None)
    return Ownership(tuple(owned), tuple(unowned), tuple(free))
