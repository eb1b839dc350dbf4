"""What happens to the body of a file while the walk passes it: it is hashed, watched, both or neither."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from imgtar.formats.tar import sparse
from imgtar.formats.tar.content import ContentDigest, ContentHash, digest_of
from imgtar.formats.tar.cursor import Cursor
from imgtar.formats.tar.member import TarMember
from imgtar.limits import Meter


class BodyWatcher(Protocol):
    """Takes the stored bytes of one body as they pass."""

    def feed(self, chunk: bytes, /) -> bool:
        """Takes the next bytes; False when no more are needed."""

    def look(self, read: ReadAt, /) -> bool:
        """Reads parts of the body, wherever they lie; False when the rest of the body need not pass."""

    def hole(self, length: int, /) -> None:
        """In a sparse file zeros follow that are not stored."""

    def finish(self) -> None:
        """The body has passed, or no more was needed, or the tar ends inside it."""


class Watch(Protocol):
    """Says which stored bodies, none of them empty, somebody watches."""

    def candidates(self, members: Sequence[TarMember], /) -> Sequence[TarMember]:
        """Those of the members whose bodies may be watched, by a look at name and size alone."""

    def __call__(self, name: bytes, size: int, offset: int, /) -> BodyWatcher | None:
        """A watcher for a body, None where nobody wants it."""


ReadAt = Callable[[int, int], bytes]  # bytes of a body by offset and size, fewer where it or the tar ends
Want = Callable[[bytes, int], bool]


class Bodies:
    """`want(name, size)` says whether the body of a regular file is hashed.

    `watch` says which are watched.
    """

    def __init__(self, cursor: Cursor, meter: Meter, want: Want | None, watch: Watch | None) -> None:
        self._cursor = cursor
        self._meter = meter
        self.want = want
        self.watch = watch

    @property
    def passes(self) -> bool:
        """Does anybody ask for bodies?"""
        return self.want is not None or self.watch is not None

    def pass_batch(self, batch: list[TarMember], window: bytes, start: int) -> list[TarMember]:
        """Ordinary members that follow one another, their bodies watched and hashed as they are wanted."""
        if self.want is None and self.watch is not None:
            for member in self.watch.candidates(batch):
                self.pass_ordinary(member, window, start)
            return batch
        return [self.pass_ordinary(member, window, start) if member.size else member for member in batch]

    def pass_ordinary(self, member: TarMember, window: bytes, start: int) -> TarMember:
        """The member, its stored body, which is not empty, watched and hashed as it is wanted.

        `window` holds bytes of the tar from `start` on, all of the body or not.
        """
        name, size, offset = member.name, member.size, member.offset
        watcher = None if self.watch is None else self.watch(name, size, offset)
        wanted = self.want is not None and self.want(name, size)
        if watcher is None and not wanted:
            return member
        first = offset - start
        head = window[first : first + size]
        if watcher is None and len(head) == size:
            return member.with_digest(digest_of(head))
        chunks = self._chunks(head, size, offset)
        if wanted:
            member = member.with_digest(_digest(chunks if watcher is None else _fed(watcher, chunks), size))
        elif watcher is not None and self._passes(watcher, head, size, offset):
            _feed(watcher, chunks)
        if watcher is not None:
            watcher.finish()
        return member

    def _chunks(self, head: bytes, size: int, offset: int) -> Iterator[bytes]:
        """The body whose first bytes are at hand."""
        if head:
            yield head
        yield from self._cursor.chunks(offset + len(head), size - len(head))

    def _passes(self, watcher: BodyWatcher, head: bytes, size: int, offset: int) -> bool:
        """Must the body pass, or does the watcher know enough by parts of it?"""
        if len(head) == size or self._cursor.read_at(offset, 0) is None:
            return True

        def read(at: int, length: int) -> bytes:
            if at + length <= len(head):
                return head[at : at + length]
            return self._cursor.read_at(offset + at, min(length, size - at)) or b"" if at < size else b""

        return watcher.look(read)

    def passed(self, member: TarMember) -> TarMember:
        """The member, its body watched and hashed as it is wanted; a sparse one is hashed as it reads."""
        stored = member.stored_size
        watcher = self.watch(member.name, stored, member.offset) if self.watch is not None and stored else None
        chunks = fed = self._cursor.chunks(member.offset, stored)
        segments = None if member.extra is None else member.extra.segments
        if watcher is not None:
            fed = _fed(watcher, chunks) if segments is None else _fed_with_holes(watcher, chunks, segments, member.size)
        if self.want is not None and member.size and self.want(member.name, member.size):
            digest, filled = sparse.hashed(member, fed)
            if filled:
                self._meter.decompress(filled)
            member = member.with_digest(digest)
        elif watcher is not None and segments is None and self._passes(watcher, b"", stored, member.offset):
            _feed(watcher, chunks)
        if watcher is not None:
            if segments is not None:
                for _ in fed:  # what nobody hashed, and the last hole
                    pass
            watcher.finish()
        return member


def _digest(chunks: Iterable[bytes], size: int) -> ContentDigest:
    content = ContentHash(whole=True)
    for chunk in chunks:
        content.data(chunk)
        size -= len(chunk)
    return ContentDigest() if size else content.digest()


def _feed(watcher: BodyWatcher, chunks: Iterable[bytes]) -> None:
    """Feeds the watcher as long as it needs more."""
    for chunk in chunks:
        if not watcher.feed(chunk):
            return


def _fed_with_holes(
    watcher: BodyWatcher, chunks: Iterator[bytes], segments: sparse.Segments, size: int
) -> Iterator[bytes]:
    """The stored bytes of a sparse body of `size` bytes; the watcher gets the holes, too, as long as it needs more."""
    hungry = True
    for piece in sparse.logical(segments, size, chunks):
        if isinstance(piece, sparse.Hole):
            if hungry:
                watcher.hole(piece.size)
        else:
            hungry = hungry and watcher.feed(piece)
            yield piece


def _fed(watcher: BodyWatcher, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """All chunks, each fed to the watcher as long as it needs more."""
    hungry = True
    for chunk in chunks:
        if hungry:
            hungry = watcher.feed(chunk)
        yield chunk
