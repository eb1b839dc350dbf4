"""dive's sums without trees: a shortcut that is exact, or raises NeedsTrees.

Only paths that come again or are removed need a record; every other path adds the same to all of dive's sums.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import repeat
from operator import attrgetter
from typing import Protocol

from imgtar.analysis.dive.tree import DROPPED, WHITEOUT, Account
from imgtar.formats.tar import ExactMember, TarMember
from imgtar.formats.tar.path import clean

_NEVER = ExactMember(b"", "unknown", 0, 0, 0, 0, 0, b"", 0)  # stands for the last member of a new path
_SIZE: Callable[[TarMember], int] = attrgetter("size")


class Scanned(Protocol):
    """What is asked of a layer's scan.

    `strays` are the members that `entries` does not hold under their own cleaned name, in tar order: markers of every
    kind, what has no place, what a link moved elsewhere (that is an entry, too), what was stored and replaced. Members
    that name the root or nothing are in neither.
    """

    @property
    def entries(self) -> Mapping[bytes, TarMember]: ...

    @property
    def implied(self) -> Collection[bytes]: ...

    @property
    def strays(self) -> Sequence[TarMember]: ...


def layer_bytes(scan: Scanned) -> int:
    """What dive calls the size of a layer: the sizes of all members, repeated ones and markers included."""
    size = sum(map(_SIZE, scan.entries.values()))
    # A member that was stored through a symlink may be both an entry and a stray; its size counts once.
    strays = {id(member): member.size for member in scan.strays if member.size}
    if strays:
        standing = set(map(id, scan.entries.values()))
        size += sum(stored for member, stored in strays.items() if member not in standing)
    return size


class NeedsTrees(Exception):
    """Only whole trees give the exact sums: for a whiteout in the lowest layer or one that dive applies after its own
    layer's entry, for members that a link moves elsewhere, and where the shortcut would be too much work."""


def _order(path: bytes) -> bytes:
    """Sorts leaves as dive visits them, by components."""
    return path.replace(b"/", b"\0")


class _Layer:
    """One layer's paths. `whiteouts` maps the paths removed to their place in dive's order, `marked` are the
    directories that hold a whiteout. From `end` on, dive gave the layer up."""

    def __init__(self, scan: Scanned) -> None:
        self.entries = scan.entries
        self.implied = scan.implied
        self.whiteouts: dict[bytes, bytes] = {}
        self.marked: set[bytes] = set()
        self.end: bytes | None = None
        self.stray_bytes = sum(map(_SIZE, scan.strays))
        self._bare: set[bytes] = set()  # directories that may be there for a marker alone
        self._sorted: list[bytes] | None = None
        if any(WHITEOUT in path for path in scan.implied):
            raise NeedsTrees
        for stray in scan.strays:
            self._mark(stray, clean(stray.name))

    def _mark(self, stray: TarMember, name: bytes) -> None:
        standing = self.entries.get(name)
        if standing is not None and standing.offset > stray.offset and clean(standing.name) == name:
            return  # stored again under the same name
        directory, slash, base = name.rpartition(b"/")
        rest = base[len(WHITEOUT) :]
        if not rest or not base.startswith(WHITEOUT) or (directory and not self.has_directory(directory)):
            raise NeedsTrees
        self._bare.add(directory)
        if base.startswith(DROPPED):
            return
        path = directory + slash + rest
        if rest < base and path in self:
            raise NeedsTrees
        self.whiteouts[path] = _order(name)
        self.marked.add(directory)

    def counts(self, path: bytes) -> bool:
        """Did dive come as far as `path`?"""
        return self.end is None or _order(path) < self.end

    def __contains__(self, path: bytes) -> bool:
        return path in self.entries or path in self.implied

    def has_directory(self, path: bytes) -> bool:
        """Is there a directory at `path`, listed or implied?"""
        entry = self.entries.get(path)
        return path in self.implied if entry is None else entry.type == "dir"

    def entries_below(self, path: bytes) -> list[bytes]:
        """The entries below `path`, in order."""
        paths = self._in_order()
        start = bisect_left(paths, path + b"/")
        inside = paths[start : bisect_left(paths, path + b"0", start)]
        return inside if not self._bare else [below for below in inside if below in self.entries]

    def is_leaf(self, path: bytes) -> bool:
        """Is `path` counted and has nothing below it in this layer, whiteouts included?"""
        paths = self._in_order()
        after = bisect_left(paths, path + b"/")
        nothing = after == len(paths) or not paths[after].startswith(path + b"/")
        return nothing and path not in self.marked and self.counts(path)

    def _in_order(self) -> list[bytes]:
        """All paths but those that only lead to others; sorted when first asked for."""
        if self._sorted is None:
            self._sorted = sorted([*self.entries, *self._bare])
        return self._sorted


class PathCount:
    """Counts layer after layer by path, without trees; raises NeedsTrees where that would not be exact."""

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._layers: list[_Layer] = []
        self._total = 0
        self._accounts: dict[bytes, Account] = {}
        self._twice: dict[bytes, int] = {}  # files that came a second time only: the first size
        self._wasted = 0  # what these paths waste
        self._surplus = 0  # by how much all their sizes exceed the smallest ones
        self._given_up: list[_Layer] = []
        self._nothing: set[bytes] = set()  # what the whiteouts of nothing named
        # The last member of each path so far, None for a parent that the last layer with it implied, and the last
        # layer that removed a path with all below it.
        self._last: dict[bytes, TarMember | None] = {}
        self._removed: dict[bytes, int] = {}

    def add(self, scan: Scanned, size: int) -> None:
        """Counts the next layer; `size` is its `layer_bytes`."""
        layer = _Layer(scan)
        if self._layers:
            self._find_end(layer)
            self._remove(layer)
            self._repeat(layer)
        elif layer.whiteouts:
            raise NeedsTrees
        self._total += self._counted(layer, size)
        self._last.update(scan.entries)
        if scan.implied:
            self._last.update(zip(scan.implied, repeat(None), strict=False))
        self._layers.append(layer)

    def sums(self) -> tuple[int, int, int]:
        """The sum of the smallest sizes, of all sizes, and of all sizes of what came more than once."""
        wasted, surplus = self._wasted, self._surplus
        for account in self._accounts.values():
            if account.count:
                surplus += account.total - account.least
            if account.count > 1:
                wasted += account.total
        # dive adds up a smallest size of -1 for what it never found.
        surplus += sum(not self._accounts[path].count for path in self._nothing)
        return self._total - surplus, self._total, wasted

    def _find_end(self, layer: _Layer) -> None:
        """A whiteout of nothing is where dive gives the layer up."""
        missing = [(order, path) for path, order in layer.whiteouts.items() if not self._stands(path)]
        if missing:
            layer.end, path = min(missing)
            self._account(path)
            self._nothing.add(path)
            self._given_up.append(layer)

    @staticmethod
    def _counted(layer: _Layer, size: int) -> int:
        """The sizes of the leaves; all files are leaves here."""
        if layer.end is None:
            return size - layer.stray_bytes
        return sum(member.size for path, member in layer.entries.items() if layer.counts(path))

    def _spend(self, work: int) -> None:
        self._budget -= work
        if self._budget < 0:
            raise NeedsTrees

    def _account(self, path: bytes) -> Account:
        """The account of a path, made from the layers so far where it has none."""
        account = self._accounts.get(path)
        if account is not None:
            return account
        self._spend(len(self._layers))
        self._forget_pair(path)
        account = self._accounts[path] = Account()
        for layer in self._layers:
            entry = layer.entries.get(path)
            if entry is not None and entry.type != "dir":
                if layer.counts(path):
                    account.charge(entry.size)
            elif path in layer and layer.is_leaf(path):
                account.charge(0)
        return account

    def _forget_pair(self, path: bytes) -> None:
        """A path of `_twice` gets an account."""
        first, second = self._twice.pop(path, None), self._last.get(path)
        if first is not None and second is not None:
            self._wasted -= first + second.size
            self._surplus -= max(first, second.size)

    def _stands(self, path: bytes) -> bool:
        """Is there something at `path` when the layers so far are stacked?"""
        if path not in self._last:
            return False
        removed, above = -1, path
        if self._removed:
            self._spend(1 + len(path) * path.count(b"/") // 256)
            while above:
                removed = max(removed, self._removed.get(above, -1))
                above = above[: max(above.rfind(b"/"), 0)]
        if removed < 0:
            return True
        self._spend(len(self._layers) - removed)
        return any(path in layer for layer in self._layers[removed:])

    def _remove(self, layer: _Layer) -> None:
        found = {path: order for path, order in layer.whiteouts.items() if self._stands(path)}
        for path, order in found.items():
            member = self._last[path]
            size = 0 if member is None or member.type != "dir" else self._tree_size(path)
            if layer.end is None or order < layer.end:
                self._account(path).charge(size)
                self._total += size
        self._removed.update(dict.fromkeys(found, len(self._layers)))

    def _tree_size(self, path: bytes) -> int:
        """The sizes of all files below a directory."""
        files: dict[bytes, int] = {}
        for layer in self._layers:
            self._spend(1)
            if path not in layer:
                continue
            inside = layer.entries_below(path)
            self._spend(len(inside))
            for below in inside:
                last = self._last[below]
                if last is not None and last.size and self._stands(below):
                    files[below] = last.size
        return sum(files.values())

    # What a layer stores again.

    def _repeat(self, layer: _Layer) -> None:
        seen, accounts, twice = self._last, self._accounts, self._twice
        unusual = layer.end is not None or bool(self._given_up)
        wasted = surplus = 0
        before = map(seen.get, layer.entries, repeat(_NEVER))
        for (path, new), old in zip(layer.entries.items(), before, strict=True):
            if old is _NEVER:
                continue
            was_file = old is not None and old.type != "dir"
            if path in accounts or path in twice or was_file != (new.type != "dir") or (was_file and unusual):
                self._again(path, new, layer)
            elif old is not None and was_file:
                twice[path] = first = old.size
                second = new.size
                wasted += first + second
                surplus += max(first, second)
        self._wasted += wasted
        self._surplus += surplus
        # Nearly all implied directories were directories before.
        if any(old.type != "dir" for old in filter(None, map(seen.get, layer.implied))):
            for path in layer.implied:
                old = seen.get(path)
                if old is not None and old.type != "dir":
                    self._account(path)
        for path in accounts.keys() & layer.implied:
            self._again(path, None, layer)

    def _again(self, path: bytes, new: TarMember | None, layer: _Layer) -> None:
        """A path comes again that is not just twice a file; `new` is None for an implied directory."""
        account = self._account(path)
        if new is not None and new.type != "dir":
            if layer.counts(path):
                account.charge(new.size)
        elif layer.is_leaf(path):
            account.charge(0)
