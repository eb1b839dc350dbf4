"""Probes on a layer that was scanned without them: they see the bodies that they want by one more look."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import msgspec

from imgtar.archive.input.blobs import Blob
from imgtar.findings import Finding, Where
from imgtar.formats.tar import Hole, TarMember, sparse
from imgtar.layer.bodies import LayerBodies, StoredBodies, stored_bodies
from imgtar.layer.probes import LayerWatch, Probe, WatchedBody
from imgtar.layer.scan import LayerScan
from imgtar.limits import LimitReached, Meter


def watched_later(
    scan: LayerScan, blob: Blob, probes: Sequence[Probe[object]], meter: Meter
) -> tuple[LayerScan, Finding | None]:
    """The scan with what the probes keep of the layer in `blob`, and the limit that ended the look, if one did.

    They see the files that the layer has under their last name; of a plain layer nothing else is read, a compressed
    one is decompressed once more. Raises InputError where the file cannot be read.
    """
    watch = LayerWatch(probes)
    files = [member for member in scan.entries.values() if member.type == "file" and member.stored_size]
    members = sorted(watch.candidates(files), key=lambda member: member.offset)
    reached = None
    try:
        bodies = stored_bodies(blob, meter)
        for member in members:
            watched = watch(member.name, member.stored_size, member.offset)
            if watched is not None:
                _pass(watched, member, blob, bodies)
    except LimitReached as limit:
        reached = limit.finding(Where(offset=limit.where.offset))
    return msgspec.structs.replace(scan, answers=watch.answers()), reached


def _pass(watched: WatchedBody, member: TarMember, blob: Blob, bodies: StoredBodies) -> None:
    """Shows one body to its watchers, as much as they need of it."""
    is_plain = isinstance(bodies, LayerBodies)
    segments = None if member.extra is None else member.extra.segments
    if segments is not None:
        _pass_sparse(watched, member, bodies)
    elif not is_plain or watched.look(partial(_part, blob, member)):
        for chunk in bodies.stored(member):
            if not watched.feed(chunk):
                break
    watched.finish()


def _pass_sparse(watched: WatchedBody, member: TarMember, bodies: StoredBodies) -> None:
    for piece in sparse.logical(sparse.segments_of(member), member.size, bodies.stored(member)):
        if isinstance(piece, Hole):
            watched.hole(piece.size)
        elif not watched.feed(piece):
            return


def _part(blob: Blob, member: TarMember, at: int, length: int) -> bytes:
    """Bytes of a body by offset, fewer where it or the tar ends."""
    size = min(length, member.stored_size - at)
    return blob.read_at(member.offset + at, size) if size > 0 else b""
