"""Where the directory of an entry lies: symbolic links of the same layer are followed."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate

from imgtar.layer.paths import join, parent, too_long
from imgtar.limits import LAYER_LINK_HOPS, MIB

_LOOKED_UP = 16 * MIB  # bytes of paths and link targets for one directory: far above any real one


def follow(
    directory: bytes, is_directory: Callable[[bytes], bool], link_target: Callable[[bytes], bytes | None]
) -> bytes | None:
    """The path at which `directory` really lies; None where links loop (255 hops, as engines) or lead too far.

    `is_directory` says whether a directory is at a path; then its parents are directories, too. `link_target` gives
    the target of the symbolic link at a path, None where there is none. `..` stops at the root. Of a path the longest
    part that exists is found by bisection, so the work is linear in its length, but for a logarithm.
    """
    if is_directory(directory):
        return directory
    reached = b""
    waiting = directory.split(b"/")[::-1]
    hops = looked_up = 0
    while waiting:
        if waiting[-1] == b"..":
            waiting.pop()
            reached = parent(reached)
            continue
        parts = _next_parts(waiting)
        if not parts:
            continue
        start = len(reached) if reached else -1
        path = join(reached, b"/".join(parts))
        ends = list(accumulate((len(part) + 1 for part in parts), initial=start))[1:]
        count = _existing(path, ends, is_directory)
        looked_up += len(path)
        target = link_target(path[: ends[count]]) if count < len(parts) else None
        if target is None:  # all of it exists, or nothing from there on
            reached = path
        else:
            hops += 1
            looked_up += len(target)
            waiting.extend(parts[:count:-1])
            waiting.extend(target.split(b"/")[::-1])
            reached = b"" if target.startswith(b"/") else parent(path[: ends[count]])
        if hops > LAYER_LINK_HOPS or looked_up > _LOOKED_UP:
            return None
    return None if too_long(reached) else reached


def _next_parts(waiting: list[bytes]) -> list[bytes]:
    """Takes the components before the next `..`."""
    parts: list[bytes] = []
    while waiting and waiting[-1] != b"..":
        part = waiting.pop()
        if part not in (b"", b"."):
            parts.append(part)
    return parts


def _existing(path: bytes, ends: list[int], is_directory: Callable[[bytes], bool]) -> int:
    """How many of the components of `path` that end at `ends` are directories."""
    low, high = 0, len(ends)
    while low < high:
        middle = (low + high + 1) // 2
        if is_directory(path[: ends[middle - 1]]):
            low = middle
        else:
            high = middle - 1
    return low
