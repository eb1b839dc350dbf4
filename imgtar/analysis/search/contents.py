"""What is asked of the contents of files while the layers pass: a text in them, or their digests.

A sparse file is searched and hashed as it reads, its holes included.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Container

from imgtar.findings import Finding
from imgtar.formats.tar.sparse import ZEROS
from imgtar.layer.probes import Topic
from imgtar.limits import LimitReached, Limits

TEXT_FOUND: Topic[bool] = Topic("text-found")
DIGESTS: Topic[bytes] = Topic("content-digests")
# Up to this length the search of bytes is linear whatever the content is; that of a longer text by an expression is.
_SHORT = 99


class TextProbe:
    """Answers True for each body that has `text`, which may lie across the borders of its pieces."""

    topic = TEXT_FOUND

    def __init__(self, text: bytes) -> None:
        self._length = len(text)
        self._is_in: Callable[[bytes], object]
        if len(text) <= _SHORT:
            self._is_in = lambda content: text in content
        else:
            self._is_in = re.compile(re.escape(text)).search

    def wants(self, _path: bytes, size: int, /) -> bool:
        return size >= self._length

    def watch(self, _path: bytes, _size: int, /) -> TextSearch:
        return TextSearch(self._is_in, self._length - 1)


class TextSearch:
    """Searches one body."""

    def __init__(self, is_in: Callable[[bytes], object], border: int) -> None:
        self._is_in = is_in
        self._border = border  # bytes of the text that may lie before the border of two pieces
        self._before = b""
        self._found = False

    def feed(self, chunk: bytes, /) -> bool:
        border = self._border
        across = self._before + chunk[:border]
        self._found = bool(self._is_in(chunk)) or (bool(self._before) and bool(self._is_in(across)))
        self._before = chunk[-border:] if len(chunk) >= border else (self._before + chunk)[-border:]
        if not border:
            self._before = b""
        return not self._found

    def hole(self, _length: int, /) -> None:
        """Zeros follow, which are in no text."""
        self._before = b""

    def finish(self) -> bool | None:
        return self._found or None


class DigestProbe:
    """Answers the SHA-256 of each body whose digest is `wanted` (None: of all).

    Of all bodies together as many zeros in holes are hashed as the limit `hole-bytes` allows, while there is time;
    `unhashed` is the finding about the first body beyond.
    """

    topic = DIGESTS

    def __init__(self, wanted: Container[bytes] | None, limits: Limits) -> None:
        self._wanted = wanted
        self._limits = limits
        self._holes_left = limits.hole_bytes
        self.unhashed: Finding | None = None

    def wants(self, _path: bytes, _size: int, /) -> bool:
        return True

    def watch(self, _path: bytes, size: int, /) -> ContentHash:
        return ContentHash(self, size)

    def is_wanted(self, digest: bytes) -> bool:
        """Is it the digest of a content that is asked for?"""
        return self._wanted is None or digest in self._wanted

    def takes(self, zeros: int) -> bool:
        """May a hole of so many zeros be hashed?"""
        if zeros > self._holes_left:
            self.unhashed = self.unhashed or LimitReached("hole-bytes", self._limits.hole_bytes).finding()
            return False
        self._holes_left -= zeros
        return True

    def has_time(self) -> bool:
        """Is there time for more zeros?"""
        try:
            self._limits.check_deadline()
        except LimitReached as reached:
            self.unhashed = self.unhashed or reached.finding()
            return False
        return True


class ContentHash:
    """Hashes one body of `left` stored bytes; one that is cut, or has too many zeros in holes, has no digest."""

    def __init__(self, probe: DigestProbe, left: int) -> None:
        self._probe = probe
        self._left = left
        self._hash = hashlib.sha256()
        self._is_whole = True

    def feed(self, chunk: bytes, /) -> bool:
        self._hash.update(chunk)
        self._left -= len(chunk)
        return self._is_whole

    def hole(self, length: int, /) -> None:
        """Takes zeros that are not stored."""
        self._is_whole = self._is_whole and self._probe.takes(length)
        while length and self._is_whole:
            zeros = min(length, len(ZEROS))
            self._hash.update(ZEROS[:zeros])
            length -= zeros
            self._is_whole = self._probe.has_time()

    def finish(self) -> bytes | None:
        if self._left or not self._is_whole:
            return None
        digest = self._hash.digest()
        return digest if self._probe.is_wanted(digest) else None
