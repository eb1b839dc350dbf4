"""dive's trees, for layers whose names or order need all of dive's rules.

Three trees hold the same names: the layer's own, the layers below stacked by dive's rules, and the accounts of what
each path has cost so far. They are walked side by side, so no path is ever built and the work is linear in the bytes
of the names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

WHITEOUT = b".wh."
DROPPED = b".wh..wh.."

LayerMember = tuple[bytes, int, bool]  # cleaned name, size, is it a directory?


class TreeEntry:
    """A name in a tree. A parent that no member lists has no attributes: size 0, not a directory."""

    __slots__ = ("below", "directory", "size")

    def __init__(self, size: int = 0, directory: bool = False) -> None:
        self.below: dict[bytes, TreeEntry] = _NO_ENTRIES  # until there is something; most are files
        self.size = size
        self.directory = directory

    def put(self, name: bytes, entry: TreeEntry) -> TreeEntry:
        """Adds a name below this one."""
        if self.below is _NO_ENTRIES:
            self.below = {}
        self.below[name] = entry
        return entry


_NO_ENTRIES: dict[bytes, TreeEntry] = {}


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


class PathAccount(Account):
    """An account with those of the names below it; `used` unless it is only on the way to others."""

    __slots__ = ("below", "used")

    def __init__(self) -> None:
        super().__init__()
        self.below: dict[bytes, PathAccount] | None = None
        self.used = False

    def at(self, name: bytes) -> PathAccount:
        """The account of a name below, made where there is none."""
        if self.below is None:
            self.below = {}
        found = self.below.get(name)
        if found is None:
            found = self.below[name] = PathAccount()
        return found


def layer_tree(members: Iterable[LayerMember]) -> tuple[TreeEntry, bool]:
    """The tree of one layer, and whether it holds a whiteout; of members with one name the last counts."""
    root = TreeEntry()
    marked = False
    directories = {b"": root}
    for name, size, directory in members:
        above, _, base = name.rpartition(b"/")
        entry = directories.get(above)
        if entry is None:
            marked = marked or WHITEOUT in above
            entry = _descend(root, above)
            if entry is None:
                continue
            directories[above] = entry
        if base.startswith(WHITEOUT):
            marked = True
            if base.startswith(DROPPED):
                continue
        found = entry.below.get(base)
        if found is None:
            entry.put(base, TreeEntry(size, directory))
        else:
            found.size, found.directory = size, directory
    return root, marked


def _descend(root: TreeEntry, path: bytes) -> TreeEntry | None:
    """The directory at `path`, made where it is missing; None from a name on that dive never makes."""
    entry = root
    for part in path.split(b"/"):
        found = entry.below.get(part)
        if found is None:
            if part.startswith(DROPPED):
                return None
            found = entry.put(part, TreeEntry())
        entry = found
    return entry


class TreeCount:
    """The accounts of all paths over the layers seen so far, and those layers stacked."""

    def __init__(self) -> None:
        self._accounts = PathAccount()
        self._used: list[Account] = []
        self._stacked: TreeEntry | None = None

    def add(self, members: Iterable[LayerMember]) -> None:
        """Counts the next layer and stacks it."""
        kept = list(members)
        layer, marked = layer_tree(kept)
        if self._stacked is not None:
            self._count(layer, self._stacked)
            _stack(layer, self._stacked)
            return
        self._count(layer, layer)
        # dive stacks the first layer onto a copy of itself, whose whiteouts stay as names.
        self._stacked = layer_tree(kept)[0] if marked else layer
        if marked:
            _stack(layer, self._stacked)

    def sums(self) -> tuple[int, int, int]:
        """The least, the total, and the total of what came more than once."""
        used = self._used
        wasted = sum(account.total for account in used if account.count > 1)
        return sum(account.least for account in used), sum(account.total for account in used), wasted

    def _count(self, layer: TreeEntry, stacked: TreeEntry) -> None:
        """Charges the leaves in dive's order; a whiteout of nothing ends the layer."""
        directories_removed: list[tuple[int, Account, TreeEntry]] = []
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
                directories_removed.append((depth, account, target))
            else:
                account.charge(0)
        _charge_trees(directories_removed)


def _charge_trees(directories_removed: list[tuple[int, Account, TreeEntry]]) -> None:
    """Charges each account with the whole size of its tree; inner trees first, so that none is summed twice."""
    known: dict[int, int] = {}
    for _, account, tree in sorted(directories_removed, key=lambda item: -item[0]):
        if id(tree) not in known:
            total = 0
            waiting = [tree]
            while waiting:
                entry = waiting.pop()
                if id(entry) in known:
                    total += known[id(entry)]
                else:
                    total += entry.size
                    waiting.extend(entry.below.values())
            known[id(tree)] = total
        account.charge(known[id(tree)])


_Leaf = tuple[int, bytes, TreeEntry, TreeEntry | None, PathAccount]


def _leaves(layer: TreeEntry, stacked: TreeEntry, accounts: PathAccount) -> Iterator[_Leaf]:
    """Every leaf in dive's order: its depth, raw name, itself, its directory in the stack, and the accounts there."""
    walk: list[tuple[Iterator[tuple[bytes, TreeEntry]], TreeEntry | None, PathAccount]] = []
    walk.append((iter(sorted(layer.below.items())), stacked, accounts))
    while walk:
        names, below, account = walk[-1]
        for name, entry in names:
            if not entry.below:
                yield len(walk), name, entry, below, account
                continue
            stack = None if below is None else below.below.get(name)
            walk.append((iter(sorted(entry.below.items())), stack, account.at(name)))
            break
        else:
            walk.pop()


class _Visit:
    """A name of the layer whose children are being stacked; the layer's root has no name."""

    __slots__ = ("layer", "name", "names", "new", "plain", "stacked")

    def __init__(self, name: bytes, layer: TreeEntry, stacked: TreeEntry, *, new: bool) -> None:
        self.name = name
        self.layer = layer
        self.names = iter(sorted(layer.below.items()))
        self.stacked = stacked
        self.new = new  # it was not in the stack before
        self.plain = False  # something below it is not a whiteout


def _stack(layer: TreeEntry, stacked: TreeEntry) -> None:
    """Applies a layer: children first, siblings in byte order; a whiteout removes what is there at that moment."""
    walk = [_Visit(b"", layer, stacked, new=False)]
    while True:
        visit = walk[-1]
        for name, entry in visit.names:
            if not entry.below:
                visit.plain |= _apply_name(name, entry, visit.stacked, root=len(walk) == 1)
                continue
            found = visit.stacked.below.get(name)
            place = visit.stacked.put(name, TreeEntry()) if found is None else found
            walk.append(_Visit(name, entry, place, new=found is None))
            break
        else:
            walk.pop()
            if not walk:
                return
            above = walk[-1]
            if visit.name.startswith(WHITEOUT) and visit.new and not visit.plain:
                del above.stacked.below[visit.name]
            grafted = _apply_name(visit.name, visit.layer, above.stacked, root=len(walk) == 1)
            above.plain |= visit.plain or grafted


def _apply_name(name: bytes, entry: TreeEntry, stacked: TreeEntry, *, root: bool) -> bool:
    """Applies one name to the directory `stacked`; False for a whiteout."""
    if not name.startswith(WHITEOUT):
        place = stacked.below.get(name)
        if place is None:
            stacked.put(name, TreeEntry(entry.size, entry.directory))
        else:
            place.size, place.directory = entry.size, entry.directory
        return True
    rest = name[len(WHITEOUT) :]
    if rest:
        stacked.below.pop(rest, None)
    elif not root:
        # The name `.wh.` removes its own directory. A later entry below recreates the directory, without attributes.
        stacked.below = _NO_ENTRIES
        stacked.size, stacked.directory = 0, False
    return False
