"""Content digests and what is computed from them (OCI image-spec, descriptor.md, config.md)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import msgspec

# Hexadecimal digits of the registered algorithms; their encoded part must have exactly this length.
HEX_LENGTHS = {"sha256": 64, "sha384": 96, "sha512": 128}
SHORT = 12  # digits that the docker commands show

_GRAMMAR = re.compile(r"([a-z0-9]+(?:[+._-][a-z0-9]+)*):([a-zA-Z0-9=_-]+)")
_HEX = re.compile(r"[a-f0-9]+")
_LONGEST = 512  # characters; no registered algorithm comes near


class BadDigest(ValueError):
    """The value is not a valid digest: wrong type, grammar or length."""


class UnsupportedDigest(BadDigest):
    """A digest by the grammar, of an algorithm that imgtar does not compute.

    `algorithm` and `encoded` are its two parts.
    """

    def __init__(self, algorithm: str, encoded: str) -> None:
        super().__init__(f"unsupported digest algorithm {algorithm}")
        self.algorithm = algorithm
        self.encoded = encoded


class Digest(msgspec.Struct, frozen=True, gc=False, order=True):
    """The hash of some bytes: `algorithm` is a key of HEX_LENGTHS, `encoded` lower-case hexadecimal of its length.

    Made by `parse` and `of`, which guarantee that; str() gives "sha256:…".
    """

    algorithm: str
    encoded: str

    @classmethod
    def parse(cls, text: object) -> Digest:
        """The digest that `text` spells. Raises UnsupportedDigest for another algorithm, BadDigest otherwise."""
        found = _GRAMMAR.fullmatch(text) if isinstance(text, str) and len(text) <= _LONGEST else None
        if found is None:
            raise BadDigest("not algorithm:hexadecimal digits")
        algorithm, encoded = found.groups()
        length = HEX_LENGTHS.get(algorithm)
        if length is None:
            raise UnsupportedDigest(algorithm, encoded)
        if len(encoded) != length or _HEX.fullmatch(encoded) is None:
            raise BadDigest(f"{algorithm} has {length} lower-case hexadecimal digits")
        return cls(algorithm, encoded)

    @classmethod
    def of(cls, raw: bytes) -> Digest:
        """The SHA-256 digest of `raw`."""
        return cls("sha256", hashlib.sha256(raw).hexdigest())

    def of_same_kind(self, raw: bytes) -> Digest:
        """The digest of `raw` by the algorithm of this one."""
        return Digest(self.algorithm, hashlib.new(self.algorithm, raw).hexdigest())

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.encoded}"

    def hasher(self) -> hashlib._Hash:
        """A new hash object of this digest's algorithm."""
        return hashlib.new(self.algorithm)

    @property
    def path(self) -> bytes:
        """Where an OCI layout keeps the blob (image-layout.md): b"blobs/sha256/…"."""
        return f"blobs/{self.algorithm}/{self.encoded}".encode()


def short(digest: Digest) -> str:
    """The first 12 digits, as the docker commands show them."""
    return digest.encoded[:SHORT]


def chain_ids(diff_ids: Sequence[Digest]) -> list[Digest]:
    """The ChainID of each layer, base first: the first is the diffID, each next SHA-256 of "previous diffID"."""
    chain: list[Digest] = []
    for diff_id in diff_ids:
        chain.append(Digest.of(f"{chain[-1]} {diff_id}".encode()) if chain else diff_id)
    return chain


def known_chain(diff_ids: Sequence[Digest | None]) -> list[Digest | None]:
    """The ChainID of each layer, base first; None from the first unknown diffID on."""
    known: list[Digest] = []
    for diff_id in diff_ids:
        if diff_id is None:
            break
        known.append(diff_id)
    return [*chain_ids(known), *[None] * (len(diff_ids) - len(known))]
