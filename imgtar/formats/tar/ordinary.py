"""The compiled walker, where it is installed: it reads and places ordinary members, and decides nothing.

It is optional. Without it, or with `IMGTAR_COMPILED=no` in the environment, the exact walker reads all headers.
"""

from __future__ import annotations

from typing import Protocol, cast

from imgtar.compiled import compiled_module
from imgtar.formats.tar.member import TarMember

LARGEST_NUMBER = 0o77777777  # of an ordinary header: mode, uid and gid
LARGEST_SIZE = 0o77777777777  # and size and time


class CompiledWalker(Protocol):
    """What `_ordinary.c` gives: a part of what the exact code gives, with equal values."""

    def read(self, window: bytes, first: int, start: int, /) -> tuple[list[TarMember], int, int]:
        """The ordinary members from `window[first]` on; `window[0]` is the byte `start` of the tar.

        Returns them, the byte where the first header lies that was not read, and how many headers were.
        """

    def place(
        self,
        members: list[TarMember],
        first: int,
        entries: dict[bytes, TarMember],
        implied: set[bytes],
        directories: dict[bytes, bytes],
        folded: list[bytes],
        characters: bytes,
        longest: int,
        /,
    ) -> tuple[int, int, int, int, int, int]:
        """Places `members[first:]` in the tree of a layer as long as they are ordinary.

        That is: with a plain name, in a directory that is known or can be made below one, at a path where nothing is
        yet. `characters` says of each byte whether it is odd (0), plain (1) or upper case (2); `longest` is the size of
        a path whose parts are surely short. Paths with upper case letters are also appended to `folded`. Returns the
        position of the first member that was not placed, the bytes of names to be counted, how many directories were
        made, the bytes of their paths, of files and of symbolic links.
        """

    def rows(
        self,
        paths: list[bytes],
        first: int,
        stop: int,
        entries: dict[bytes, TarMember],
        special: set[bytes],
        parts: tuple[bytes, ...],
        plain: bytes,
        /,
    ) -> tuple[bytes, int]:
        """A row for each of `paths[first:stop]`, with commas between them, and the position of the first path without.

        That is a path in `special`, one with an exact member in `entries`, or a text with a byte for which `plain` is
        0; a path without a member is an implied directory. `parts` are the texts around the values of a row: seven
        before path, type, size, mode, uid, gid and time, two around the target of a symbolic link, the end of any other
        row, and what stands behind the path of an implied directory.
        """

    def member(
        self,
        name: bytes,
        kind: int,
        size: int,
        mode: int,
        uid: int,
        gid: int,
        mtime: int,
        link: bytes,
        offset: int,
        content: bytes | None,
        /,
    ) -> TarMember:
        """The ordinary member with these values. Raises ValueError where no ordinary header states such a number.

        `kind` is 0 for a file, 1 for a hard link, 2 for a symbolic link, 3 for a directory.
        """


compiled = cast("CompiledWalker | None", compiled_module("imgtar.formats.tar._ordinary"))
