"""Stacks layers that are built in memory."""

from __future__ import annotations

from collections.abc import Iterator

from imgtar.answers.rows import change_rows
from imgtar.filesystem.changes import LayerChanges
from imgtar.filesystem.stacking import Stacker
from imgtar.findings import FindingLog
from imgtar.layer.bodies import bodies_of
from imgtar.layer.scan import LayerScan, scan_layer
from imgtar.limits import Meter


class Bytes:
    """A blob in memory."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.size = len(raw)

    def read_at(self, offset: int, size: int, /) -> bytes:
        return self.raw[offset : offset + size]

    def chunks(self) -> Iterator[bytes]:
        for start in range(0, self.size, 1000):
            yield self.raw[start : start + 1000]


def scan(raw: bytes) -> LayerScan:
    return scan_layer(Bytes(raw), Meter())


class Stack:
    """Layers on one another: `tree`, what each changed, and the codes of the findings."""

    def __init__(self, *layers: bytes) -> None:
        stacker = Stacker()
        self.changes: list[LayerChanges] = []
        self.scans = [scan(layer) for layer in layers]
        log = FindingLog()
        self.bodies = [bodies_of(scan, Bytes(raw)) for raw, scan in zip(layers, self.scans, strict=True)]
        for layer, bodies in zip(self.scans, self.bodies, strict=True):
            log.extend(layer.findings)
            self.changes.append(stacker.add(layer, bodies, log))
        self.tree = stacker.finish()
        self.findings = list(log)
        self.codes = {finding.code for finding in self.findings}

    @property
    def top(self) -> LayerChanges:
        return self.changes[-1]

    def rows(self, layer: int = -1) -> dict[str, str]:
        """`path` → `added`, `deleted` or `modified:why,why` of a layer."""
        changes = self.changes[layer]
        rows = {path.decode(): "added" for path in changes.added}
        rows |= {path.decode(): "modified:" + ",".join(row.why) for path, row in changes.modified.items()}
        return rows | {path.decode(): "deleted" for path in changes.deleted}

    def deleted(self, layer: int = -1) -> dict[str, tuple[str, str | None]]:
        """`path` → type and link of what a layer deletes, as the report has them."""
        rows = change_rows(self.changes[layer], self.scans[layer])
        return {row.path: (row.type, row.link) for row in rows if row.kind == "deleted"}

    def paths(self) -> list[str]:
        return sorted(path.decode() for path in self.tree)

    def deaths(self) -> list[tuple[str, int, str, int, int]]:
        found = [death for changes in self.changes for death in changes.deaths]
        return [(d.path.decode(), d.size, d.kind, d.added_in, d.removed_in) for d in found]
