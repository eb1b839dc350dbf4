"""CSV of `shared`: one row for each image, then one for each layer of the store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imgtar.contract.content import TextSettings
from imgtar.contract.shared import SharedContent, SharedReport
from imgtar.report.csv.damage import damage_rows
from imgtar.report.csv.rows import Value, cell, encoded_rows
from imgtar.report.words.image import platform_words
from imgtar.report.words.shared import images_words
from imgtar.text import csv_cell

SHARED = (
    "kind", "image", "id", "layers", "size", "shared", "unique", "frees", "containerd", "at_least", "chain_id",
    "diff_id", "blob_size", "images", "instruction", "note", "platform",
)  # fmt: skip


def shared(content: SharedContent, _settings: TextSettings) -> Iterator[bytes]:
    """One row per image, then one per layer of the store; before them an archive that was not read, and damage."""
    return encoded_rows(_shared_rows(content.document))


def _shared_rows(document: SharedReport) -> Iterator[Sequence[Value]]:
    yield SHARED
    blank = [None] * len(SHARED)
    for source in document.sources:
        if source.error is not None:
            yield ("error", *blank[3:], cell(f"{source.path}: {source.error.message}"), None)
    yield from damage_rows(document.findings, SHARED)
    for image in document.images:
        names = cell(", ".join(image.names)) if image.names else None
        sizes = (image.size, image.shared, image.unique, image.frees, image.containerd.size)
        least, platform = "yes" if image.at_least else None, cell(platform_words(image))
        yield ("image", names, image.id, len(image.layers), *sizes, least, *blank[11:], platform)
    for layer in document.layers:
        names = csv_cell(images_words(document, layer.images), escaped=True)
        facts = (layer.chain_id, layer.diff_id, layer.blob_size, len(layer.images), cell(layer.instruction))
        yield ("layer", names, None, None, layer.size, *blank[5:10], *facts, None, None)
