"""A member knows where its header block is, whatever lies between the header and the body."""

from __future__ import annotations

import pytest

from imgtar.formats.tar import RegionCursor, StreamCursor, TarMember, TarWalk
from imgtar.layer.scan import scan_layer
from imgtar.limits import Meter
from tests.builders import GNU, directory, file, gnu_long, header, number, padded, pax, sparse_1_0, tar, whiteout
from tests.filesystem.stack import Bytes

DATA = b"data"


def old_gnu_sparse(name: str) -> bytes:
    """A sparse file of type `S` whose map goes on in one extension block."""
    pairs = number(100, 12) + number(len(DATA), 12)
    patches = {386: pairs, 482: b"\1", 483: number(200, 12)}
    head = header(name, typeflag=b"S", magic=GNU, size=len(DATA), patches=patches)
    return head + bytes(512) + padded(DATA)


MEMBERS = {
    "plain": (file("f", DATA), 0),
    "empty": (file("f"), 0),
    "directory": (directory("f/"), 0),
    "behind a pax header": (pax({"mtime": "1.5"}) + file("f", DATA), 1024),
    "behind a long name": (gnu_long("n" * 600) + file("f", DATA), 1536),
    "sparse 1.0, a block of map": (sparse_1_0("f", 2000, [(1000, DATA)]), 1024),
    "sparse 1.0, two blocks of map": (sparse_1_0("f", 10**6, [(at * 1000, b"x") for at in range(90)]), 1024),
    "old GNU sparse, one extension block": (old_gnu_sparse("f"), 0),
}


def walks(raw: bytes) -> list[list[TarMember]]:
    """The members by both cursors."""
    region = RegionCursor(lambda offset, size: raw[offset : offset + size], len(raw))
    stream = StreamCursor(raw[at : at + 700] for at in range(0, len(raw), 700))
    return [list(TarWalk(cursor, Meter())) for cursor in (region, stream)]


@pytest.mark.parametrize(("content", "offset"), MEMBERS.values(), ids=MEMBERS)
def test_offset_of_the_header(content: bytes, offset: int) -> None:
    before = file("first", b"x" * 700)
    for members in walks(tar(before, content)):
        assert [member.header_offset for member in members] == [0, len(before) + offset]


def test_findings_of_a_sparse_member_name_its_header() -> None:
    sparse = sparse_1_0("/f", 2000, [(1000, DATA)])
    scan = scan_layer(Bytes(tar(file("first", b"x"), sparse)), Meter())
    found = {finding.code: finding.where.offset for finding in scan.findings}
    assert found["layer.absolute-name"] == len(file("first", b"x")) + 1024


def test_a_sparse_whiteout_is_found_at_its_header() -> None:
    sparse = sparse_1_0("d/.wh.gone", 2000, [(1000, DATA)])
    scan = scan_layer(Bytes(tar(whiteout("d/other"), sparse)), Meter())
    assert scan.whiteouts == {b"d/other": 0, b"d/gone": 512 + 1024}
