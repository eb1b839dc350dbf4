"""What `find` is asked for, as values: patterns, and what a version of a file must be."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from imgtar.amounts import size
from imgtar.errors import UsageError
from imgtar.filesystem.given_paths import compile_pattern, is_pattern, parse_path
from imgtar.filesystem.tree import FileEntry
from imgtar.formats.tar import MemberType
from imgtar.globs import Globs

Standing = Literal["present", "deleted"]
# The letters of `find -type`, and `h` for a hard link.
TYPES: dict[str, MemberType] = {
    "f": "file",
    "d": "dir",
    "l": "symlink",
    "h": "hardlink",
    "c": "char",
    "b": "block",
    "p": "fifo",
}
LONGEST_TEXT = 4 << 10  # bytes of a text to search for: the search keeps as many of each body that passes
_DIGEST = re.compile(r"sha256:([0-9a-fA-F]{64})")
_PERMISSIONS = 0o7777


class Patterns(msgspec.Struct, frozen=True, kw_only=True):
    """Patterns by the text that was given.

    `paths` are raw and relative to the root. A text with a slash and a wildcard is also in `literal`: where a file has
    that very path, the text means the file. `taken_back` leaves out what it matches, and what is below. `digests`
    maps the SHA-256 of a content to the text. `texts` are those that can find something, in their order.
    """

    texts: tuple[str, ...] = ()

    paths: Mapping[str, bytes] = {}
    globs: Mapping[str, Globs] = {}
    literal: Mapping[str, bytes] = {}
    taken_back: tuple[Globs, ...] = ()
    digests: Mapping[bytes, str] = {}

    @property
    def every_path(self) -> bool:
        """Is no pattern given, so that every path is asked for?"""
        return not self.texts


class Criteria(msgspec.Struct, frozen=True, kw_only=True):
    """What a version of a file must be; None and an empty set ask for nothing.

    `size` and `mode` are a sign and a number: more (`+`) or less (`-`) bytes, all (`-`) or any (`/`) of the bits;
    without a sign exactly so. `owner` is a uid and a gid, which may be None.
    """

    types: frozenset[MemberType] = frozenset()
    size: tuple[str, int] | None = None
    mode: tuple[str, int] | None = None
    owner: tuple[int, int | None] | None = None

    @property
    def ask_nothing(self) -> bool:
        """Is every version what is asked for?"""
        return not self.types and self.size is None and self.mode is None and self.owner is None

    def hold(self, entry: FileEntry) -> bool:
        """Is the version what is asked for?"""
        member = entry.member
        if self.types and entry.type not in self.types:
            return False
        if self.owner is not None and (member.uid != self.owner[0] or self.owner[1] not in (None, member.gid)):
            return False
        return _size_holds(self.size, entry.size) and _mode_holds(self.mode, member.mode & _PERMISSIONS)


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for, and where: in the layers 0 to `upto` (None: all), or in what `layer` alone does.

    `standing`: the path must be in the filesystem, or must have gone. `digests` asks for the digest of each version,
    `all_events` also for directories that are listed again unchanged and for what is stored at no path. `text` must
    be in the content.
    """

    patterns: Patterns = Patterns()
    criteria: Criteria = Criteria()
    standing: Standing | None = None
    layer: int | None = None
    upto: int | None = None
    digests: bool = False
    all_events: bool = False
    text: bytes | None = None

    @property
    def top(self) -> int | None:
        """The last layer that matters; None: the last of the image."""
        return self.upto if self.layer is None else self.layer


def parse_patterns(given: Iterable[str]) -> Patterns:
    """The patterns that these texts are.

    A text with a slash and no wildcard is a path; any other one a glob, which without a slash means a name in any
    directory. Raises UsageError for a text that cannot be a pattern.
    """
    paths: dict[str, bytes] = {}
    globs: dict[str, Globs] = {}
    literal: dict[str, bytes] = {}
    taken_back: list[Globs] = []
    digests: dict[bytes, str] = {}
    texts = dict.fromkeys(given)
    for text in texts:
        path = parse_path(text)
        if text.startswith("sha256:"):
            digests.setdefault(_digest(text), text)
        elif text.startswith("!"):
            taken_back.append(compile_pattern(text[1:]))
        elif "/" not in text:
            globs[text] = compile_pattern(text)
        elif not is_pattern(text):
            paths[text] = path
        else:
            literal[text] = path
            with contextlib.suppress(UsageError):  # `/bin/[` can only be a path
                globs[text] = compile_pattern(text)
    return Patterns(
        texts=tuple(text for text in texts if not text.startswith("!")),
        paths=paths,
        globs=globs,
        literal=literal,
        taken_back=tuple(taken_back),
        digests=digests,
    )


def _digest(text: str) -> bytes:
    found = _DIGEST.fullmatch(text)
    if found is None:
        raise UsageError("usage.pattern", f"{text}: a SHA-256 has 64 hex digits", f"write ./{text} for a path")
    return bytes.fromhex(found[1])


def parse_types(text: str) -> frozenset[MemberType]:
    """The types that letters with commas between them stand for. Raises ValueError."""
    letters = text.split(",")
    unknown = [letter for letter in letters if letter not in TYPES]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is none of {','.join(TYPES)}")
    return frozenset(TYPES[letter] for letter in letters)


def parse_size(text: str) -> tuple[str, int]:
    """A size with or without a sign. Raises ValueError."""
    sign = text[:1] if text[:1] in ("+", "-") else ""
    return sign, size(text[len(sign) :])


def parse_mode(text: str) -> tuple[str, int]:
    """Permission bits in octal digits, with or without `-` or `/`. Raises ValueError."""
    found = re.fullmatch(r"([-/]?)([0-7]{1,4})", text, re.ASCII)
    if found is None:
        raise ValueError("give up to four octal digits, such as 4755, -4000 or /6000")
    return found[1], int(found[2], 8)


def parse_owner(text: str) -> tuple[int, int | None]:
    """`UID` or `UID:GID`. Raises ValueError."""
    found = re.fullmatch(r"(\d{1,10})(?::(\d{1,10}))?", text, re.ASCII)
    if found is None:
        raise ValueError("give numbers: UID or UID:GID")
    return int(found[1]), None if found[2] is None else int(found[2])


def parse_text(text: str) -> bytes:
    """The bytes to search for. Raises ValueError."""
    raw = os.fsencode(text)
    if not raw or b"\0" in raw or len(raw) > LONGEST_TEXT:
        raise ValueError(f"give a text of 1 to {LONGEST_TEXT:,} bytes without a NUL")
    return raw


def _size_holds(asked: tuple[str, int] | None, is_size: int) -> bool:
    if asked is None:
        return True
    sign, number = asked
    return is_size > number if sign == "+" else is_size < number if sign == "-" else is_size == number


def _mode_holds(asked: tuple[str, int] | None, mode: int) -> bool:
    if asked is None:
        return True
    sign, bits = asked
    if sign == "/":
        return not bits or bool(mode & bits)
    return (mode & bits if sign else mode) == bits
