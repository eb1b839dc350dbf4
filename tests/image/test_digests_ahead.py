"""Digests taken ahead: of which blobs, that they are right, and that no thread is left behind."""

from __future__ import annotations

import hashlib
import threading

import pytest

from imgtar.archive.input.blobs import InlineBlob
from imgtar.image.digests_ahead import DigestsAhead
from imgtar.limits import MIB, Limits
from tests.builders import gzip

pytestmark = pytest.mark.threads

PLAIN = {bytes([letter]): bytes([letter]) * MIB for letter in b"abcd"}


def blobs(contents: dict[bytes, bytes]) -> list[tuple[bytes, InlineBlob]]:
    return [(name, InlineBlob(content)) for name, content in contents.items()]


def hashers() -> int:
    return sum(thread.name == "imgtar-hash" for thread in threading.enumerate())


def test_every_digest_is_right() -> None:
    with DigestsAhead(blobs(PLAIN), Limits()) as ahead:
        for name, content in PLAIN.items():
            thread = ahead.take(name)
            assert thread is not None
            assert thread.digest().encoded == hashlib.sha256(content).hexdigest()
            assert ahead.take(name) is None
    assert hashers() == 0


class Endless(InlineBlob):
    """A blob that is read until it is abandoned."""

    size = 1 << 62

    def read_at(self, offset: int, size: int, /) -> bytes:
        return b"x" * min(size, 512)


def test_the_next_and_the_last_run_ahead_and_are_ended() -> None:
    endless = [(name, Endless(b"")) for name in PLAIN]
    for _, blob in endless:
        blob.size = 1 << 62
    with DigestsAhead(endless, Limits()) as ahead:
        taken = ahead.take(b"a")
        assert taken is not None
        assert hashers() == 3  # a, b and d
        taken.abandon()
    assert hashers() == 0


def test_small_and_compressed_blobs_have_no_thread() -> None:
    contents = {b"small": b"x", b"gzip": gzip(PLAIN[b"a"], level=0)}
    with DigestsAhead(blobs(contents), Limits()) as ahead:
        assert len(contents[b"gzip"]) >= MIB
        assert [ahead.take(name) for name in (*contents, b"unknown")] == [None] * 3
