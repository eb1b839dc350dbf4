"""What recomputing the digests of an archive has shown: of each document and layer, and of every byte."""

from __future__ import annotations

from typing import Literal

from imgtar.contract.block import Block

CheckState = Literal["ok", "wrong", "absent", "unchecked"]


class DigestPair(Block, frozen=True, kw_only=True):
    """A digest as the archive states it, and as it was computed; null is not known."""

    stated: str | None
    computed: str | None

    @property
    def differs(self) -> bool:
        """Are both known, and not the same?"""
        return None not in (self.stated, self.computed) and self.stated != self.computed

    @property
    def known(self) -> str | None:
        """What the archive states, else what was computed."""
        return self.stated or self.computed


class DocumentCheck(Block, frozen=True, kw_only=True):
    """A config or a manifest. `state` is as in `LayerCheck`."""

    state: CheckState
    digest: DigestPair


class LayerCheck(Block, frozen=True, kw_only=True):
    """A layer: the digest of its blob, and the diffID, which the config states.

    `wrong`: it is damaged or contradicts what is stated of it. `absent`: its blob is not in the archive. `unchecked`:
    it was not read to its end, or not hashed in the way that its digest asks for. `ok` otherwise.
    """

    index: int
    state: CheckState
    digest: DigestPair
    diff_id: DigestPair

    @property
    def has_one_digest(self) -> bool:
        """Are the digest of the blob and the diffID the same, as of a layer that is not compressed?"""
        return self.digest.known == self.diff_id.known and not self.digest.differs


class ImageChecks(Block, frozen=True, kw_only=True):
    """The documents and layers of one image; `manifest` is null where the archive has none for it."""

    config: DocumentCheck | None
    manifest: DocumentCheck | None
    layers: list[LayerCheck]


class ByteKind(Block, frozen=True, kw_only=True):
    """The bytes of one kind of part of the archive together, and how many ranges they are."""

    what: str
    ranges: int
    bytes: int
