"""The bytes of chosen files of an image: the bodies of members that a scan found, each layer read once."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence

from imgtar.errors import InputError
from imgtar.findings import Finding, Where
from imgtar.formats.tar import Hole as Hole
from imgtar.formats.tar import Piece as Piece
from imgtar.formats.tar import TarMember, sparse
from imgtar.formats.tar.path import clean
from imgtar.image.image import LayerOutline
from imgtar.layer import problems
from imgtar.layer.bodies import StoredBodies, stored_bodies
from imgtar.limits import LimitReached, Meter


class Body:
    """The content of one file, which passes once.

    `finding` says why it is not whole: set when `pieces` has ended, None where all bytes came. It has the layer, not
    the image.
    """

    def __init__(self, layer: int, member: TarMember, bodies: StoredBodies, meter: Meter) -> None:
        self.layer = layer
        self.member = member
        self.finding: Finding | None = None
        self._meter = meter
        self._where = Where(layer=layer, path=clean(member.name), offset=member.offset)
        self._pieces = self._read(bodies)

    def pieces(self) -> Iterator[Piece]:
        """The content in order, in pieces of at most about 1 MiB, each hole in one piece. There is one iterator.

        Damage and a limit that is reached end it. Raises InputError where the file of the archive cannot be read.
        """
        return self._pieces

    def chunks(self) -> Iterator[bytes]:
        """The content as bytes in chunks of at most about 1 MiB: the zeros of holes count as decompressed bytes."""
        try:
            for piece in self._pieces:
                for chunk in sparse.filled(piece):
                    if isinstance(piece, Hole):
                        self._meter.decompress(len(chunk))
                    yield chunk
        except LimitReached as reached:
            self.finding = reached.finding(self._where)

    def close(self) -> None:
        """Nothing more is read of the body."""
        self._pieces.close()

    def _read(self, bodies: StoredBodies) -> Generator[Piece, None, None]:
        member = self.member
        read = 0
        try:
            for piece in sparse.logical(sparse.segments_of(member), member.size, bodies.stored(member)):
                yield piece
                read += piece.size if isinstance(piece, Hole) else len(piece)
        except LimitReached as reached:
            self.finding = reached.finding(self._where)
            return
        if read < member.size:
            self.finding = problems.BODY_CUT.at(self._where, name=member.name, read=read, size=member.size)


def read_bodies(
    layers: Sequence[LayerOutline], wanted: Iterable[tuple[int, TarMember]], meter: Meter
) -> Iterator[Body]:
    """The bodies of `wanted`, members of regular files with the index of the layer that stores them.

    They come by layer and, within a layer, by offset, each member once however often it is wanted. A plain layer is
    read by offset, a compressed one decompressed once and no further than its last body. A body is read before the
    next one is asked for, or not at all. Raises InputError where the file cannot be read, or where the archive passed
    once and nothing kept its bytes.
    """
    by_layer: dict[int, dict[int, TarMember]] = {}
    for layer, member in wanted:
        by_layer.setdefault(layer, {}).setdefault(member.offset, member)
    for layer in sorted(by_layer):
        blob = layers[layer].ref.blob
        if blob is None:
            raise InputError(
                "input.passed", "the bytes of the archive passed once and were not kept", "give spool= to open_session"
            )
        bodies = stored_bodies(blob, meter)
        members = by_layer.pop(layer)
        for offset in sorted(members):
            body = Body(layer, members[offset], bodies, meter)
            yield body
            body.close()
