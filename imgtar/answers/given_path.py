"""What the PATH of a command line means in a listing: a path and all below it, or what a pattern matches."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from imgtar.analysis.usage import Selects, everything
from imgtar.filesystem.given_paths import compile_pattern, is_pattern, parse_path, resolve
from imgtar.filesystem.tree import FileTree


class Selection(msgspec.Struct, frozen=True):
    """What PATH selects. `leads_to` is the path that links lead to, None where PATH itself was taken.

    `found` is False where nothing is there, and then `loops` says that links lead round in circles.
    """

    selects: Selects
    leads_to: bytes | None = None
    found: bool = True
    loops: bool = False


def select(text: str, paths: Callable[[], Iterable[bytes]], tree: FileTree, is_directory: Selects) -> Selection:
    """What PATH means among `paths`: their names first, then a pattern, then where the links of `tree` lead.

    The root is always found. A slash at the end follows a link, too. Raises UsageError for what is neither path nor
    pattern.
    """
    path = parse_path(text)
    way = resolve(tree, path)
    follows = text.endswith("/") and way.exists and way.path != path
    if not follows and (not path or any(map(_below(path), paths()))):
        return Selection(_below(path))
    if not follows and is_pattern(text):
        return _matching(text, paths, is_directory)
    if way.path == path:
        return Selection(_below(path), found=False, loops=way.loops)
    return Selection(_below(way.path), way.path, found=any(map(_below(way.path), paths())))


def _below(directory: bytes) -> Selects:
    """Selects a path and all that is below it."""
    if not directory:
        return everything
    below = directory + b"/"

    def selects(path: bytes) -> bool:
        return path == directory or path.startswith(below)

    return selects


def _matching(text: str, paths: Callable[[], Iterable[bytes]], is_directory: Selects) -> Selection:
    match = compile_pattern(text).match
    directories = text.endswith("/")

    def selects(path: bytes) -> bool:
        return match(path) or (directories and match(path, directory=True) and is_directory(path))

    return Selection(selects, found=any(map(selects, paths())))
