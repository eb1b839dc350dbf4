"""The digests of contents: those that were taken while the layers passed, and of sparse files by one more look."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container, Iterable, Iterator, Mapping

from imgtar.analysis.search.contents import DIGESTS, ContentHash, DigestProbe
from imgtar.analysis.search.holders import Content, Stored
from imgtar.analysis.stacked_image import StackedImage
from imgtar.findings import Finding, FindingLog
from imgtar.formats.tar import Hole
from imgtar.image.bodies import Body

ReadBodies = Callable[[Iterable[Stored]], Iterator[Body]]
_EMPTY = hashlib.sha256().digest()


class Hashing:
    """Takes the digests of contents of an image: `digests` has them, `findings` what is wrong with the others.

    `read` gives bodies; `probe` saw them where the archive passed once, and counts the zeros of holes.
    """

    def __init__(self, stacked: StackedImage, read: ReadBodies, probe: DigestProbe) -> None:
        self._stacked = stacked
        self._read = read
        self._probe = probe
        self._seen = [{} if scan is None else scan.answers.of(DIGESTS).by_offset for scan in stacked.tree.scans]
        self._of_bodies = FindingLog()
        self.digests: dict[Content, bytes] = {}

    @property
    def findings(self) -> list[Finding]:
        """About bodies that are not whole, and holes that were not hashed."""
        return [*self._of_bodies, *(() if self._probe.unhashed is None else (self._probe.unhashed,))]

    def take(self, stored: Iterable[Stored], wanted: Container[bytes] | None = None) -> None:
        """Takes the digests of regular files that are among the wanted ones (None: of all). Raises InputError."""
        unknown: list[Stored] = []
        for layer, member in stored:
            digest = member.content if member.size else _EMPTY
            if digest is None:
                digest = self._seen[layer].get(member.offset) if member.stored_size else self._of_zeros(member.size)
            if digest is None:
                unknown.append((layer, member))
            elif wanted is None or digest in wanted:
                self.digests[layer, member.offset] = digest
        layers = self._stacked.image.layers if unknown else ()
        for body in self._read(one for one in unknown if layers[one[0]].ref.blob is not None) if unknown else ():
            digest = self._hash(body)
            if digest is not None and (wanted is None or digest in wanted):
                self.digests[body.layer, body.member.offset] = digest

    def taken(self, stored: Iterable[Stored]) -> Mapping[Content, bytes]:
        """Takes the digests of all these files; returns all that are known. Raises InputError."""
        self.take(stored)
        return self.digests

    def _of_zeros(self, size: int) -> bytes | None:
        """The digest of a file of nothing but a hole, which no probe sees."""
        content = ContentHash(self._probe, 0)
        content.hole(size)
        return content.finish()

    def _hash(self, body: Body) -> bytes | None:
        content = ContentHash(self._probe, body.member.stored_size)
        for piece in body.pieces():
            if isinstance(piece, Hole):
                content.hole(piece.size)
            else:
                content.feed(piece)
        if body.finding is None:
            return content.finish()
        self._of_bodies.add(body.finding)
        return None
