"""An image as values: what the catalog alone tells of it, and the same with the layers read."""

from __future__ import annotations

import msgspec

from imgtar.archive.catalog.records import ImageRecord, LayerRef
from imgtar.findings import Finding
from imgtar.formats.digest import Digest
from imgtar.formats.oci.config import Execution
from imgtar.formats.oci.platform import Platform
from imgtar.image.history.pairing import Pairing
from imgtar.layer.scan import LayerScan


class LayerOutline(msgspec.Struct, frozen=True, kw_only=True):
    """A layer at its position, base first, unread.

    `digest` is that of the blob where the archive states it or verifying computed it; `diff_id` is the config's.
    `blob_size` is the descriptor's where the blob is absent. The findings of `ref` are not repeated in the image's.
    """

    index: int
    ref: LayerRef
    diff_id: Digest | None
    chain_id: Digest | None
    digest: Digest | None
    media_type: str | None
    present: bool
    blob_size: int | None


class ImageLayer(LayerOutline, frozen=True, kw_only=True):
    """A layer that was read. `scan` is None where the blob is absent, unreadable by design, or was not asked for.

    The findings of `scan` are not repeated in the image's.
    """

    scan: LayerScan | None


class ImageOutline(msgspec.Struct, frozen=True, kw_only=True):
    """An image of the archive whose layers are unread.

    The findings lack the image's number; those of a layer have their layer.
    """

    record: ImageRecord
    layers: tuple[LayerOutline, ...]
    pairing: Pairing
    platform: Platform
    findings: tuple[Finding, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names that the archive gives the image."""
        return self.record.names

    @property
    def execution(self) -> Execution:
        """How a container of the image runs; empty where there is no config."""
        return Execution() if self.record.config is None else self.record.config.execution


class Image(ImageOutline, frozen=True, kw_only=True):
    """An image of the archive with its layers read."""

    layers: tuple[ImageLayer, ...]
