"""Contents of two images compared: only files of one size, and never a layer with itself."""

from __future__ import annotations

from collections.abc import Iterator

from imgtar.analysis.stacked_image import StackedImage
from imgtar.filesystem.differences import Contents
from imgtar.filesystem.tree import FileEntry
from imgtar.findings import Finding
from imgtar.image.image import ImageLayer
from imgtar.image.problems import LAYER_DIFFERS
from imgtar.layer.bodies import LayerBodies, bodies_of
from imgtar.limits import Limits


class ContentsOfTwo(Contents):
    """Compares files of the image `a` with files of the image `b`.

    What two layers of one diffID store at one offset is equal; the diffID is the computed one where it was computed.
    """

    def __init__(self, a: StackedImage, b: StackedImage, limits: Limits) -> None:
        self._bodies_of_a, self._bodies_of_b = _bodies(a, limits), _bodies(b, limits)
        super().__init__(self._bodies_of_a, self._bodies_of_b)
        self._a, self._b = a.image.layers, b.image.layers
        self._diff_ids_of_a = [diff_id(layer) for layer in self._a]
        self._diff_ids_of_b = [diff_id(layer) for layer in self._b]

    def same_layer(self, a: int, b: int) -> bool:
        """Have these two layers one diffID? Not where both were read and have different sizes: one of them lies."""
        known = self._diff_ids_of_a[a]
        return known is not None and known == self._diff_ids_of_b[b] and not _contradict(self._a[a], self._b[b])

    def findings(self) -> Iterator[Finding]:
        """That the time is up, once, and the layers of `b` that contradict their diffID."""
        yield from super().findings()
        first = {known: layer for known, layer in zip(self._diff_ids_of_a, self._a, strict=True) if known is not None}
        for known, layer in zip(self._diff_ids_of_b, self._b, strict=True):
            other = None if known is None else first.get(known)
            if other is not None and _contradict(other, layer):
                assert layer.scan is not None
                assert other.scan is not None
                sizes = LAYER_DIFFERS.at(found=layer.scan.tar_size, other=other.scan.tar_size)
                yield sizes.within(layer=layer.index).of_input("b")

    def differ(self, old: FileEntry, new: FileEntry) -> bool:
        """Do two regular files hold different bytes? Raises InputError where a file cannot be read."""
        if old.member.offset == new.member.offset and self.same_layer(old.scan_layer, new.scan_layer):
            return False
        return super().differ(old, new)

    def identity_of_a(self, entry: FileEntry) -> bytes | None:
        """Equal for files of one size whose bytes are equal; None where the content is not known. For `a`."""
        return self.identity(entry.member, self._bodies_of_a[entry.scan_layer])

    def identity_of_b(self, entry: FileEntry) -> bytes | None:
        """The same for `b`."""
        return self.identity(entry.member, self._bodies_of_b[entry.scan_layer])


def _contradict(a: ImageLayer, b: ImageLayer) -> bool:
    """Were both layers read, and have their tars different sizes?"""
    was, now = a.scan, b.scan
    return was is not None and now is not None and was.complete and now.complete and was.tar_size != now.tar_size


def diff_id(layer: ImageLayer) -> str | None:
    """The diffID of a layer as text: the computed one, else the one that is stated."""
    computed = None if layer.scan is None else layer.scan.diff_id
    known = computed or layer.diff_id
    return None if known is None else str(known)


def _bodies(stacked: StackedImage, limits: Limits) -> list[LayerBodies | None]:
    return [bodies_of(layer.scan, layer.ref.blob, limits) for layer in stacked.image.layers]
