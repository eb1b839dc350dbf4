"""The tasks about layers, as workers get them."""

from __future__ import annotations

import msgspec

from imgtar.fleet.inputs import ArchiveFile
from imgtar.fleet.layer_claim import LayerClaim
from imgtar.fleet.settings import FleetSettings


class CatalogTask(msgspec.Struct, frozen=True, kw_only=True):
    """An archive whose catalog is asked for."""

    archive: ArchiveFile
    settings: FleetSettings


class LayerTask(msgspec.Struct, frozen=True, kw_only=True):
    """A layer that is to be scanned, in an archive that claims to have it."""

    archive: ArchiveFile
    claim: LayerClaim
    settings: FleetSettings


def claimed_layers(task: CatalogTask) -> list[LayerClaim]:
    """The compressed layers of the chosen images; none where the archive passes once or cannot be used."""
    from imgtar.fleet.layers import layers_of  # what reads images; the coordinator needs none of it

    return layers_of(task.archive, task.settings)


def scan_claimed(task: LayerTask) -> None:
    """Scans the layer, so that the cache knows it. What is wrong with it is told with its archive."""
    from imgtar.fleet.layers import scan_layer_of

    scan_layer_of(task.archive, task.claim, task.settings)
