"""CSV of `diff`: one row for each path that differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imgtar.contract.content import TextSettings
from imgtar.contract.diff import DiffContent, FileState
from imgtar.report.csv.damage import damage_rows
from imgtar.report.csv.rows import Value, encoded_rows, stored_cell

DIFFERENCES = (
    "pair", "kind", "why", "path", "moved_from", "type_a", "type_b", "size_a", "size_b", "mode_a", "mode_b", "owner_a",
    "owner_b", "mtime_a", "mtime_b", "link_a", "link_b", "layer_a", "layer_b", "note",
)  # fmt: skip


def differences(content: DiffContent, _settings: TextSettings) -> Iterator[bytes]:
    """One row per path that differs between two images."""
    return encoded_rows(_difference_rows(content))


def _difference_rows(content: DiffContent) -> Iterator[Sequence[Value]]:
    yield DIFFERENCES
    yield from damage_rows(content.pairs[0].document.findings, DIFFERENCES)
    for number, pair in enumerate(content.pairs):
        for row in pair.files():
            moved = stored_cell(row.moved_from, row.moved_from_b64)
            path = stored_cell(row.path, row.path_b64)
            sides = zip(_state(row.a), _state(row.b), strict=True)
            why, states = " ".join(row.why or ()), [cell for side in sides for cell in side]
            yield (number, row.kind, why, path, moved, *states, None)


def _state(state: FileState | None) -> Sequence[Value]:
    if state is None:
        return (None,) * 7
    link = stored_cell(state.link, state.link_b64)
    return (state.type, state.size, state.mode, f"{state.uid}:{state.gid}", state.mtime, link, state.layer)
