"""The files that `ls` lists: those of one filesystem, or those of single layers, one layer after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Protocol

from imgtar.analysis.stacked_image import StackedImage
from imgtar.analysis.usage import Selects, Usage, layer_files, tree_files, usage
from imgtar.answers.rows import file_rows, layer_rows
from imgtar.contract.files import Entry


class Listed(Protocol):
    """Files of a stack of layers, of which `selects` chooses some by their paths."""

    def paths(self) -> Iterator[bytes]:
        """The paths, in no order; one that several layers have comes more than once."""

    def is_directory(self, path: bytes) -> bool:
        """Is a directory at this path, in one of the layers where there are several?"""

    def entries(self, selects: Selects) -> Iterator[Entry]:
        """The rows, by layer where there are several, then by path."""

    def usage(self, selects: Selects, depth: int) -> list[Usage]:
        """The bytes below each directory, largest first."""


class TreeFiles:
    """The files of the filesystem of all layers of the stack."""

    def __init__(self, stacked: StackedImage) -> None:
        self._tree = stacked.tree

    def paths(self) -> Iterator[bytes]:
        return iter(self._tree)

    def is_directory(self, path: bytes) -> bool:
        return path in self._tree and self._tree.entry(path).member.type == "dir"

    def entries(self, selects: Selects) -> Iterator[Entry]:
        return file_rows(self._tree, selects)

    def usage(self, selects: Selects, depth: int) -> list[Usage]:
        return usage(tree_files(self._tree, selects), selects, depth)


class LayerFiles:
    """What these layers of the stack hold and remove."""

    def __init__(self, stacked: StackedImage, layers: Sequence[int]) -> None:
        self._tree = stacked.tree
        self._changes = stacked.changes
        self._layers = [layer for layer in layers if stacked.tree.scans[layer] is not None]

    def paths(self) -> Iterator[bytes]:
        return chain.from_iterable(self._paths(layer) for layer in self._layers)

    def _paths(self, layer: int) -> Iterator[bytes]:
        scan, changes = self._tree.scans[layer], self._changes[layer]
        assert scan is not None
        return chain(scan.entries, scan.implied.intersection(changes.added), changes.deleted)

    def is_directory(self, path: bytes) -> bool:
        return any(self._has_directory(layer, path) for layer in self._layers)

    def _has_directory(self, layer: int, path: bytes) -> bool:
        scan, removed = self._tree.scans[layer], self._changes[layer].deleted.get(path)
        assert scan is not None
        member = scan.entries.get(path) if removed is None else removed.member
        return path in scan.implied if member is None else member.type == "dir"

    def entries(self, selects: Selects) -> Iterator[Entry]:
        rows = (layer_rows(self._tree, layer, self._changes[layer], selects) for layer in self._layers)
        return chain.from_iterable(rows)

    def usage(self, selects: Selects, depth: int) -> list[Usage]:
        rows = chain.from_iterable(self._usage(layer, selects, depth) for layer in self._layers)
        return sorted(rows, key=lambda row: (-row.bytes, row.path, row.layer))

    def _usage(self, layer: int, selects: Selects, depth: int) -> list[Usage]:
        scan = self._tree.scans[layer]
        assert scan is not None
        return usage(layer_files(scan, layer, self._changes[layer], selects), selects, depth, layer)
