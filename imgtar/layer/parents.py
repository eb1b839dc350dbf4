"""Where the directory of an entry lies: symbolic links of the same layer are followed."""

from __future__ import annotations

from collections.abc import Callable

from imgtar.limits import LAYER_LINK_HOPS

_COMPONENTS = 1 << 16  # of all link targets that one path leads through: far above any real path


def follow(directory: bytes, link_target: Callable[[bytes], bytes | None]) -> bytes | None:
    """The path at which `directory` really lies; None where links loop (255 hops, as engines).

    `link_target` gives the target of the symbolic link at a path, None where there is none. `..` stops at the root.
    """
    waiting = directory.split(b"/")[::-1]
    reached: list[bytes] = []
    hops = steps = 0
    while waiting:
        steps += 1
        part = waiting.pop()
        if part == b"..":
            del reached[-1:]
            continue
        if part in (b"", b"."):
            continue
        reached.append(part)
        target = link_target(b"/".join(reached))
        if target is None:
            continue
        hops += 1
        if hops > LAYER_LINK_HOPS or steps > _COMPONENTS:
            return None
        reached.pop()
        if target.startswith(b"/"):
            reached.clear()
        waiting.extend(target.split(b"/")[::-1])
    return b"/".join(reached)


def prefixes(path: bytes) -> list[bytes]:
    """`a`, `a/b`, `a/b/c` of `a/b/c`."""
    parts = path.split(b"/") if path else []
    return [b"/".join(parts[: count + 1]) for count in range(len(parts))]
