"""The bodies of chosen members: the right bytes in one pass of each layer, no further than needed, never short."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec
import pytest

from imgtar.answers.session import Session
from imgtar.archive.input.input_name import parse_input
from imgtar.errors import InputError
from imgtar.formats.tar import TarMember
from imgtar.formats.tar.sparse import filled
from imgtar.image.bodies import Body, Hole
from imgtar.image.opening import open_images
from imgtar.limits import DEFAULT, Limits, Meter
from tests.builders import (
    COMPRESS,
    file,
    gzip,
    hardlink,
    oci_archive,
    sparse_1_0,
    tar,
    whiteout,
)

MIB = 1 << 20
BIG = hashlib.shake_128(b"big").digest(3 * MIB + 11)
LOWER = tar(
    file("a", b"first"),
    file("big", BIG),
    sparse_1_0("sparse", 10 * MIB, [(4096, b"x" * 700), (5 * MIB, b"y" * 512)]),
    sparse_1_0("hole", 1 << 40, []),
    file("empty"),
    file("last", b"z" * 5000),
)
UPPER = tar(file("a", b"second"), hardlink("b", "a"), hardlink("c", "big"), whiteout("last"))


def session_of(folder: Path, archive: bytes, limits: Limits = DEFAULT) -> tuple[Session, Meter]:
    path = folder / "image.tar"
    path.write_bytes(archive)
    meter = Meter(limits)
    return Session(open_images(parse_input(str(path)), meter)), meter


def content(body: Body) -> bytes:
    return b"".join(part for piece in body.pieces() for part in filled(piece))


def wanted(session: Session, *paths: bytes) -> list[tuple[int, TarMember]]:
    entries = [session.tree(0).entry(path) for path in paths]
    return [(entry.scan_layer, entry.member) for entry in entries]


def stored(session: Session, layer: int, path: bytes) -> tuple[int, TarMember]:
    scan = session.images[0].layers[layer].scan
    assert scan is not None
    return layer, scan.entries[path]


@pytest.mark.parametrize("compression", COMPRESS)
def test_each_body_is_what_was_stored(compression: str, tmp_path: Path) -> None:
    session, _ = session_of(tmp_path, oci_archive([LOWER, UPPER], compression=compression))
    asked = [*wanted(session, b"c", b"sparse", b"a", b"b", b"empty"), stored(session, 0, b"last")]
    got = [(body.layer, body.member.name, content(body), body.finding) for body in session.bodies(0, asked)]
    sparse = bytearray(10 * MIB)
    sparse[4096:4796], sparse[5 * MIB : 5 * MIB + 512] = b"x" * 700, b"y" * 512
    assert got == [
        (0, b"big", BIG, None),
        (0, b"sparse", bytes(sparse), None),
        (0, b"empty", b"", None),
        (0, b"last", b"z" * 5000, None),
        (1, b"a", b"second", None),  # once, although two names want it
    ]


def test_a_hole_is_a_piece_however_long_it_is(tmp_path: Path) -> None:
    session, _ = session_of(tmp_path, oci_archive([LOWER], compression="gzip"))
    [hole, sparse] = session.bodies(0, wanted(session, b"hole")), session.bodies(0, wanted(session, b"sparse"))
    assert [list(body.pieces()) for body in hole] == [[Hole(1 << 40)]]
    assert [list(body.pieces()) for body in sparse] == [
        [Hole(4096), b"x" * 700, Hole(5 * MIB - 4796), b"y" * 512, Hole(5 * MIB - 512)]
    ]


@pytest.mark.parametrize("compression", ["gzip", "zstd", "xz", "bzip2"])
def test_a_compressed_layer_is_decompressed_once_and_no_further_than_the_last_body(
    compression: str, tmp_path: Path
) -> None:
    noise = [hashlib.shake_128(bytes([number])).digest(MIB) for number in range(8)]
    layer = tar(*(file(f"f{number}", noise[number]) for number in range(8)))
    session, meter = session_of(tmp_path, oci_archive([layer], compression=compression))
    asked = wanted(session, b"f2", b"f0", b"f1")
    before = meter.decompressed
    assert [content(body) for body in session.bodies(0, asked)] == noise[:3]
    assert meter.decompressed - before <= 3 * (MIB + 512) + MIB


def test_a_plain_layer_is_read_by_offset(tmp_path: Path) -> None:
    session, meter = session_of(tmp_path, oci_archive([LOWER], compression="none"))
    asked = wanted(session, b"last", b"a")
    before = meter.bytes_read
    assert [content(body) for body in session.bodies(0, asked)] == [b"first", b"z" * 5000]
    assert meter.bytes_read - before < 6000
    assert meter.decompressed == 0


@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_a_body_may_be_left_unread_or_half_read(compression: str, tmp_path: Path) -> None:
    session, _ = session_of(tmp_path, oci_archive([LOWER], compression=compression))
    bodies = session.bodies(0, wanted(session, b"a", b"big", b"last"))
    first = next(bodies)
    second = next(bodies)
    assert list(first.pieces()) == []
    assert next(second.pieces())
    third = next(bodies)
    assert list(second.pieces()) == []
    assert content(third) == b"z" * 5000


@pytest.mark.parametrize("compression", ["none", "gzip", "zstd", "xz"])
def test_every_cut_of_a_body_is_a_finding(compression: str, tmp_path: Path) -> None:
    """The file is cut after the scan, so that the scan knows nothing of it."""
    noise = hashlib.shake_128(b"cut").digest(40_000)
    archive = oci_archive(
        [tar(file("a", b"whole"), file("b", noise), file("c", b"end" * 100))], compression=compression
    )
    at = archive.index(COMPRESS[compression](tar(file("a", b"whole"), file("b", noise), file("c", b"end" * 100))))
    for cut in range(0, 44_000, 2_111):
        session, _ = session_of(tmp_path, archive)
        asked = wanted(session, b"a", b"b", b"c")
        with (tmp_path / "image.tar").open("r+b") as opened_file:
            opened_file.truncate(at + cut)
        parts = {}
        for body in session.bodies(0, asked):
            parts[body.member.name] = (content(body), body.finding)
        for name, expected in ((b"a", b"whole"), (b"b", noise), (b"c", b"end" * 100)):
            got, finding = parts[name]
            assert expected.startswith(got)
            assert (finding is None) == (got == expected)
            if finding is not None:
                assert finding.code == "layer.body-cut"
                assert finding.where.layer == 0
                assert finding.arguments["read"] == len(got)


def test_a_limit_ends_this_body_and_those_behind_it(tmp_path: Path) -> None:
    layer = tar(file("a", b"a" * 1000), file("b", bytes(4 * MIB)), file("c", b"c"))
    session, meter = session_of(tmp_path, oci_archive([layer], compression="gzip"))
    asked = wanted(session, b"a", b"b", b"c")
    meter.limits = msgspec.structs.replace(meter.limits, layer_bytes=2 * MIB)
    found = [(len(content(body)), body.finding and body.finding.code) for body in session.bodies(0, asked)]
    assert found[0] == (1000, None)
    assert found[1][0] < 4 * MIB
    assert [code for _, code in found[1:]] == ["limit.layer-bytes"] * 2


def test_the_deadline_counts_again(tmp_path: Path) -> None:
    layer = tar(file("a", bytes(40 * MIB)))
    for compression in ("none", "gzip"):
        session, meter = session_of(tmp_path, oci_archive([layer], compression=compression))
        asked = wanted(session, b"a")
        meter.limits = msgspec.structs.replace(meter.limits, deadline=0.0)
        [(size, finding)] = [(len(content(body)), body.finding) for body in session.bodies(0, asked)]
        assert size < 40 * MIB
        assert finding is not None
        assert finding.code == "limit.time"


def test_what_passed_once_has_no_bodies(tmp_path: Path) -> None:
    session, _ = session_of(tmp_path, gzip(oci_archive([LOWER], compression="none")))
    with pytest.raises(InputError, match="passed once"):
        next(session.bodies(0, wanted(session, b"a")))
