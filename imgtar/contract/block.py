"""The two kinds of objects in a report."""

from __future__ import annotations

import msgspec


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """An object whose keys are always present."""


class Row(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A row of a long list: keys without a value are left out."""
