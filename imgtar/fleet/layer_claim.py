"""A layer as an archive states it."""

from __future__ import annotations

import msgspec


class LayerClaim(msgspec.Struct, frozen=True):
    """A compressed layer by what its archive states: a digest that nobody has checked, and the size of the blob."""

    digest: str
    size: int
