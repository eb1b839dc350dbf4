"""Paths that a person gives: as reports print them, resolved inside the root of one filesystem, or as patterns."""

from __future__ import annotations

import os
from collections.abc import Iterable

import msgspec

from imgtar.errors import UsageError
from imgtar.filesystem.tree import FileTree
from imgtar.formats.tar.path import clean
from imgtar.globs import BadGlob, Globs
from imgtar.layer.parents import follow
from imgtar.layer.paths import join, parent
from imgtar.text import escape, unescape

_WILDCARDS = frozenset("*?[")


class Resolved(msgspec.Struct, frozen=True):
    """Where a path leads: `path` is without links, `via` has each link on the way with its target as stored.

    `exists`: something is at `path`. `loops`: the links lead round in circles or too far, and `path` is as given.
    """

    path: bytes
    exists: bool
    via: tuple[tuple[bytes, bytes], ...] = ()
    loops: bool = False


def parse_path(text: str) -> bytes:
    r"""The path that `text` means: relative to the root, cleaned, `..` stopped at the root; b"" is the root.

    The codes of `imgtar.text.escape` are read (`\xe9` one byte, `\\` a backslash), so that a printed path can be given
    back. Raises UsageError for what no path can hold: a NUL, and half a character.
    """
    try:
        typed = os.fsencode(text).decode("utf-8", "surrogateescape")
        path = unescape(typed).encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise UsageError(
            "usage.path", f"{text}: no path has half a character", "give the path as imgtar prints it"
        ) from None
    if b"\0" in path:
        raise UsageError("usage.path", f"{text}: no path has a NUL character", "give the path as imgtar prints it")
    return clean(path)


def resolve(tree: FileTree, path: bytes, *, last: bool = True) -> Resolved:
    """Follows the symbolic links of a path inside the root, also absolute ones; with `last` also the one at its end."""
    via: list[tuple[bytes, bytes]] = []

    def link_target(link: bytes) -> bytes | None:
        target = _link_target(tree, link)
        if target is not None:
            via.append((link, target))
        return target

    def is_there(directory: bytes) -> bool:
        return not directory or is_directory(tree, directory)

    reached = follow(path if last else parent(path), is_there, link_target)
    if reached is None:
        return Resolved(path, exists=False, via=tuple(via), loops=True)
    if not last and path:
        reached = join(reached, path[len(parent(path)) :].lstrip(b"/"))
    return Resolved(reached, exists=not reached or reached in tree, via=tuple(via))


def is_directory(tree: FileTree, path: bytes) -> bool:
    """Is a directory at this very path? Then no link leads elsewhere on the way."""
    return path in tree and tree.entry(path).member.type == "dir"


def _link_target(tree: FileTree, path: bytes) -> bytes | None:
    if path not in tree:
        return None
    member = tree.entry(path).member
    return member.link if member.type == "symlink" else None


def is_pattern(text: str) -> bool:
    """Has the text a wildcard of `.gitignore`? A path that has such a character is found by its name first."""
    return not _WILDCARDS.isdisjoint(text)


def compile_pattern(text: str) -> Globs:
    r"""The pattern that `text` means, its codes read as `parse_path` reads them. Raises UsageError.

    A code stands for its character alone: `\x2a` is a star and no wildcard.
    """
    typed = os.fsencode(text).decode("utf-8", "surrogateescape")
    pattern = unescape(typed, _literally)
    try:  # bytes given one by one may be one character together
        return Globs([pattern.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")])
    except (BadGlob, UnicodeEncodeError) as problem:
        raise UsageError("usage.pattern", f"{escape(text)}: {problem}", "give a pattern as in .gitignore") from None


def _literally(character: str) -> str:
    """The pattern of one character; white space in brackets, because a pattern loses what it has at its end."""
    if character.isspace():
        return f"[{character}]"
    return character if ord(character) >= 0x80 else f"\\{character}"


def matching(paths: Iterable[bytes], text: str) -> list[bytes]:
    """Those of the paths that the pattern matches, themselves or by a directory above, sorted. Raises UsageError."""
    pattern = compile_pattern(text)
    return sorted(path for path in paths if pattern.match(path))
