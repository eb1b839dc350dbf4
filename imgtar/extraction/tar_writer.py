"""Writes a plan as one flat tar, always the same bytes: sorted by path, PAX, no whiteouts."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from typing import IO

import msgspec

from imgtar.archive.index.spooled_index import temporary_folder, unnamed_file
from imgtar.errors import DamageError, LimitError
from imgtar.extraction import pax
from imgtar.extraction.directory_writer import Bodies
from imgtar.extraction.plan import Item, Plan
from imgtar.findings import Effect, Finding
from imgtar.formats.tar.sparse import filled
from imgtar.image.bodies import Body

_PIECE = 1 << 20


class Waiting(msgspec.Struct, frozen=True):
    """The contents of a compressed layer, which come in another order than the tar has them, in a temporary file.

    `places` has where each lies, `damaged` what was not whole, `findings` why. `stopped`: a limit ended the reading.
    """

    file: IO[bytes]
    places: dict[tuple[int, int], int]
    damaged: tuple[Item, ...]
    findings: tuple[Finding, ...]
    stopped: bool


def set_aside(
    plan: Plan, bodies: Bodies, is_passing: Callable[[int], bool], announce: Callable[[str], None]
) -> Waiting:
    """Reads the contents that cannot be read by offset into a temporary file without a name.

    `is_passing` says of a layer that its bytes pass in order only; `announce` is told the directory of the file. Raises
    OSError where the file cannot be written.
    """
    wanted = [item for item in plan.items if item.type == "file" and item.member.size and is_passing(item.layer)]
    if not wanted:
        return Waiting(io.BytesIO(), {}, (), (), stopped=False)
    wanted.sort(key=lambda item: (item.layer, item.member.offset))
    folder = temporary_folder()
    file: IO[bytes] = open(unnamed_file(folder), "w+b")  # noqa: SIM115 -- the caller closes it
    announce(folder)
    places: dict[tuple[int, int], int] = {}
    damaged, findings = [], []
    stopped = False
    for item, body in zip(wanted, bodies((item.layer, item.member) for item in wanted), strict=True):
        place = file.tell()
        for piece in body.pieces():
            for chunk in filled(piece):
                file.write(chunk)
        if body.finding is None:
            places[item.layer, item.member.offset] = place
            continue
        damaged.append(item)
        findings.append(body.finding)
        if body.finding.effect is Effect.LIMIT:
            stopped = True
            break
    return Waiting(file, places, tuple(damaged), tuple(findings), stopped)


def tar_chunks(plan: Plan, bodies: Bodies, waiting: Waiting) -> Iterator[bytes]:
    """The tar in pieces. Raises DamageError where a content is cut that was whole when it was scanned."""
    for item in plan.items:
        head = pax.headers(item)
        size = item.member.size if item.type == "file" else 0
        if not size:
            yield head
            continue
        yield head
        yield from _content(item, bodies, waiting)
        yield pax.padding(size)
    for name, content in plan.documents:  # their names follow those of all layers
        yield pax.document_header(name, len(content)) + content + pax.padding(len(content))
    yield pax.END


def _content(item: Item, bodies: Bodies, waiting: Waiting) -> Iterator[bytes]:
    place = waiting.places.get((item.layer, item.member.offset))
    if place is not None:
        waiting.file.seek(place)
        left = item.member.size
        while left:
            chunk = waiting.file.read(min(_PIECE, left))
            left -= len(chunk)
            yield chunk
        return
    for body in bodies([(item.layer, item.member)]):
        yield from _whole(body)


def _whole(body: Body) -> Iterable[bytes]:
    for piece in body.pieces():
        yield from filled(piece)
    if body.finding is not None:
        if body.finding.effect is Effect.LIMIT:
            raise LimitError("extract.time", "the time is up", "allow more with --timeout")
        raise DamageError(
            "extract.changed", "the archive changed while its files were read", "extract again from a copy of it"
        )
