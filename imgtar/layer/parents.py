"""Where the directory of an entry lies: links of the same layer are followed, missing parents are implied."""

from __future__ import annotations

from collections.abc import Callable

from imgtar.formats.tar import TarMember
from imgtar.limits import LAYER_LINK_HOPS

_COMPONENTS = 1 << 16  # of all link targets on one way: far above any real path


class Parents:
    """Resolves directories within one layer's tree.

    `found` remembers what was resolved; `forget` empties it, which is due whenever an existing path is replaced.
    """

    def __init__(
        self,
        entries: dict[bytes, TarMember],
        imply: Callable[[bytes], None],
        link_of: Callable[[bytes], bytes | None],
        become_directory: Callable[[bytes], None],
    ) -> None:
        self._entries = entries
        self._imply = imply
        self._link_of = link_of
        self._become_directory = become_directory
        self.found: dict[bytes, bytes] = {b"": b""}

    def forget(self) -> None:
        self.found.clear()
        self.found[b""] = b""

    def resolve(self, directory: bytes) -> bytes | None:
        """The path at which `directory` really lies; makes it and its parents exist. None where links loop."""
        known = self.found.get(directory)
        if known is not None:
            return known
        resolved = self._follow(directory)
        if resolved is None:
            return None
        for path in _prefixes(resolved):
            self._ensure(path)
            self.found.setdefault(path, path)
        self.found[directory] = resolved
        return resolved

    def look(self, directory: bytes) -> bytes | None:
        """Like `resolve`, but nothing is made."""
        known = self.found.get(directory)
        return self._follow(directory) if known is None else known

    def _ensure(self, path: bytes) -> None:
        entry = self._entries.get(path)
        if entry is None:
            self._imply(path)
        elif entry.type != "dir":
            self._become_directory(path)

    def _follow(self, directory: bytes) -> bytes | None:
        """Follows the layer's own symbolic links by components, `..` clamped at the root (255 hops, as engines)."""
        waiting = directory.split(b"/")[::-1]
        done: list[bytes] = []
        hops = steps = 0
        while waiting:
            steps += 1
            part = waiting.pop()
            if part == b"..":
                del done[-1:]
                continue
            if part in (b"", b"."):
                continue
            done.append(part)
            target = self._link_of(b"/".join(done))
            if target is None:
                continue
            hops += 1
            if hops > LAYER_LINK_HOPS or steps > _COMPONENTS:
                return None
            done.pop()
            if target.startswith(b"/"):
                done.clear()
            waiting.extend(target.split(b"/")[::-1])
        return b"/".join(done)


def _prefixes(path: bytes) -> list[bytes]:
    """`a`, `a/b`, `a/b/c` of `a/b/c`."""
    parts = path.split(b"/") if path else []
    return [b"/".join(parts[: count + 1]) for count in range(len(parts))]
