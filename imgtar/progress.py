"""How far the reading is: a protocol and its null implementation. The bar itself is in `imgtar.cli`."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told by the reading floors what was read."""

    def start(self, total: int | None) -> None:
        """Reading begins; `total` is the number of bytes, None where nobody can know."""

    def advance(self, size: int) -> None:
        """`size` more bytes are read or need not be read."""


class NoProgress:
    """Says nothing."""

    def start(self, total: int | None) -> None:
        pass

    def advance(self, size: int) -> None:
        pass
