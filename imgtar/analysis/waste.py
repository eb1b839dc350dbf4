"""What is stored and yet not part of the final filesystem: every inode that died, named and summed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from imgtar.filesystem.changes import Death, LayerChanges
from imgtar.layer.scan import LayerScan


class Waste(msgspec.Struct, frozen=True):
    """`stored_bytes` − `wasted_bytes` = `final_bytes`, and `wasted_bytes` is the sum over `rows`.

    Stored are the logical sizes of all regular-file members of all layers, hard links 0. Rows are sorted by bytes
    descending, then by path.
    """

    rows: tuple[Death, ...]
    stored_bytes: int
    wasted_bytes: int

    @property
    def final_bytes(self) -> int:
        return self.stored_bytes - self.wasted_bytes

    @property
    def efficiency(self) -> float:
        """final / stored, 1.0 where nothing is stored."""
        return self.final_bytes / self.stored_bytes if self.stored_bytes else 1.0


def waste(scans: Iterable[LayerScan | None], changes: Sequence[LayerChanges]) -> Waste:
    """Sums what stacking the layers saw die."""
    rows = [death for layer in changes for death in layer.deaths]
    rows.sort(key=lambda death: (-death.size, death.path, death.added_in, death.removed_in))
    return Waste(
        rows=tuple(rows),
        stored_bytes=sum(scan.stored_bytes for scan in scans if scan is not None),
        wasted_bytes=sum(death.size for death in rows),
    )
