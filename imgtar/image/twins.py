"""Layers that another archive has too: they were read there, and need not be read again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from imgtar.archive.catalog.records import LayerRef
from imgtar.archive.input.blobs import Blob
from imgtar.formats.compression import sniff
from imgtar.formats.digest import Digest
from imgtar.image.image import ImageLayer
from imgtar.layer.scan import LayerScan
from imgtar.layer.sources import HEAD


class LayerTwin(msgspec.Struct, frozen=True):
    """A layer of another archive that was read completely: its scan without the findings, which are reported there,
    and its blob (None where it passed once).
    """

    scan: LayerScan
    blob: Blob | None
    digest: Digest | None

    def fits(self, ref: LayerRef) -> bool:
        """Has the layer `ref`, said to be the same, a size that agrees? A compressed one may have any other size."""
        blob = ref.blob
        if blob is None or not ref.readable:
            return False
        if sniff(blob.read_at(0, HEAD)) == "none":
            return blob.size == self.scan.tar_size
        stated = None if ref.descriptor is None else ref.descriptor.digest
        return stated is None or stated != self.digest or blob.size == self.scan.blob_size


class Twins:
    """The layers of another archive by diffID, as that archive states it or reading computed it."""

    def __init__(self, layers: Iterable[ImageLayer] = ()) -> None:
        self._twins: dict[Digest, LayerTwin] = {}
        for layer in layers:
            diff_id = (None if layer.scan is None else layer.scan.diff_id) or layer.diff_id
            if layer.scan is not None and layer.scan.complete and diff_id is not None and diff_id not in self._twins:
                scan = msgspec.structs.replace(layer.scan, findings=())
                self._twins[diff_id] = LayerTwin(scan, layer.ref.blob, layer.digest)

    def of(self, ref: LayerRef, diff_id: Digest | None) -> LayerTwin | None:
        """The twin of a layer; None where there is none, or the layer is not here to be read by offset."""
        twin = None if diff_id is None else self._twins.get(diff_id)
        return twin if twin is not None and twin.fits(ref) else None

    def without(self, refs: Sequence[LayerRef], diff_ids: Sequence[Digest | None]) -> Iterator[LayerRef]:
        """Those of these layers that have no twin; `diff_ids` may be fewer."""
        known = (*diff_ids, *[None] * len(refs))
        return (ref for ref, diff_id in zip(refs, known, strict=False) if self.of(ref, diff_id) is None)
