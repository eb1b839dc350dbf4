"""Which of the paths that layers change the patterns ask for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set

import msgspec

from imgtar.analysis.search.query import Patterns
from imgtar.analysis.stacked_image import StackedImage
from imgtar.filesystem.given_paths import compile_pattern, is_pattern, parse_path, resolve
from imgtar.filesystem.tree import FileTree
from imgtar.globs import Globs

Hops = tuple[tuple[bytes, bytes], ...]  # symbolic links and their targets, in the order in which they are followed
_FEW = 4  # names, for each of which every path is looked at
_SPECIAL = re.compile(r"[\\*?\[\]!#\s]")


class _Glob(msgspec.Struct, frozen=True):
    """A glob that was given as `text`, or the same behind the links `hops` on its way."""

    text: str
    globs: Globs
    only_directories: bool
    hops: Hops = ()


class Selector:
    """The patterns, applied to one image. `more` are paths that are asked for besides.

    `via` has the links that lead to a path which was asked for by another one, `loops` the paths that lead nowhere,
    because links on their way lead to one another, with these links. `via` and `matched`, the texts of the patterns
    that ask for a path that there is, are whole when all layers were selected from.
    """

    def __init__(self, patterns: Patterns, stacked: StackedImage, more: Set[bytes], *, everything: bool) -> None:
        self._stacked = stacked
        self._everything = everything
        self.via: dict[bytes, Hops] = {}
        self.loops: dict[bytes, Hops] = {}
        self.matched: set[str] = set()
        self._texts: dict[bytes, list[str]] = {path: [] for path in more}  # of the patterns that mean the path
        self._globs: list[_Glob] = []
        for text, path in patterns.paths.items():
            self._add_path(text, path)
        for text, path in patterns.literal.items():
            if text not in patterns.globs or _existed(stacked.tree, path):
                self._add_path(text, path)
        self._names: dict[bytes, list[str]] = {}  # of files in any directory
        means_a_path = {text for texts in self._texts.values() for text in texts}
        names = [text for text in patterns.globs if "/" not in text and not is_pattern(text)]
        for text, globs in patterns.globs.items():
            if len(names) > _FEW and "/" not in text and not is_pattern(text):
                self._names.setdefault(parse_path(text), []).append(text)
            elif text not in means_a_path:
                self._add_glob(text, globs)
        self._taken_back = patterns.taken_back
        self._asked = frozenset(self._texts)

    @property
    def given(self) -> Set[bytes]:
        """The paths that patterns mean as such, and those to which links on their way lead."""
        return {path for path, texts in self._texts.items() if texts}

    def changed(self, layer: int) -> Iterator[bytes]:
        """The paths that are asked for among those that a layer changes; one may come more than once."""
        changes = self._stacked.changes[layer]
        for rows in (changes.added, changes.modified, changes.deleted):
            yield from self._selected(rows, layer)

    def listed(self, layer: int) -> Iterator[bytes]:
        """The same among those that the layer lists, changed or not."""
        scan = self._stacked.tree.scans[layer]
        return iter(()) if scan is None else self._selected(scan.entries, layer)

    def means(self, path: bytes) -> bool:
        """Is a file asked for that is stored at this path and that the final filesystem lacks?"""
        globs = (glob.globs for glob in self._globs if not glob.only_directories)
        asked = path in self._texts or path[path.rfind(b"/") + 1 :] in self._names
        asked = asked or any(True for each in globs for _ in each.select((path,)))
        return asked and not any(each.match(path) for each in self._taken_back)

    def _selected(self, rows: Iterable[bytes], layer: int) -> Iterator[bytes]:
        found = self._meant(rows, layer)
        return (path for path in found if not self._is_taken_back(path, layer)) if self._taken_back else found

    def _is_taken_back(self, path: bytes, layer: int) -> bool:
        directory = self._stacked.version(path, layer).type == "dir"
        return any(globs.match(path, directory=directory) for globs in self._taken_back)

    def _meant(self, rows: Iterable[bytes], layer: int) -> Iterator[bytes]:
        if self._everything:
            yield from rows
            return
        for path in self._asked.intersection(rows):
            self.matched.update(self._texts[path])
            yield path
        if self._names:
            for path in rows:
                texts = self._names.get(path[path.rfind(b"/") + 1 :])
                if texts is not None:
                    self.matched.update(texts)
                    yield path
        for glob in self._globs:
            for path in glob.globs.select(rows):
                if glob.only_directories and self._stacked.version(path, layer).type != "dir":
                    continue
                self.matched.add(glob.text)
                if glob.hops:
                    self.via.setdefault(path, glob.hops)
                yield path

    def _add_path(self, text: str, path: bytes) -> None:
        """Takes in a path, and the one at which it really lies; with a slash behind it a link is what it leads to."""
        follows = text.endswith("/")
        resolved = resolve(self._stacked.tree, path, last=follows)
        if not (follows and resolved.via and resolved.exists):
            self._texts.setdefault(path, []).append(text)
        if resolved.loops:
            self.loops[path] = tuple(dict.fromkeys(resolved.via))
        elif resolved.via:
            self._texts.setdefault(resolved.path, []).append(text)
            self.via[resolved.path] = resolved.via

    def _add_glob(self, text: str, globs: Globs) -> None:
        """Takes in a glob, and the same in the directory at which its first parts really lie."""
        only_directories = text.endswith("/")
        meant = compile_pattern(text.rstrip("/")) if only_directories else globs
        self._globs.append(_Glob(text, meant, only_directories))
        parts = text.strip("/").split("/")
        fixed = next((number for number, part in enumerate(parts) if is_pattern(part)), 0)
        resolved = resolve(self._stacked.tree, parse_path("/".join(parts[:fixed])))
        if resolved.via and resolved.path:
            real = resolved.path.decode("utf-8", "surrogateescape")
            quoted = _SPECIAL.sub(lambda character: f"\\x{ord(character[0]):02x}", real)
            there = compile_pattern(f"/{quoted}/{'/'.join(parts[fixed:])}")
            self._globs.append(_Glob(text, there, only_directories, resolved.via))


def _existed(tree: FileTree, path: bytes) -> bool:
    """Is or was something at a path?"""
    return any(scan is not None and (path in scan.entries or path in scan.implied) for scan in tree.scans)
