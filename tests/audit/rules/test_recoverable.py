"""The rule on large files that a later layer removes."""

from __future__ import annotations

from pathlib import Path

from tests.audit.audited import audited_bytes, of
from tests.builders import docker_save, file, layer, whiteout


def test_a_large_dead_file_can_be_recovered(tmp_path: Path) -> None:
    layers = [
        layer(file("big", bytes(2 << 20)), file("small", bytes(1 << 10))),
        layer(whiteout("big"), whiteout("small")),
    ]
    [row] = of(audited_bytes(docker_save(layers), tmp_path), "layer.recoverable")
    assert (row.where.path, row.where.layer, row.where.removed_in) == ("/big", 0, 1)
