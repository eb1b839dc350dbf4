"""The digest of a body's content, which does not depend on what of it is stored and what is a hole.

Whole aligned pieces of 4096 zeros are counted, not hashed, so a hole costs nothing however long it is.
"""

from __future__ import annotations

import hashlib

import msgspec

PIECE = 4096
_ZEROS = bytes(PIECE)


class ContentDigest(msgspec.Struct, frozen=True):
    """What identifies the content of a body.

    `sha256` is the SHA-256 of all bytes, None where holes were not hashed. `condensed` is None where the body has no
    whole piece of zeros; else it is the digest of all other bytes and of where those pieces lie. Both are None where
    the content is not known.
    """

    sha256: bytes | None = None
    condensed: bytes | None = None

    @property
    def comparable(self) -> bytes | None:
        """Equal for two bodies of one size exactly where their bytes are equal; None where the content is not known."""
        return self.condensed or self.sha256


def digest_of(body: bytes) -> ContentDigest:
    """The digest of a body that is stored whole."""
    if len(body) < PIECE or 0 not in body[::PIECE]:
        return ContentDigest(hashlib.sha256(body).digest())
    content = ContentHash(whole=True)
    content.data(body)
    return content.digest()


class ContentHash:
    """Hashes the logical bytes of one body, which come in order: stored bytes by `data`, holes by `hole`.

    With `whole` the digest has the SHA-256 of all bytes, and no hole may come. `filled` counts the zeros of holes that
    were hashed, less than two pieces a hole.
    """

    def __init__(self, *, whole: bool) -> None:
        self._is_whole = whole
        self._rest = hashlib.sha256()  # all bytes but the whole pieces of zeros
        self._all: hashlib._Hash | None = None  # all bytes, once they are not the same as the rest
        self._runs = hashlib.sha256()  # where the whole pieces of zeros lie
        self._has_runs = False
        self._position = 0
        self._zeros = 0  # the last bytes: zeros from the beginning of a piece on, which nothing has hashed yet
        self.filled = 0

    def data(self, chunk: bytes) -> None:
        """Takes the next stored bytes."""
        if self._all is not None:
            self._all.update(chunk)
        size = len(chunk)
        first = -self._position % PIECE  # where the first piece begins
        done = 0
        if self._zeros and first:
            done = min(first, size)
            if chunk.startswith(_ZEROS[:done]):
                self._zeros += done
            else:
                self._settle(self._position)
                self._rest.update(chunk[:done])
        begins = chunk[first::PIECE]
        found = begins.find(0)
        while found >= 0:  # a piece of zeros begins with one
            at = first + found * PIECE
            length = min(PIECE, size - at)
            if chunk.startswith(_ZEROS[:length], at):
                self._others(chunk[done:at], done)
                if self._all is None and self._is_whole:
                    self._all = self._rest.copy()
                    self._all.update(chunk[at:])
                self._zeros += length
                done = at + length
            found = begins.find(0, found + 1)
        self._others(chunk[done:], done)
        self._position += size

    def _others(self, chunk: bytes, done: int) -> None:
        """Takes bytes of pieces that are not zero, `done` bytes behind the position."""
        if chunk:
            self._settle(self._position + done)
            self._rest.update(chunk)

    def hole(self, length: int) -> None:
        """Takes the next bytes, which are zeros and not stored."""
        if not self._zeros:
            head = min(-self._position % PIECE, length)
            self._fill(head)
            self._position += head
            length -= head
        self._zeros += length
        self._position += length

    def digest(self) -> ContentDigest:
        """The digest of the bytes so far, which are then the whole body."""
        self._settle(self._position)
        rest = self._rest.digest()
        if not self._has_runs:
            return ContentDigest(rest)
        everything = None if self._all is None else self._all.digest()
        return ContentDigest(everything, hashlib.sha256(rest + self._runs.digest()).digest())

    def _settle(self, position: int) -> None:
        """The zeros end at `position`: whole pieces of them are counted, the others hashed."""
        if self._zeros:
            pieces, left = divmod(self._zeros, PIECE)
            if pieces:
                self._has_runs = True
                self._runs.update(b"%d,%d;" % (position - self._zeros, pieces))
            self._fill(left)
            self._zeros = 0

    def _fill(self, zeros: int) -> None:
        self._rest.update(_ZEROS[:zeros])
        self.filled += zeros
