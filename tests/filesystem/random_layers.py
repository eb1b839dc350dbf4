"""Random stacks of layers with links, devices, markers and repeated paths, most of which engines can unpack."""

from __future__ import annotations

import random

import msgspec

from tests.builders import device, directory, file, hardlink, opaque, symlink, tar, whiteout

NAMES = ("a", "b", "c", "d")
KINDS = {
    "file": 6, "dir": 4, "symlink": 2, "hardlink": 5, "whiteout": 3, "opaque": 1, "overlay whiteout": 3, "device": 1,
    "overlay opaque": 1,
}  # fmt: skip
CAPABILITY = bytes.fromhex("0100000200040000000000000000000000000000")  # cap_net_bind_service=ep
# Of the entries are taken though an engine refuses them; not of opaque markers, which docker puts on a file, too.
UNCHECKED = 0.02


class Entry(msgspec.Struct, frozen=True):
    """One member of a layer: what it is, its path, its target, its metadata."""

    kind: str
    path: str
    target: str
    metadata: dict[str, int]
    xattrs: dict[str, bytes]

    def member(self) -> bytes:
        """The bytes of the member."""
        meta = {**self.metadata, "xattrs": self.xattrs}
        match self.kind:
            case "file":
                return file(self.path, self.target.encode(), **meta)
            case "symlink":
                return symlink(self.path, self.target, **self.metadata)
            case "hardlink":
                return hardlink(self.path, self.target, **meta)
            case "whiteout":
                return whiteout(self.path)
            case "opaque":
                return opaque(self.path)
            case "overlay whiteout":
                return device(self.path, 0, 0, **self.metadata)
            case "device":
                return device(self.path, 1, 3, **self.metadata)
        if self.kind == "overlay opaque":
            meta["xattrs"] = {**self.xattrs, "trusted.overlay.opaque": b"y"}
        return directory(self.path + "/", **meta)


class Upper:
    """The directory in which an engine unpacks one layer: what it refuses, and nothing else."""

    def __init__(self) -> None:
        self._kinds = {"": "dir"}
        self._targets: dict[str, str] = {}

    def paths(self, *kinds: str) -> list[str]:
        """All paths of these kinds."""
        return [path for path, kind in self._kinds.items() if path and kind in kinds]

    def take(self, kind: str, path: str, target: str) -> bool:
        """Puts an entry where an engine would; False where it cannot."""
        if kind == "opaque":
            place = self._real(path)
            return place is not None and self._make(place)
        at = self._place(path)
        if at is None:
            return False
        source = self._place(target) if kind == "hardlink" else None
        if kind == "hardlink" and (source == at or self._kinds.get(source or "", "dir") == "dir"):
            return False
        if kind == "whiteout" and at in self._kinds:
            return False
        if not self._make(at.rpartition("/")[0]):
            return False
        is_dir = kind in ("dir", "overlay opaque")
        if not (is_dir and self._kinds.get(at) == "dir"):
            for below in [name for name in self._kinds if name == at or name.startswith(at + "/")]:
                del self._kinds[below]
        if kind == "hardlink" and source not in self._kinds:
            return False
        self._kinds[at] = "dir" if is_dir else self._kinds[source or ""] if kind == "hardlink" else kind
        self._targets[at] = self._targets.get(source or "", "") if kind == "hardlink" else target
        return True

    def _place(self, path: str) -> str | None:
        above, _, base = path.strip("/").rpartition("/")
        directory = self._real(above)
        return None if directory is None else f"{directory}/{base}".strip("/")

    def _real(self, path: str) -> str | None:
        """Where a directory lies, links followed; None where it leads through what is no directory."""
        waiting = path.split("/")[::-1]
        reached: list[str] = []
        for _ in range(60):
            if not waiting:
                return "/".join(reached)
            part = waiting.pop()
            if not part:
                continue
            at = "/".join([*reached, part])
            kind = self._kinds.get(at, "dir")
            if kind == "symlink":
                target = self._targets[at]
                reached = [] if target.startswith("/") else reached
                waiting += target.split("/")[::-1]
            elif kind == "dir":
                reached.append(part)
            else:
                return None
        return None

    def _make(self, directory: str) -> bool:
        parts = directory.split("/")
        return all(self._kinds.setdefault("/".join(parts[: n + 1]), "dir") == "dir" for n in range(len(parts)))


def stack(seed: int) -> list[list[Entry]]:
    """The layers of this seed, base first."""
    chance = random.Random(seed)
    return [_layer(chance) for _ in range(chance.randint(1, 3))]


def tars(layers: list[list[Entry]]) -> list[bytes]:
    """The layers as tars."""
    return [tar(*(entry.member() for entry in layer)) for layer in layers]


def _layer(chance: random.Random) -> list[Entry]:
    upper = Upper()
    entries: list[Entry] = []
    wanted = chance.randint(1, 7)
    for _ in range(10 * wanted):
        kind = chance.choices(list(KINDS), list(KINDS.values()))[0]
        taken = upper.paths("file", "dir", "symlink", "device", "overlay whiteout", "whiteout")
        repeat = taken and chance.random() < 0.25
        path = chance.choice(taken) if repeat else "/".join(chance.choices(NAMES, k=chance.randint(1, 3)))
        target = _target(chance, kind, upper)
        if upper.take(kind, path, target) or (kind != "opaque" and chance.random() < UNCHECKED):
            entries.append(_entry(chance, kind, path, target, entries))
        if len(entries) == wanted:
            break
    return entries


def _target(chance: random.Random, kind: str, upper: Upper) -> str:
    if kind == "hardlink":
        linkable = upper.paths("file", "symlink", "device", "overlay whiteout", "whiteout")
        return chance.choice(linkable or NAMES)
    if kind == "symlink":
        return chance.choice([chance.choice(NAMES), "/" + "/".join(chance.choices(NAMES, k=2)), "nowhere"])
    return chance.choice(["", "x", "y", "longer"])


def _entry(chance: random.Random, kind: str, path: str, target: str, before: list[Entry]) -> Entry:
    metadata = {
        "mode": chance.choice([0o644, 0o600, 0o4755]),
        "uid": chance.choice([0, 5]),
        "mtime": chance.choice([1000, 2000]),
    }
    xattrs: dict[str, bytes] = {}
    if kind in ("file", "dir", "hardlink", "overlay opaque") and chance.random() < 0.2:
        xattrs["user.t"] = chance.choice([b"", b"v"])
    if kind == "file" and chance.random() < 0.1:
        xattrs["security.capability"] = CAPABILITY
    source = next((entry for entry in before if entry.path == target and kind == "hardlink"), None)
    if source is not None and chance.random() < 0.6:  # as tar writers do
        metadata, xattrs = source.metadata, source.xattrs
    return Entry(kind, path, target, metadata, xattrs)
