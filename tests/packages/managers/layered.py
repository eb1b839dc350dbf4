"""Images whose layers are what package managers did to a folder."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import msgspec

from tests.builders import directory, file, layer, symlink, whiteout

Told = frozenset[tuple[str, str]]  # name and version


class Row(msgspec.Struct, frozen=True):
    """What is true of one version of a package, by construction; `owned` are the bytes by layer."""

    name: str
    version: str
    state: str
    installed_in: int
    removed_in: int | None
    upgraded_from: str | None
    owned: tuple[tuple[str, int], ...]


def row(name: str, version: str, life: str, owned: Mapping[int, int], upgraded_from: str | None = None) -> Row:
    """A row; `life` is `FIRST STATE` or `FIRST STATE LAST`, as in `0 removed 2`."""
    first, state, *last = life.split()
    by_layer = tuple((str(index), size) for index, size in sorted(owned.items()) if size)
    return Row(name, version, state, int(first), int(last[0]) if last else None, upgraded_from, by_layer)


class Built(msgspec.Struct, frozen=True):
    """An image, what the package manager itself says after each layer (None where it cannot), and the true rows."""

    layers: list[bytes]
    told: list[Told | None]
    rows: frozenset[Row]


class LayeredFolder:
    """A folder as the root of an image: each step adds a layer of what differs from the step before."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.layers: list[bytes] = []
        self._before: dict[str, bytes | str | None] = {}
        self._stored: list[dict[str, int]] = []
        root.mkdir(parents=True)

    def write(self, path: str, content: bytes) -> None:
        """Writes a file."""
        where = self.root / path
        where.parent.mkdir(parents=True, exist_ok=True)
        where.write_bytes(content)

    def step(self) -> None:
        """The folder as it is now becomes a layer."""
        now = self._state()
        changed = {
            path: found for path, found in now.items() if path not in self._before or self._before[path] != found
        }
        gone = self._before.keys() - now.keys()
        members = [whiteout(path) for path in sorted(gone) if os.path.dirname(path) not in gone]
        for path, found in sorted(changed.items()):
            if found is None:
                members.append(directory(path + "/"))
            else:
                members.append(symlink(path, found) if isinstance(found, str) else file(path, found, mode=0o755))
        self.layers.append(layer(*members))
        self._stored.append({path: len(found) for path, found in changed.items() if isinstance(found, bytes)})
        self._before = now

    def stored(self, index: int, *folders: str) -> int:
        """The bytes that a layer stores at these paths and below them."""
        below = tuple(f"{folder}/" for folder in folders)
        return sum(size for path, size in self._stored[index].items() if path in folders or path.startswith(below))

    def _state(self) -> dict[str, bytes | str | None]:
        """The content of each file, the target of each link, None for a directory."""
        found: dict[str, bytes | str | None] = {}
        for folder, names, files in os.walk(self.root):
            for name in (*names, *files):
                path = Path(folder, name)
                where = str(path.relative_to(self.root))
                if path.is_symlink():
                    found[where] = os.readlink(path)
                else:
                    found[where] = None if path.is_dir() else path.read_bytes()
        return found


def run(*command: str | Path, cwd: Path | None = None, codes: tuple[int, ...] = (0,), **environment: str) -> str:
    """What a command prints that ends with one of these codes; else the test fails with what it says."""
    done = subprocess.run(command, cwd=cwd, env=os.environ | environment, capture_output=True, text=True, check=False)
    assert done.returncode in codes, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def text(size: int, word: str) -> bytes:
    """A content of this many bytes, other ones for another word."""
    return (f"{word}\n" * (size // len(word) + 1)).encode()[:size]
