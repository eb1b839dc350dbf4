"""The base image in a report (contract.md section 4, «base»)."""

from __future__ import annotations

from typing import Literal

from imgtar.contract.block import Block

BaseSource = Literal["given", "archive", "label", "annotation", "provenance", "history"]
Confidence = Literal["exact", "stated", "guess"]


class Base(Block, frozen=True, kw_only=True):
    """The lowest `layers` layers of the image are those of its base; null where only the name of the base is known.

    `by` and `confidence` are about the layers, or about the name where `layers` is null.
    """

    layers: int | None
    by: BaseSource
    confidence: Confidence
    name: str | None
    digest: str | None
    named_by: BaseSource | None

    @property
    def certain(self) -> bool:
        """Does a person state the layers, or are they those of an image that is known?"""
        return self.layers is not None and (self.by == "given" or self.confidence == "exact")


class Own(Block, frozen=True, kw_only=True):
    """The layers above the base (`--own`), and of the wasted bytes those that these layers brought."""

    layers: int
    blob_size: int
    content_size: int
    stored_bytes: int
    wasted_bytes: int
