"""dive's efficiency, wasted bytes and user-wasted percent, by dive's own rules (peers.md 1.2 to 1.4).

dive counts the leaves of each layer's tree per path: the score is the sum of the smallest sizes over the sum of all,
waste is everything of the paths that came more than once. A whiteout counts as the size of the directory that it
removes. Only paths that come again or are removed need a record; all others add the same to both sums. What that
shortcut cannot tell (see `_NeedsTrees`) is counted over again with whole trees, in `imgtar.analysis.dive_tree`.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Protocol

import msgspec

from imgtar.analysis.dive_tree import DROPPED, WHITEOUT, Account, Ledger, Member
from imgtar.formats.tar import TarMember
from imgtar.image.paths import clean

_SIZE = attrgetter("size")


class Scanned(Protocol):
    """What is asked of a layer's scan.

    `strays` are the members that `entries` does not hold under their own cleaned name, in tar order: markers of every
    kind, what has no place, what a link moved elsewhere, what was stored and replaced. `member_bytes` is the sum of
    the sizes of all members but those that name the root or nothing.
    """

    @property
    def entries(self) -> Mapping[bytes, TarMember]: ...

    @property
    def implied(self) -> Collection[bytes]: ...

    @property
    def strays(self) -> Sequence[TarMember]: ...

    @property
    def member_bytes(self) -> int: ...


class DiveScore(msgspec.Struct, frozen=True, kw_only=True):
    """dive's numbers. `user_wasted_percent` is a fraction and, as in dive, NaN or infinite without user bytes."""

    efficiency: float
    wasted_bytes: int
    size_bytes: int
    user_size_bytes: int
    user_wasted_percent: float

    @property
    def finite_percent(self) -> float | None:
        """The percent where it is a number."""
        return self.user_wasted_percent if math.isfinite(self.user_wasted_percent) else None


def dive_score(scans: Sequence[Scanned]) -> DiveScore:
    """The score of an image from the scans of all its layers, base first."""
    least, total, wasted = _sums(scans)
    size = sum(scan.member_bytes for scan in scans)
    user = size - scans[0].member_bytes if scans else 0
    without_user_bytes = math.inf if wasted else math.nan
    return DiveScore(
        efficiency=least / total if total else 1.0,
        wasted_bytes=wasted,
        size_bytes=size,
        user_size_bytes=user,
        user_wasted_percent=wasted / user if user else without_user_bytes,
    )


def _sums(scans: Sequence[Scanned]) -> tuple[int, int, int]:
    """The sum of the smallest sizes, of all sizes, and of all sizes of what came more than once."""
    try:
        tally = Tally(4096 + 4 * sum(len(scan.entries) + len(scan.implied) for scan in scans))
        for scan in scans:
            tally.add(scan)
    except _NeedsTrees:
        ledger = Ledger()
        for scan in scans:
            ledger.add(members(scan))
        return ledger.sums()
    return tally.sums()


def members(scan: Scanned) -> Iterator[Member]:
    """The layer's members under their own names as dive reads them, each name once, the last of it."""
    last: dict[bytes, TarMember] = {}
    for path, member in scan.entries.items():
        same = member.name == path or member.name[:-1] == path
        _keep(last, path if same else clean(member.name), member)
    for member in scan.strays:
        _keep(last, clean(member.name), member)
    return ((name, member.size, member.type == "dir") for name, member in last.items())


def _keep(last: dict[bytes, TarMember], name: bytes | None, member: TarMember) -> None:
    if name and (name not in last or last[name].offset < member.offset):
        last[name] = member


class _NeedsTrees(Exception):
    """Raised for: a whiteout in the lowest layer, one of nothing, or one that dive applies after its own layer's
    entry; members that stand elsewhere than their names say; too much work for the shortcut."""


class _Layer:
    """One layer's paths. `whiteouts` are the paths removed, `marked` the directories that hold a whiteout."""

    def __init__(self, scan: Scanned) -> None:
        self.entries = scan.entries
        self.implied = scan.implied
        self.whiteouts: dict[bytes, None] = {}
        self.marked: set[bytes] = set()
        self._sorted: list[bytes] | None = None
        if any(WHITEOUT in path for path in scan.implied):
            raise _NeedsTrees
        for stray in scan.strays:
            self._mark(clean(stray.name) or b"")

    def _mark(self, name: bytes) -> None:
        directory, slash, base = name.rpartition(b"/")
        rest = base[len(WHITEOUT) :]
        if not rest or not base.startswith(WHITEOUT) or (directory and not self.has_directory(directory)):
            raise _NeedsTrees
        if base.startswith(DROPPED):
            return
        path = directory + slash + rest
        if rest < base and path in self:
            raise _NeedsTrees
        self.whiteouts[path] = None
        self.marked.add(directory)

    def __contains__(self, path: bytes) -> bool:
        return path in self.entries or path in self.implied

    def has_directory(self, path: bytes) -> bool:
        """Is there a directory at `path`, listed or implied?"""
        entry = self.entries.get(path)
        return path in self.implied if entry is None else entry.type == "dir"

    def below(self, path: bytes) -> list[bytes]:
        """All paths below `path`; the layer is sorted when it is first asked."""
        if self._sorted is None:
            self._sorted = sorted([*self.entries, *self.implied])
        start = bisect_left(self._sorted, path + b"/")
        return self._sorted[start : bisect_left(self._sorted, path + b"0", start)]

    def is_leaf(self, path: bytes) -> bool:
        """Has `path` nothing below it in this layer, whiteouts included?"""
        if self._sorted is None:
            self._sorted = sorted([*self.entries, *self.implied])
        after = bisect_left(self._sorted, path + b"/")
        nothing = after == len(self._sorted) or not self._sorted[after].startswith(path + b"/")
        return nothing and path not in self.marked


class Tally:
    """Counts layer after layer without trees; raises `_NeedsTrees` where that would not be exact."""

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._layers: list[_Layer] = []
        self._total = 0
        self._accounts: dict[bytes, Account] = {}
        # The stacked layers: the last member of each path, None for a parent that the last layer with it implied.
        self._alive: dict[bytes, TarMember | None] = {}
        self._dead: dict[bytes, TarMember | None] = {}
        self._crowded: set[bytes] = set()  # files over directories: dive keeps the children

    def add(self, scan: Scanned) -> None:
        """Counts the next layer."""
        layer = _Layer(scan)
        if self._layers:
            self._remove(layer)
            self._repeat(layer)
        elif layer.whiteouts:
            raise _NeedsTrees
        self._total += sum(map(_SIZE, scan.entries.values()))
        self._alive.update(scan.entries)
        if scan.implied:
            self._alive.update(dict.fromkeys(scan.implied))
        self._layers.append(layer)

    def sums(self) -> tuple[int, int, int]:
        """As `_sums`."""
        accounts = self._accounts.values()
        surplus = sum(account.total - account.least for account in accounts if account.count)
        wasted = sum(account.total for account in accounts if account.count > 1)
        return self._total - surplus, self._total, wasted

    def _spend(self, work: int) -> None:
        self._budget -= work
        if self._budget < 0:
            raise _NeedsTrees

    def _account(self, path: bytes) -> Account:
        """The account of a path, made from the layers so far where it has none."""
        account = self._accounts.get(path)
        if account is not None:
            return account
        self._spend(len(self._layers))
        account = self._accounts[path] = Account()
        for layer in self._layers:
            entry = layer.entries.get(path)
            if entry is not None and entry.type != "dir":
                account.charge(entry.size)
            elif path in layer and layer.is_leaf(path):
                account.charge(0)
        return account

    # What a layer removes.

    def _remove(self, layer: _Layer) -> None:
        doomed: list[bytes] = []
        for path in layer.whiteouts:
            if path not in self._alive:
                raise _NeedsTrees
            member = self._alive[path]
            doomed.append(path)
            size = 0
            if member is None or member.type == "dir" or path in self._crowded:
                below = self._below(path)
                doomed += below
                if member is not None and member.type == "dir":
                    size = member.size + sum(one.size for one in map(self._alive.get, below) if one is not None)
            self._account(path).charge(size)
            self._total += size
        for path in doomed:
            if path in self._alive:
                self._dead[path] = self._alive.pop(path)
                self._crowded.discard(path)

    def _below(self, path: bytes) -> set[bytes]:
        found: set[bytes] = set()
        for layer in self._layers:
            self._spend(1)
            if path in layer:
                paths = layer.below(path)
                self._spend(len(paths))
                found.update(below for below in paths if below in self._alive)
        return found

    # What a layer stores again.

    def _repeat(self, layer: _Layer) -> None:
        entries, alive, dead = layer.entries, self._alive, self._dead
        for path in alive.keys() & entries.keys():
            self._again(path, alive[path], entries[path], layer)
        for path in dead.keys() & entries.keys():
            self._again(path, dead.pop(path), entries[path], layer)
        for path in layer.implied:
            if path in alive:
                self._again(path, alive[path], None, layer)
            elif path in dead:
                self._again(path, dead.pop(path), None, layer)

    def _again(self, path: bytes, old: TarMember | None, new: TarMember | None, layer: _Layer) -> None:
        """A path comes again; `old` is its last member, None for an implied directory."""
        account = self._accounts.get(path)
        was_file = old is not None and old.type != "dir"
        if new is not None and new.type != "dir":
            if account is not None:
                account.charge(new.size)
            elif old is not None and was_file:
                if old.size or new.size:
                    least = min(old.size, new.size)
                    self._accounts[path] = Account(2, old.size + new.size, least)
            else:
                self._account(path).charge(new.size)
            if not was_file and path in self._alive:
                self._crowded.add(path)
        elif (account is not None or was_file) and layer.is_leaf(path):
            self._account(path).charge(0)
        elif was_file:
            self._account(path)
