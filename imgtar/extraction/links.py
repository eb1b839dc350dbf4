"""Where symbolic links lead once they are written to a directory of this machine, without looking at the machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from imgtar.layer.paths import parent

Links = Literal["keep", "inside", "skip"]

_MISSING = -1  # a place that is not a directory of the output
_OUT = -2  # outside the output
_PENDING = -3  # a link that is being followed


class LinkTree:
    """The directories of an output and the symbolic links in them, followed as the kernel follows them.

    `targets` has the target of each link, `roots` how many bytes of its path lead to the root of its filesystem.
    With `rerooted` an absolute target starts at that root, else it is outside. Every link is followed once, so the
    work grows with the bytes of paths and targets.
    """

    def __init__(
        self,
        directories: Iterable[bytes],
        targets: Mapping[bytes, bytes],
        roots: Mapping[bytes, int],
        *,
        rerooted: bool,
    ) -> None:
        self._targets = targets
        self._roots = roots
        self._rerooted = rerooted
        self._above: list[int] = []  # of each directory the one that holds it
        self._numbers: dict[bytes, int] = {}
        self._below: dict[tuple[int, bytes], int | bytes] = {}  # directory and name: a directory, or the path of a link
        self._ends: dict[bytes, int] = {}  # of each link that was followed: a directory or one of the places above
        for path in sorted(directories):
            number = self._numbers[path] = len(self._above)
            above = self._numbers[parent(path)] if path else number
            self._above.append(above)
            if path:
                self._below[above, path[path.rfind(b"/") + 1 :]] = number
        for path in targets:
            self._below[self._numbers[parent(path)], path[path.rfind(b"/") + 1 :]] = path

    def leaves(self, link: bytes) -> bool:
        """Does this link lead out of the root of its filesystem? A loop leads nowhere."""
        if link not in self._ends:
            self._follow(link)
        return self._ends[link] == _OUT

    def written(self, link: bytes) -> bytes:
        """The target of the link, made relative where it is absolute."""
        target = self._targets[link]
        if not target.startswith(b"/"):
            return target
        depth = link.count(b"/", self._roots[link])
        return b"../" * depth + target.lstrip(b"/") if target.strip(b"/") else b"../" * depth + b"."

    def _follow(self, link: bytes) -> None:
        """Finds the end of the link and of every link on its way; each waits for those that its target passes."""
        waiting = [(link, self._walk(link))]
        self._ends[link] = _PENDING
        while waiting:
            path, walk = waiting[-1]
            needed = next(walk, None)
            if needed is None:
                waiting.pop()
                if self._ends[path] == _PENDING:
                    self._ends[path] = _MISSING
            elif needed not in self._ends:
                self._ends[needed] = _PENDING
                waiting.append((needed, self._walk(needed)))

    def _walk(self, link: bytes) -> Iterator[bytes]:
        """Follows one target and notes where it ends; yields each link whose end must be known to go on."""
        target, root = self._targets[link], self._numbers[self._root_of(link)]
        if target.startswith(b"/") and not self._rerooted:
            self._ends[link] = _OUT
            return
        place = root if target.startswith(b"/") else self._numbers[parent(link)]
        missing = 0  # names below `place` that are not directories
        for name in target.split(b"/"):
            if name in (b"", b"."):
                continue
            if name == b"..":
                if missing:
                    missing -= 1
                elif place == root:
                    self._ends[link] = _OUT
                    return
                else:
                    place = self._above[place]
                continue
            found = None if missing else self._below.get((place, name))
            if isinstance(found, bytes):
                yield found
                end = self._ends[found]
                if end == _OUT:
                    self._ends[link] = _OUT
                    return
                if end < 0:  # missing, or a loop
                    missing = 1
                else:
                    place = end
            elif found is None:
                missing += 1
            else:
                place = found
        self._ends[link] = _MISSING if missing else place

    def _root_of(self, link: bytes) -> bytes:
        return link[: self._roots[link]].rstrip(b"/")
