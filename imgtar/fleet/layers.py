"""The layers that archives of a fleet have in common, by what the archives say of them, and the scan of one.

A name is a claim, so it only decides who reads what first. The cache keeps a scan under the digest that was computed
from the bytes: where an archive lies about a layer, that archive costs more, and no other one hears of it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from imgtar.answers.watching import watching_of
from imgtar.archive.input.input_name import parse_input
from imgtar.errors import ImgtarError
from imgtar.fleet.documents import reading_options
from imgtar.fleet.inputs import ArchiveFile
from imgtar.fleet.layer_claim import LayerClaim
from imgtar.fleet.settings import FleetSettings
from imgtar.formats.compression import sniff
from imgtar.image.image import LayerOutline
from imgtar.image.opening import open_images
from imgtar.image.reader import ImageReader
from imgtar.layer.sources import HEAD
from imgtar.limits import Meter
from imgtar.runtime import tuned

_WORTH_IT = 1 << 16  # bytes of a layer that are worth a task of their own


def layers_of(archive: ArchiveFile, settings: FleetSettings) -> list[LayerClaim]:
    """The compressed layers of the chosen images; none where the archive passes once or cannot be used."""
    try:
        with tuned():
            return sorted({claim for claim, _ in _layers(_reader(archive, settings))}, key=_digest)
    except (ImgtarError, OSError):
        return []  # the row of the archive says why


def scan_layer_of(archive: ArchiveFile, wanted: LayerClaim, settings: FleetSettings) -> None:
    """Scans this layer of the archive, so that the cache knows it; what is wrong with it stands in the row."""
    try:
        with tuned():
            reader = _reader(archive, settings)
            for claim, layer in _layers(reader):
                if reader is not None and claim == wanted:
                    reader.scans.of(layer.ref, digests="verify" in settings.actions)
                    return
    except (ImgtarError, OSError, MemoryError):
        return


def _digest(claim: LayerClaim) -> str:
    return claim.digest


def _reader(archive: ArchiveFile, settings: FleetSettings) -> ImageReader | None:
    """The archive, of which nothing but the catalog is read; None where it passes once."""
    name = parse_input(os.fsdecode(archive.path))
    if not os.path.isdir(name.path):
        with open(name.path, "rb") as file:
            if sniff(file.read(HEAD)) != "none":
                return None
    limits = settings.limits.within(settings.timeout)
    options = reading_options(settings)
    return open_images(name, Meter(limits), options, places=watching_of(limits, options).places)


def _layers(reader: ImageReader | None) -> Iterator[tuple[LayerClaim, LayerOutline]]:
    for image in () if reader is None else reader.outlines:
        for layer in image.layers:
            stated, blob = layer.digest or layer.diff_id, layer.ref.blob
            if stated is None or blob is None or not layer.ref.readable or blob.size < _WORTH_IT:
                continue
            if sniff(blob.read_at(0, HEAD)) != "none":
                yield LayerClaim(str(stated), blob.size), layer
