"""dive's trees, for layers whose names or order need all of dive's rules.

Three trees hold the same names: the layer's own, the layers below stacked by dive's rules, and the ledger of what
each path has cost so far. They are walked side by side, so no path is ever built and the work is linear in the bytes
of the names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

WHITEOUT = b".wh."
DROPPED = b".wh..wh.."

Member = tuple[bytes, int, bool]  # cleaned name, size, is it a directory?


class Twig:
    """A name in a tree. A parent that no entry lists has no attributes: size 0, no directory."""

    __slots__ = ("below", "directory", "size")

    def __init__(self, size: int = 0, directory: bool = False) -> None:
        self.below: dict[bytes, Twig] = _NOTHING  # until there is something; most are files
        self.size = size
        self.directory = directory

    def put(self, name: bytes, twig: Twig) -> Twig:
        """Adds a name below this one."""
        if self.below is _NOTHING:
            self.below = {}
        self.below[name] = twig
        return twig


_NOTHING: dict[bytes, Twig] = {}


class Account:
    """What a path has cost: how often it came, all sizes together, and the smallest (-1: never counted)."""

    __slots__ = ("count", "least", "total")

    def __init__(self, count: int = 0, total: int = 0, least: int = -1) -> None:
        self.count = count
        self.total = total
        self.least = least

    def charge(self, size: int) -> None:
        """Counts one more appearance of `size` bytes."""
        self.count += 1
        self.total += size
        if size < self.least or self.least < 0:
            self.least = size


class Folder(Account):
    """An account with those of the names below it; `used` unless it is only on the way to others."""

    __slots__ = ("below", "used")

    def __init__(self) -> None:
        super().__init__()
        self.below: dict[bytes, Folder] | None = None
        self.used = False

    def at(self, name: bytes) -> Folder:
        """The account of a name below, made where there is none."""
        if self.below is None:
            self.below = {}
        found = self.below.get(name)
        if found is None:
            found = self.below[name] = Folder()
        return found


def grow(members: Iterable[Member]) -> tuple[Twig, bool]:
    """The tree of one layer, and whether it holds a whiteout; of members with one name the last counts."""
    root = Twig()
    marked = False
    directories = {b"": root}
    for name, size, directory in members:
        above, _, base = name.rpartition(b"/")
        twig = directories.get(above)
        if twig is None:
            marked = marked or WHITEOUT in above
            twig = _descend(root, above)
            if twig is None:
                continue
            directories[above] = twig
        if base.startswith(WHITEOUT):
            marked = True
            if base.startswith(DROPPED):
                continue
        found = twig.below.get(base)
        if found is None:
            twig.put(base, Twig(size, directory))
        else:
            found.size, found.directory = size, directory
    return root, marked


def _descend(root: Twig, path: bytes) -> Twig | None:
    """The directory at `path`, made where it is missing; None from a name on that dive never makes."""
    twig = root
    for part in path.split(b"/"):
        found = twig.below.get(part)
        if found is None:
            if part.startswith(DROPPED):
                return None
            found = twig.put(part, Twig())
        twig = found
    return twig


class Ledger:
    """The accounts of all paths over the layers seen so far, and those layers stacked."""

    def __init__(self) -> None:
        self._accounts = Folder()
        self._used: list[Account] = []
        self._stacked: Twig | None = None

    def add(self, members: Iterable[Member]) -> None:
        """Counts the next layer and stacks it."""
        kept = list(members)
        layer, marked = grow(kept)
        if self._stacked is not None:
            self._count(layer, self._stacked)
            _stack(layer, self._stacked)
            return
        self._count(layer, layer)
        # dive stacks the first layer onto a copy of itself, whose whiteouts stay as names.
        self._stacked = grow(kept)[0] if marked else layer
        if marked:
            _stack(layer, self._stacked)

    def sums(self) -> tuple[int, int, int]:
        """The least, the total, and the total of what came more than once."""
        used = self._used
        wasted = sum(account.total for account in used if account.count > 1)
        return sum(account.least for account in used), sum(account.total for account in used), wasted

    def _count(self, layer: Twig, stacked: Twig) -> None:
        """Charges the leaves in dive's order; a whiteout of nothing ends the layer."""
        heavy: list[tuple[int, Account, Twig]] = []
        for depth, name, leaf, below, accounts in _leaves(layer, stacked, self._accounts):
            whiteout = name.startswith(WHITEOUT)
            # An empty rest names the directory itself, by a path of its own (`/dir/`).
            rest = name[len(WHITEOUT) :] if whiteout else name
            account = accounts.at(rest)
            if not account.used:
                account.used = True
                self._used.append(account)
            if not whiteout:
                account.charge(leaf.size)
                continue
            target = below if not rest or below is None else below.below.get(rest)
            if target is None:
                break
            if target.directory:
                heavy.append((depth, account, target))
            else:
                account.charge(0)
        _charge_trees(heavy)


def _charge_trees(heavy: list[tuple[int, Account, Twig]]) -> None:
    """Charges each account with the whole size of its tree; inner trees first, so that none is summed twice."""
    known: dict[int, int] = {}
    for _, account, tree in sorted(heavy, key=lambda item: -item[0]):
        if id(tree) not in known:
            total = 0
            waiting = [tree]
            while waiting:
                twig = waiting.pop()
                if id(twig) in known:
                    total += known[id(twig)]
                else:
                    total += twig.size
                    waiting.extend(twig.below.values())
            known[id(tree)] = total
        account.charge(known[id(tree)])


def _leaves(layer: Twig, stacked: Twig, accounts: Folder) -> Iterator[tuple[int, bytes, Twig, Twig | None, Folder]]:
    """Every leaf in dive's order: its depth, raw name, itself, its directory in the stack, and the accounts there."""
    walk: list[tuple[Iterator[tuple[bytes, Twig]], Twig | None, Folder]] = []
    walk.append((iter(sorted(layer.below.items())), stacked, accounts))
    while walk:
        names, below, account = walk[-1]
        for name, twig in names:
            if not twig.below:
                yield len(walk), name, twig, below, account
                continue
            stack = None if below is None else below.below.get(name)
            walk.append((iter(sorted(twig.below.items())), stack, account.at(name)))
            break
        else:
            walk.pop()


class _Visit:
    """A name of the layer whose children are being stacked; the layer's root has no name."""

    __slots__ = ("layer", "name", "names", "new", "plain", "stacked")

    def __init__(self, name: bytes, layer: Twig, stacked: Twig, *, new: bool) -> None:
        self.name = name
        self.layer = layer
        self.names = iter(sorted(layer.below.items()))
        self.stacked = stacked
        self.new = new  # it was not in the stack before
        self.plain = False  # something below it is no whiteout


def _stack(layer: Twig, stacked: Twig) -> None:
    """Applies a layer: children first, siblings in byte order; a whiteout removes what is there at that moment."""
    walk = [_Visit(b"", layer, stacked, new=False)]
    while True:
        visit = walk[-1]
        for name, twig in visit.names:
            if not twig.below:
                visit.plain |= _graft(name, twig, visit.stacked, root=len(walk) == 1)
                continue
            found = visit.stacked.below.get(name)
            place = visit.stacked.put(name, Twig()) if found is None else found
            walk.append(_Visit(name, twig, place, new=found is None))
            break
        else:
            walk.pop()
            if not walk:
                return
            above = walk[-1]
            if visit.name.startswith(WHITEOUT) and visit.new and not visit.plain:
                del above.stacked.below[visit.name]
            grafted = _graft(visit.name, visit.layer, above.stacked, root=len(walk) == 1)
            above.plain |= visit.plain or grafted


def _graft(name: bytes, twig: Twig, stacked: Twig, *, root: bool) -> bool:
    """Applies one name to the directory `stacked`; False for a whiteout."""
    if not name.startswith(WHITEOUT):
        place = stacked.below.get(name)
        if place is None:
            stacked.put(name, Twig(twig.size, twig.directory))
        else:
            place.size, place.directory = twig.size, twig.directory
        return True
    rest = name[len(WHITEOUT) :]
    if rest:
        stacked.below.pop(rest, None)
    elif not root:
        # It names its own directory, which comes back without attributes with whatever follows.
        stacked.below = _NOTHING
        stacked.size, stacked.directory = 0, False
    return False
