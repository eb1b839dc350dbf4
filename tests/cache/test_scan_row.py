"""A scan as the body of a row: read again it says the same, and other bytes are no scan."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from imgtar import open_image
from imgtar.cache import columns
from imgtar.cache.scan_row import Cost, packed, unpacked
from imgtar.findings import Finding
from imgtar.formats.digest import Digest
from imgtar.formats.tar import ExactMember
from imgtar.formats.tar.ordinary import compiled
from imgtar.layer import problems
from imgtar.layer.probes import ProbeAnswers
from imgtar.layer.scan import LayerScan, scan_layer
from imgtar.limits import Meter
from tests.builders import file, gzip, hardlink, pax, sparse_1_0, tar, zstd
from tests.filesystem.stack import Bytes
from tests.layer.test_pickled_scan import LAYER, told

COST = Cost(1, 2, 3, 4)
DIGEST = Digest.of(b"")
SHAPES = {
    "plain": LAYER,
    "gzip": gzip(LAYER),
    "zstd": zstd(LAYER),
    "nothing but odd members": tar(*(pax({"mtime": f"{number}.5"}) + file(f"f{number}") for number in range(9))),
    "one file after another": tar(*(file(f"d/f{number}", bytes(number * 100)) for number in range(40))),
    "no member": tar(),
    "links to one file": tar(
        file("a", b"x"), hardlink("b", "a"), hardlink("c", "b"), file("a", b"y"), hardlink("d", "a")
    ),
    "large numbers": tar(file("a", uid=2**31, gid=2**40, mode=0o7777777), file("b", mtime=-5), sparse_1_0("s", 9, [])),
}


def scan(raw: bytes) -> LayerScan:
    return scan_layer(Bytes(raw), Meter(), digests=True)


def again(layer: LayerScan) -> LayerScan:
    body = packed(layer, COST)
    assert body is not None
    assert layer.digest is not None
    kept = unpacked(body, layer.digest)
    assert kept is not None
    assert kept.cost == COST
    return kept.scan


@pytest.mark.parametrize("raw", SHAPES.values(), ids=SHAPES)
def test_a_scan_says_the_same_again(raw: bytes) -> None:
    layer = scan(raw)
    assert layer.complete
    assert told(again(layer), raw) == told(layer, raw)
    assert [*again(layer).entries] == [*layer.entries]
    assert [*again(layer).links] == [*layer.links]


@pytest.mark.parametrize("raw", SHAPES.values(), ids=SHAPES)
def test_without_the_compiled_walker(raw: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    layer = scan(raw)
    monkeypatch.setattr(columns, "compiled", None)
    read = again(layer)
    assert all(isinstance(member, ExactMember) for member in read.entries.values())
    assert told(read, raw) == told(layer, raw)


@pytest.mark.skipif(compiled is None, reason="needs the compiled walker")
def test_ordinary_members_are_small_again() -> None:
    layer = scan(SHAPES["one file after another"])
    assert {type(member) for member in again(layer).entries.values()} == {type(layer.entries[b"d/f0"])}
    assert type(layer.entries[b"d/f0"]) is not ExactMember


def test_scans_of_real_archives(fixtures: Path) -> None:
    for name in ("d26-duplayers.tar", "p5-oci-archive.tar", "d26c-buildx-oci-dir", "mysql.tar"):
        for layer in open_image(str(fixtures / name), verify=True).layers:
            assert layer.scan is not None
            plain = msgspec.structs.replace(layer.scan, answers=ProbeAnswers({}))
            assert repr(again(plain)) == repr(plain)


def test_every_kind_of_a_layer_comes_back() -> None:
    layer = scan(tar(file("a")))
    arguments = {"text": "é", "raw": b"\xff", "number": -(2**40), "share": 0.5, "nothing": None}
    found = tuple(
        Finding(kind=kind, effect=kind.effect, where=msgspec.structs.replace(one.where, offset=7), arguments=arguments)
        for kind in problems.KINDS
        for one in [kind.at()]
    )
    found += (problems.NOT_TAR.at_most(problems.EMPTY_FILE.severity).at(),)
    layer = msgspec.structs.replace(layer, findings=found)
    assert again(layer).findings == found


WITHOUT_A_FORM: dict[str, Callable[[LayerScan], LayerScan]] = {
    "a number of 65 bits": lambda layer: msgspec.structs.replace(layer, file_bytes=2**64),
    "half a character": lambda layer: msgspec.structs.replace(layer, findings=(problems.BAD_LINK.at(why="\ud800"),)),
    "a kind of another room": lambda layer: msgspec.structs.replace(
        layer, findings=(msgspec.structs.replace(problems.BAD_LINK, code="other.code").at(),)
    ),
}


@pytest.mark.parametrize("change", WITHOUT_A_FORM.values(), ids=WITHOUT_A_FORM)
def test_what_has_no_form_is_not_kept(change: Callable[[LayerScan], LayerScan]) -> None:
    layer = scan(tar(file("a"), file("a")))
    assert packed(layer, COST) is not None
    assert packed(change(layer), COST) is None


def test_damaged_bytes_are_no_scan() -> None:
    """The proof of the row finds damage before; a body that passes it all the same raises nothing."""
    body = packed(scan(LAYER), COST)
    assert body is not None
    raw = zstandard.ZstdDecompressor().decompress(body)
    chance = random.Random(3)
    for _ in range(3000):
        at = chance.randrange(len(raw))
        piece = chance.randbytes(chance.randrange(1, 9))
        unpacked(zstandard.compress(raw[:at] + piece + raw[at + len(piece) :]), DIGEST)
        unpacked(zstandard.compress(raw[:at]), DIGEST)
        cut = chance.randrange(len(body))
        assert unpacked(body[:cut], DIGEST) is None


@given(st.binary())
def test_other_bytes_are_no_scan(raw: bytes) -> None:
    assert unpacked(raw, DIGEST) is None
    assert unpacked(zstandard.compress(raw), DIGEST) is None


def test_a_body_that_claims_too_much_is_not_unpacked() -> None:
    body = zstandard.ZstdCompressor().compress(bytes(100))
    large = body[:4] + b"\xe0" + (2**40).to_bytes(8, "little") + body[6:]
    assert unpacked(large, DIGEST) is None
