"""What the benchmark's images hold: seeded lists of layer entries. The bytes come from `bench_images`."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

MIB = 1 << 20
POOL_SIZE = 48 * MIB
LARGEST_BODY = 12 * MIB

TOP = (
    "usr/lib/python3/dist-packages",
    "usr/share/doc",
    "usr/lib/x86_64-linux-gnu",
    "opt/app/node_modules",
    "usr/share",
)
STEMS = (
    "session", "handler", "config", "parser", "client", "schema", "render", "locale", "packet", "widget", "buffer",
    "symbol", "stream", "vector", "method", "module", "object", "policy", "record", "system", "template", "registry",
)  # fmt: skip
SUFFIXES = (".py", ".js", ".so", ".json", ".h", ".html", ".pyc", ".md", ".txt", ".map", "")


class Body(NamedTuple):
    """A file's content: `size` bytes of the pool from `start`."""

    start: int
    size: int


NOTHING = Body(0, 0)


class Entry(NamedTuple):
    """One member of a layer; `link` is a target, `flag` a tar type."""

    path: str
    flag: str = "0"
    mode: int = 0o644
    body: Body = NOTHING
    link: str = ""


class Shape(NamedTuple):
    """How a tree of new files looks: `entries` in all, their bodies log-normal about `median` bytes."""

    entries: int
    median: int
    spread: float = 1.6
    only_files: bool = False


class Layers:
    """Makes the entries of an image's layers, one list after the other, and remembers the files below."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.files: dict[str, Entry] = {}
        self.directories: list[str] = []
        self._serial = 0
        self._touched: set[str] = set()  # by the layer in the making: no path is in it twice

    def layer(self, *parts: Iterable[Entry]) -> list[Entry]:
        """The entries of a layer that is complete."""
        entries = [entry for part in parts for entry in part]
        self._touched.clear()
        return entries

    def body(self, size: int) -> Body:
        """New content of `size` bytes."""
        return Body(self.chance.randrange(POOL_SIZE - size), size)

    def keep(self, entry: Entry) -> Entry:
        """Remembers a file, and returns it."""
        self.files[entry.path] = entry
        return entry

    def _name(self) -> str:
        self._serial += 1
        return f"{self.chance.choice(STEMS)}_{self._serial:x}"

    def tree(self, shape: Shape, body_scale: float = 1.0) -> Iterator[Entry]:
        """A tree of packages: directories of about twelve files, one link in ten."""
        chance = self.chance
        left = shape.entries
        while left > 0:
            folder = f"{chance.choice(TOP)}/{self._name()}"
            for _ in range(chance.randrange(3)):
                folder += f"/{chance.choice(STEMS)}"
            self.directories.append(folder)
            yield Entry(folder + "/", "5", 0o755)
            count = min(chance.randrange(6, 20), left)
            left -= count + 1
            last = ""
            for _ in range(count):
                path = f"{folder}/{self._name()}{chance.choice(SUFFIXES)}"
                kind = chance.random()
                if kind < 0.09 and last and not shape.only_files:
                    yield Entry(path, "2", 0o777, link=last.rpartition("/")[2])
                elif kind < 0.10 and last and not shape.only_files:
                    yield Entry(path, "1", 0o644, link=last)
                else:
                    size = int(chance.lognormvariate(0, shape.spread) * shape.median * body_scale)
                    mode = 0o755 if chance.random() < 0.1 else 0o644
                    self._touched.add(path)
                    yield self.keep(Entry(path, "0", mode, self.body(min(size, LARGEST_BODY))))
                    last = path

    def changed(self, count: int, growth: int = 0) -> list[Entry]:
        """`count` files with new content, `growth` bytes longer."""
        files = self.some(count)
        return [self.keep(entry._replace(body=self.body(entry.body.size + growth))) for entry in files]

    def some(self, count: int) -> list[Entry]:
        """`count` files of the layers below that this layer leaves alone; now it does not."""
        alone = [entry for path, entry in self.files.items() if path not in self._touched]
        chosen = self.chance.sample(alone, count)
        self._touched.update(entry.path for entry in chosen)
        return chosen

    def removed(self, count: int) -> Iterator[Entry]:
        """Whiteouts of `count` files."""
        for entry in self.some(count):
            folder, _, name = entry.path.rpartition("/")
            del self.files[entry.path]
            yield Entry(f"{folder}/.wh.{name}")

    def removed_folders(self, count: int, *, opaque: bool) -> Iterator[Entry]:
        """Directories whose contents disappear, by an opaque marker (and a new file) or by a whiteout."""
        touched = {path.rpartition("/")[0] for path in self._touched}
        alone = [folder for folder in self.directories if folder not in touched]
        for folder in self.chance.sample(alone, count):
            self.files = {path: entry for path, entry in self.files.items() if not path.startswith(folder + "/")}
            self.directories.remove(folder)
            if opaque:
                yield Entry(folder + "/", "5", 0o755)
                yield Entry(folder + "/.wh..wh..opq")
                kept = self.keep(Entry(f"{folder}/{self._name()}.txt", body=self.body(2000)))
                self._touched.add(kept.path)
                yield kept
            else:
                parent, _, name = folder.rpartition("/")
                yield Entry(f"{parent}/.wh.{name}")


def bench_layers() -> Iterator[list[Entry]]:
    """Six layers, more than 180,000 entries, 1.2 GB; the base is the largest."""
    layers = Layers(1)
    yield layers.layer([Entry("etc/", "5", 0o755)], layers.tree(Shape(100_000, 2050)))
    changed = layers.changed(2_500, growth=7)
    yield layers.layer(changed, layers.tree(Shape(42_000, 1900)), layers.removed(150))
    # What `chmod -R` and `cp -a` of unchanged files leave: a copy with another mode, and one that is the same.
    modes = [layers.keep(entry._replace(mode=entry.mode ^ 0o022)) for entry in layers.some(6_000)]
    same = layers.some(3_000)
    yield layers.layer(modes, same, layers.tree(Shape(13_000, 1900)))
    yield layers.layer(layers.removed_folders(40, opaque=True), layers.tree(Shape(14_000, 2100)))
    equal_size = layers.changed(1_500)
    yield layers.layer(equal_size, layers.removed(400), layers.removed_folders(60, opaque=False))
    yield layers.layer(layers.tree(Shape(3_000, 2500)))


def small_layers() -> Iterator[list[Entry]]:
    """Five thousand entries, 250 MB."""
    layers = Layers(2)
    yield layers.layer(layers.tree(Shape(4_000, 15_500)))
    yield layers.layer(layers.removed(20), layers.tree(Shape(700, 15_000)))
    yield layers.layer([layers.keep(entry._replace(mode=0o600)) for entry in layers.some(100)])
    yield layers.layer(layers.tree(Shape(200, 15_000)))


def growing_layers(entries: int) -> Callable[[], Iterator[list[Entry]]]:
    """Two layers of small files: nine tenths below; above new ones, changed ones and whiteouts in proportion."""

    def make() -> Iterator[list[Entry]]:
        layers = Layers(3)
        yield layers.layer(layers.tree(Shape(entries * 9 // 10, 150)))
        changed = layers.changed(entries // 50)
        yield layers.layer(changed, layers.removed(entries // 50), layers.tree(Shape(entries * 6 // 100, 150)))

    return make


def heavy_layers() -> Iterator[list[Entry]]:
    """The image of 10,000 entries again, with bodies 150 times as large."""
    layers = Layers(3)
    yield layers.layer(layers.tree(Shape(9_000, 150), body_scale=150))
    changed = layers.changed(200)
    yield layers.layer(changed, layers.removed(200), layers.tree(Shape(600, 150), body_scale=150))


PLAIN: dict[str, Callable[[], Iterator[list[Entry]]]] = {
    "bench": bench_layers,
    "small": small_layers,
    "growth-10k": growing_layers(10_000),
    "growth-100k": growing_layers(100_000),
    "growth-1m": growing_layers(1_000_000),
    "heavy-10k": heavy_layers,
}
