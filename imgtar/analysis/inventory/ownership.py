"""Whose the stored bytes are: every file that a layer stores belongs to one package or to none."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Set

import msgspec

from imgtar.analysis.inventory.lives import Life, Lives
from imgtar.analysis.stacked_image import StackedImage
from imgtar.filesystem.given_paths import is_directory, resolve
from imgtar.filesystem.tree import FileTree
from imgtar.formats.tar import TarMember
from imgtar.layer.paths import join, parent, too_long
from imgtar.packages.inventories import TYPES

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
    stored = [*_standing(stacked.tree), *_died(stacked)]
    files = _Files(stored)
    directories = _Directories(stacked.tree)
    for claim in sorted(_claims(lives), key=lambda claim: (_RANK[claim.lives[0].format.type], claim.first)):
        newest = claim.lives[-1]
        paths = set(claim.files.split(b"\0"))  # a list may say one path again and again
        diverted = paths & lives.diversions.keys() if newest.format.type == "deb" else ()
        for path in diverted:
            diversion = lives.diversions[path]
            if diversion.package != newest.package.name:
                paths.remove(path)
                claim.take(files.at(directories.names({diversion.path})))
                there = files.at(directories.names({path}))
                claim.take(one for one in there if one.layer < diversion.layer)  # the file is where it was
        claim.take(files.at(directories.names(paths)))
    _give_folders(stored, lives.lives)
    return _summed(stored, lives.lives, files, len(stacked.tree.scans))


def _standing(tree: FileTree) -> Iterator[Stored]:
    """The inodes of the final filesystem that have bytes, each under one name."""
    entries = [{} if scan is None else scan.entries for scan in tree.scans]
    linked = tree.linked
    for path, layer in tree.owner.items():
        if path in linked:
            inode = linked[path]
            member: TarMember | None = inode.member if path == inode.shown else None
            layer = inode.layer
        else:
            member = entries[layer].get(path)
        if member is not None and member.size and member.type == "file":
            yield Stored(path, member.size, layer, None)


def _died(stacked: StackedImage) -> Iterator[Stored]:
    """The inodes that layers stored and later ones took away."""
    for changes in stacked.changes:
        for death in changes.deaths:
            if death.size:
                yield Stored(death.path, death.size, death.added_in, death.removed_in)


class _Files:
    """What layers store, by the path. At one path one file stands at most, and many may have died."""

    def __init__(self, stored: Iterable[Stored]) -> None:
        self._standing: dict[bytes, Stored] = {}
        self._died: defaultdict[bytes, list[Stored]] = defaultdict(list)
        for one in stored:
            if one.until is None:
                self._standing[one.path] = one
            else:
                self._died[one.path].append(one)

    def at(self, paths: Set[bytes]) -> Iterator[Stored]:
        """What is or was at one of the paths; databases name many more paths than layers store."""
        for path in self._standing.keys() & paths:
            yield self._standing[path]
        for path in self._died.keys() & paths:
            yield from self._died[path]


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
        self._known = {b""}
        self._elsewhere: dict[bytes, bytes] = {}

    def names(self, paths: Set[bytes]) -> Set[bytes]:
        """The paths, and where their directories lead if that is elsewhere."""
        above = {path.rpartition(b"/")[0] for path in paths}
        for directory in above - self._known:
            self._look(directory)
        if self._elsewhere.keys().isdisjoint(above):
            return paths
        led = (path.rpartition(b"/") for path in paths)
        return paths | {join(self._elsewhere[head], name) for head, _, name in led if head in self._elsewhere}

    def _look(self, directory: bytes) -> None:
        passed = [directory]
        above = parent(directory)
        if not too_long(directory) and directory not in self._tree:  # no link is there, but one may be above
            while above not in self._known and above not in self._tree:
                passed.append(above)
                above = parent(above)
            if above not in self._elsewhere and (above in self._known or is_directory(self._tree, above)):
                self._known.update(passed)
                return
        self._known.add(directory)
        if is_directory(self._tree, directory):
            return
        found = resolve(self._tree, directory)
        if not found.loops and found.path != directory:
            self._elsewhere[directory] = found.path


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


def _summed(stored: list[Stored], lives: tuple[Life, ...], files: _Files, layers: int) -> Ownership:
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
            holders = (one.owner for one in files.at({life.database}))
            life.owner = next((one for one in holders if one is not None and one.format.is_system), None)
    return Ownership(tuple(owned), tuple(unowned), tuple(free))
