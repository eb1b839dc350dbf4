"""What happens to the body of a file while the walk passes it: it is hashed, looked at, both or neither."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterable, Iterator

from imgtar.formats.tar import sparse
from imgtar.formats.tar.cursor import Cursor
from imgtar.formats.tar.member import TarMember

Want = Callable[[bytes, int], bool]
Look = Callable[[bytes, int, Iterator[bytes]], object]


class Bodies:
    """`want(name, size)` says whether the body of a regular file is hashed.

    `look(name, size, body)` sees each stored body that is not empty, in pieces, and takes of it what it likes; what
    it answers (but None) is in `seen` by the body's offset.
    """

    def __init__(self, cursor: Cursor, want: Want | None, look: Look | None) -> None:
        self._cursor = cursor
        self.want = want
        self.look = look
        self.seen: dict[int, object] = {}

    def digest(self, offset: int, size: int) -> bytes | None:
        """The SHA-256 of a body, None where the tar ends before it does."""
        return _digest(self._cursor.chunks(offset, size), size)

    def looked(self, look: Look, name: bytes, offset: int, size: int) -> bytes | None:
        """Shows a body to `look`; its SHA-256 where it is wanted and whole."""
        chunks = self._shown(look, name, offset, size)
        return _digest(chunks, size) if self.want is not None and self.want(name, size) else None

    def passed(self, member: TarMember) -> TarMember:
        """The member, its body shown and hashed as it is wanted; a sparse one is hashed as it reads."""
        if self.look is not None and member.stored_size:
            chunks = self._shown(self.look, member.name, member.offset, member.stored_size)
        else:
            chunks = self._cursor.chunks(member.offset, member.stored_size)
        wanted = self.want is not None and self.want(member.name, member.size)
        return sparse.hashed(member, chunks) if wanted else member

    def _shown(self, look: Look, name: bytes, offset: int, size: int) -> Iterator[bytes]:
        """Shows a body to `look`, and gives all of it again: a stream passes once."""
        chunks = self._cursor.chunks(offset, size)
        taken: list[bytes] = []
        answer = look(name, size, _keeping(chunks, taken))
        if answer is not None:
            self.seen[offset] = answer
        return itertools.chain(taken, chunks)


def _digest(chunks: Iterable[bytes], size: int) -> bytes | None:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
        size -= len(chunk)
    return None if size else digest.digest()


def _keeping(chunks: Iterator[bytes], taken: list[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        taken.append(chunk)
        yield chunk
