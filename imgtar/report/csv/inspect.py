"""CSV of `inspect`: one row for each change of a path, or one for each layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imgtar.contract.content import InspectContent, TextSettings
from imgtar.contract.inspect import Change, InspectReport, Layer
from imgtar.report.csv.damage import damage_rows
from imgtar.report.csv.rows import Value, cell, encoded_rows, image_cell, stored_cell
from imgtar.report.words.image import step_text, steps
from imgtar.text import csv_cell, escape_lines

CHANGES = (
    "image", "layer", "instruction", "kind", "why", "path", "type", "size", "mode", "uid", "gid", "mtime", "link",
    "previous_layer", "note",
)  # fmt: skip
LAYERS = (
    "image", "layer", "kind", "digest", "diff_id", "chain_id", "media_type", "compression", "blob_size", "tar_size",
    "content_size", "entries", "added", "added_bytes", "modified", "modified_bytes", "deleted", "deleted_bytes",
    "whiteouts", "opaque_dirs", "instruction", "step", "note",
)  # fmt: skip


def changes(content: InspectContent, _settings: TextSettings) -> Iterator[bytes]:
    """One row per path that a layer adds, modifies or deletes."""
    return encoded_rows(_change_rows(content))


def layers(content: InspectContent, _settings: TextSettings) -> Iterator[bytes]:
    """One row per layer, base first."""
    return encoded_rows(_layer_rows(content.document))


def _change_rows(content: InspectContent) -> Iterator[Sequence[Value]]:
    yield CHANGES
    yield from damage_rows(content.document.findings, CHANGES, content.document.images)
    for index, image in enumerate(content.document.images):
        name = image_cell(image)
        for layer in image.layers:
            instruction = cell(layer.instruction)
            for change in content.changes(index, layer.index):
                yield (name, layer.index, instruction, *_change(change))


def _change(change: Change) -> Sequence[Value]:
    link = stored_cell(change.link, change.link_b64)
    return (
        change.kind,
        # An empty list (rewritten, nothing differs) and no list (not modified) get different cells.
        None if change.why is None else " ".join(change.why) or "nothing",
        stored_cell(change.path, change.path_b64),
        change.type,
        change.size,
        change.mode,
        change.uid,
        change.gid,
        change.mtime,
        link,
        change.previous_layer,
        "implied" if change.implied else None,
    )


def _layer_rows(document: InspectReport) -> Iterator[Sequence[Value]]:
    yield LAYERS
    yield from damage_rows(document.findings, LAYERS, document.images)
    for image in document.images:
        name = image_cell(image)
        with_layer = [(step.layer, step) for step in steps(image) if step.layer is not None]
        for layer, step in sorted(with_layer, key=lambda pair: pair[0].index):
            keyword, text = step_text(step, whole=True)
            shown = csv_cell(escape_lines(f"{keyword} {text}".strip()), escaped=True)
            yield (name, *_layer(layer), cell(layer.instruction), shown, _note(layer))


def _layer(layer: Layer) -> Sequence[Value]:
    tallies = (
        number for tally in (layer.added, layer.modified, layer.deleted) for number in (tally.count, tally.bytes)
    )
    return (
        layer.index,
        "layer",
        cell(layer.digest),
        cell(layer.diff_id),
        cell(layer.chain_id),
        cell(layer.media_type),
        layer.compression,
        layer.blob_size,
        layer.tar_size,
        layer.content_size,
        layer.entry_count,
        *tallies,
        layer.whiteouts,
        layer.opaque_dirs,
    )


def _note(layer: Layer) -> Value:
    if not layer.present:
        return "absent"
    if layer.complete:
        return None
    return "unread" if layer.stopped_at is None else f"cut at byte {layer.stopped_at} of the uncompressed layer"
