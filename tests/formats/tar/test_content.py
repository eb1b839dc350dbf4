"""Equal bytes have equal digests, whatever of them is stored as zeros and what as holes; a hole costs nothing."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from imgtar.formats.tar import ContentDigest, RegionCursor, TarWalk
from imgtar.formats.tar.content import PIECE, ContentHash, digest_of
from imgtar.limits import Meter
from tests.builders import sparse_1_0, tar

_LENGTHS = st.one_of(st.integers(1, 20), st.sampled_from([PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE - 5]))
_BODIES = st.lists(st.tuples(st.sampled_from([b"\0", b"\0", b"x", b"\0y"]), _LENGTHS), max_size=8).map(
    lambda runs: b"".join((unit * length)[:length] for unit, length in runs)
)


def whole(body: bytes, size: int) -> ContentDigest:
    """The digest of a body that comes in pieces of a size."""
    content = ContentHash(whole=True)
    for at in range(0, len(body), size):
        content.data(body[at : at + size])
    return content.digest()


def with_holes(body: bytes, borders: list[int]) -> ContentDigest:
    """The digest of a body cut at `borders`, its runs of zeros alone given as holes."""
    content = ContentHash(whole=False)
    cuts = sorted({0, len(body), *(border % (len(body) + 1) for border in borders)})
    for start, stop in itertools.pairwise(cuts):
        run = body[start:stop]
        if run.count(0) == len(run):
            content.hole(len(run))
        else:
            content.data(run)
    return content.digest()


@given(_BODIES, st.sampled_from([1000, PIECE, PIECE + 7, 1 << 20]), st.lists(st.integers(0, 1 << 16), max_size=12))
def test_the_digest_is_that_of_the_bytes(body: bytes, size: int, borders: list[int]) -> None:
    expected = digest_of(body)
    pieces = [body[at : at + PIECE] for at in range(0, len(body), PIECE)]
    assert (expected.condensed is not None) == (bytes(PIECE) in pieces)
    assert expected.sha256 == hashlib.sha256(body).digest()
    assert whole(body, size) == expected
    assert with_holes(body, borders).comparable == expected.comparable


@given(_BODIES, st.integers(0, 1 << 16), st.integers(0, 255))
def test_another_byte_is_another_digest(body: bytes, at: int, byte: int) -> None:
    at %= len(body) + 1
    other = body[:at] + bytes([byte]) + body[at + 1 :]
    if len(other) == len(body):
        assert (digest_of(other).comparable == digest_of(body).comparable) == (other == body)


def test_zeros_at_another_place_are_another_content() -> None:
    data, zeros = b"x" * PIECE, bytes(PIECE)
    digests = {digest_of(body).comparable for body in (data + zeros, zeros + data, zeros + data + zeros, data)}
    assert len(digests) == 4


def _walk(raw: bytes) -> Iterator[tuple[ContentDigest, int]]:
    meter = Meter()
    walk = TarWalk(RegionCursor(lambda at, size: raw[at : at + size], len(raw)), meter, lambda _name, _size: True)
    for member in walk:
        yield member.digest, meter.decompressed


def test_a_hole_costs_nothing_however_long_it_is() -> None:
    for size in (1 << 20, 1 << 32, 1 << 60):
        raw = tar(sparse_1_0("s", size, [(5, b"abc"), (size - 5000, b"x")]))
        [(digest, hashed)] = _walk(raw)
        assert digest.sha256 is None
        assert hashed < 4 * PIECE  # counted against total-bytes


def test_a_sparse_file_with_small_holes_has_its_sha256() -> None:
    [(digest, _)] = _walk(tar(sparse_1_0("s", 2000, [(1000, b"data")])))
    assert digest == ContentDigest(hashlib.sha256(bytes(1000) + b"data" + bytes(996)).digest())
