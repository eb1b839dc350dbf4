"""The progress of reading: protocols and an implementation that shows nothing. `imgtar.cli` has the bar."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives from the reading code how many bytes it read."""

    def start(self, total: int | None) -> None:
        """Reading begins; `total` is the number of bytes, None where it is unknown."""

    def advance(self, size: int) -> None:
        """`size` more bytes are read or need not be read."""


class FleetProgress(Progress, Protocol):
    """Also receives how many archives are done."""

    def expect(self, archives: int) -> None:
        """So many archives are to be read."""

    def complete(self) -> None:
        """One more archive is done."""


class NoProgress:
    """Shows nothing."""

    def start(self, total: int | None) -> None:
        pass

    def advance(self, size: int) -> None:
        pass

    def expect(self, archives: int) -> None:
        pass

    def complete(self) -> None:
        pass
