"""What is stored and yet not part of the final filesystem: every inode that died, named and summed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from imgtar.filesystem.changes import Death, LayerChanges
from imgtar.layer.scan import LayerScan


class WasteSums(msgspec.Struct, frozen=True, kw_only=True):
    """`stored_bytes` − `wasted_bytes` = `final_bytes`.

    Stored are the logical sizes of all regular-file members of all layers, hard links 0.
    """

    stored_bytes: int
    wasted_bytes: int

    @property
    def final_bytes(self) -> int:
        return self.stored_bytes - self.wasted_bytes

    @property
    def efficiency(self) -> float:
        """final / stored, 1.0 where nothing is stored."""
        return self.final_bytes / self.stored_bytes if self.stored_bytes else 1.0


class Waste(WasteSums, frozen=True, kw_only=True):
    """The sums with their `rows`, sorted by bytes descending, then by path: `wasted_bytes` is the sum over them."""

    rows: tuple[Death, ...]


def waste(scans: Iterable[LayerScan | None], changes: Sequence[LayerChanges]) -> Waste:
    """Sums what stacking the layers saw die."""
    rows = [death for layer in changes for death in layer.deaths]
    rows.sort(key=lambda death: (-death.size, death.path, death.added_in, death.removed_in))
    sums = waste_sums(scans, changes)
    return Waste(rows=tuple(rows), stored_bytes=sums.stored_bytes, wasted_bytes=sums.wasted_bytes)


def waste_sums(scans: Iterable[LayerScan | None], changes: Iterable[LayerChanges]) -> WasteSums:
    """The sums alone."""
    return WasteSums(
        stored_bytes=sum(scan.stored_bytes for scan in scans if scan is not None),
        wasted_bytes=sum(death.size for layer in changes for death in layer.deaths),
    )
