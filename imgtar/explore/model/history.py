"""What each layer did to one path, and what stood there after any layer, without stacking the layers again."""

from __future__ import annotations

from imgtar.analysis.stacked_image import StackedImage
from imgtar.filesystem.tree import FileEntry


class PathHistory:
    """Answers from the changes of a stack of layers."""

    def __init__(self, stacked: StackedImage) -> None:
        self._stacked = stacked
        self._last = len(stacked.changes) - 1

    def layers_of(self, path: bytes) -> tuple[tuple[int, ...], frozenset[int]]:
        """The layers that did something to a path, base first, and those of them that only list it again."""
        found: list[int] = []
        unchanged: set[int] = set()
        stands = False
        for layer, changes in enumerate(self._stacked.changes):
            if path in changes.deleted:
                stands = False
            elif path in changes.modified:
                stands = True
            elif not self._stores(path, layer, implied=not stands):
                continue
            elif stands:
                unchanged.add(layer)
            else:
                stands = True
            found.append(layer)
        return tuple(found), frozenset(unchanged)

    def _stores(self, path: bytes, layer: int, *, implied: bool) -> bool:
        scan = self._stacked.tree.scans[layer]
        return scan is not None and (path in scan.entries or (implied and path in scan.implied))

    def standing(self, path: bytes, layer: int) -> FileEntry | None:
        """What stands at a path after a layer; None where nothing does."""
        tree = self._stacked.tree
        if path in tree:
            if layer >= self._last:
                return tree.entry(path)
            changed = self._back(path, tree.changed.get(path, tree.owner[path]), layer)
            if changed is not None:
                return self._stacked.version(path, changed)
        for later in range(layer + 1, self._last + 1):
            gone = self._stacked.changes[later].deleted.get(path)
            if gone is not None:
                changed = self._back(path, gone.layer, layer)
                return None if changed is None else self._stacked.version(path, changed)
        return None

    def _back(self, path: bytes, changed: int, layer: int) -> int | None:
        """The last layer up to `layer` that changed a path which layer `changed` changed last; None if it added it."""
        while changed > layer:
            modified = self._stacked.changes[changed].modified.get(path)
            if modified is None:
                return None
            changed = modified.previous_layer
        return changed

    def stands(self, path: bytes, changed: int, layer: int) -> int | None:
        """The layer of the version that stood after `layer` of a path which layer `changed` changed last, or None."""
        return changed if changed <= layer else self._back(path, changed, layer)
