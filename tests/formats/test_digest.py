"""Digests: the grammar, the algorithms and chain IDs."""

from __future__ import annotations

import hashlib

import pytest

from imgtar.formats.digest import BadDigest, Digest, UnsupportedDigest, chain_ids, short

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_parse_and_print() -> None:
    digest = Digest.parse(f"sha256:{EMPTY}")
    assert (digest.algorithm, digest.encoded) == ("sha256", EMPTY)
    assert str(digest) == f"sha256:{EMPTY}"
    assert digest.path == b"blobs/sha256/" + EMPTY.encode()
    assert short(digest) == "e3b0c44298fc"


def test_equal_digests_are_one_key() -> None:
    assert {Digest.parse(f"sha256:{EMPTY}"), Digest.of(b"")} == {Digest("sha256", EMPTY)}


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_registered_algorithms(algorithm: str) -> None:
    expected = hashlib.new(algorithm, b"layer").hexdigest()
    digest = Digest.parse(f"{algorithm}:{expected}")
    hasher = digest.hasher()
    hasher.update(b"layer")
    assert hasher.hexdigest() == digest.encoded


@pytest.mark.parametrize(
    "text",
    [
        "sha256:../../../../etc/passwd",
        "sha256:abc",
        "sha256:" + "A" * 64,
        "a" * 64,
        "sha256:",
        "",
        ":",
        7,
        None,
        b"sha256:" + EMPTY.encode(),
        "sha256:\x1b[2J",
        "sha256:" + "a" * 60 + "/../",
        f"sha256:{EMPTY}\n",
        f" sha256:{EMPTY}",
        f"SHA256:{EMPTY}",
        f"sha256:{EMPTY}0",
        "sha256:" + "٠" * 64,
        "sha256:" + "a" * 1_000_000,
        "sha512:" + EMPTY,
    ],
)
def test_no_digest(text: object) -> None:
    with pytest.raises(BadDigest) as caught:
        Digest.parse(text)
    assert not isinstance(caught.value, UnsupportedDigest)


@pytest.mark.parametrize(
    ("text", "algorithm"),
    [("md5:" + "a" * 32, "md5"), ("xyz+1:" + "a" * 40, "xyz+1"), ("multihash+base58:QmX=", "multihash+base58")],
)
def test_unsupported_algorithm(text: str, algorithm: str) -> None:
    with pytest.raises(UnsupportedDigest) as caught:
        Digest.parse(text)
    assert f"{caught.value.algorithm}:{caught.value.encoded}" == text
    assert caught.value.algorithm == algorithm


def test_chain_ids() -> None:
    a, b, c = (Digest.of(text) for text in (b"a", b"b", b"c"))
    ab = Digest.of(f"{a} {b}".encode())
    assert chain_ids([a, b, c]) == [a, ab, Digest.of(f"{ab} {c}".encode())]
    assert chain_ids([]) == []
