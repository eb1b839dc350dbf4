"""Which paths are extracted: of the filesystem, of one layer, of every layer, or what the filesystem lacks."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Sequence

import msgspec

from imgtar.extraction.plan import Chosen
from imgtar.filesystem.changes import LayerChanges
from imgtar.filesystem.tree import IMPLIED, FileEntry, FileTree
from imgtar.layer.metadata import with_xattrs, xattrs_of
from imgtar.layer.paths import parent
from imgtar.layer.scan import LayerScan

_OPAQUE = b"trusted.overlay.opaque"
Choice = Callable[[], Iterable[Chosen]]
StackedLayer = tuple[int, LayerScan, LayerChanges]


def of_tree(tree: FileTree, wanted: Collection[bytes] = ()) -> Choice:
    """The filesystem, or of it what is at and below the `wanted` paths, with the directories above."""
    paths, above = _selected(sorted(tree), wanted)

    def chosen() -> Iterator[Chosen]:
        for path in paths:
            entry = _implied(0) if path in above else tree.entry(path)
            yield Chosen(path, entry, linked=path in tree.linked)

    return chosen


def parts_of(tree: FileTree) -> dict[int, Choice]:
    """What the filesystem has from each layer, with the directories above as the filesystem has them.

    A layer of which it has nothing is left out. A directory that nobody lists is of the layer that implies it.
    """
    by_layer: dict[int, set[bytes]] = {}
    for path in tree:
        by_layer.setdefault(tree.entry(path).scan_layer, set()).add(path)
    return {layer: _part(tree, paths) for layer, paths in by_layer.items()}


def _part(tree: FileTree, paths: set[bytes]) -> Choice:
    whole = sorted(paths.union(up for path in paths for up in _parents(path) if up in tree))
    return lambda: (Chosen(path, _unmarked(tree.entry(path)), linked=path in tree.linked) for path in whole)


def _unmarked(entry: FileEntry) -> FileEntry:
    """The entry without the attribute that would hide what lower layers have in a directory."""
    attributes = xattrs_of(entry.member)
    if entry.type != "dir" or _OPAQUE not in attributes:
        return entry
    kept = {name: value for name, value in attributes.items() if name != _OPAQUE}
    return msgspec.structs.replace(entry, member=with_xattrs(entry.member, kept))


def of_layer(scan: LayerScan, changes: LayerChanges, layer: int, wanted: Collection[bytes] = ()) -> Choice:
    """What a layer itself stores, or of it what is at and below the `wanted` paths, with the directories above."""
    paths, above = _selected(stored_paths(scan), wanted)
    return lambda: (_of_layer(path, scan, changes, layer, above) for path in paths)


def of_layers(
    layers: Sequence[StackedLayer],
    wanted: Collection[bytes] = (),
    *,
    lacking_in: FileTree | None = None,
) -> Choice:
    """What each layer stores, in a directory of its own; with `lacking_in` only what that filesystem lacks.

    A directory that is there only because of what is below is not stored by the layer.
    """

    def chosen() -> Iterator[Chosen]:
        for layer, scan, changes in layers:
            stored = stored_paths(scan)
            if lacking_in is not None:
                stored = [path for path in stored if path not in lacking_in]
            paths, above = _selected(stored, wanted)
            if lacking_in is not None:
                lacking = set(paths)
                above = {up for path in paths for up in _parents(path) if up not in lacking} | above
                paths = sorted(lacking | above)
            if not paths and lacking_in is not None:
                continue
            folder = layer_folder(layer)
            yield Chosen(folder, _implied(layer))
            for path in paths:
                one = _of_layer(path, scan, changes, layer, above)
                # A link of a higher layer may name the file of this one.
                yield Chosen(folder + b"/" + path, one.entry, linked=True, root=len(folder) + 1)

    return chosen


def has(paths: list[bytes], wanted: bytes, lacking_in: Container[bytes] = ()) -> bool:
    """Is a wanted path, or something below it, among the sorted paths, and not in `lacking_in`?"""
    found, _ = _selected(paths, [wanted])
    return any(path not in lacking_in for path in found)


def layer_folder(layer: int) -> bytes:
    """The directory in which the files of a layer are extracted."""
    return b"layer-%02d" % layer


def stored_paths(scan: LayerScan) -> list[bytes]:
    """The paths that a layer stores and the directories above them, sorted."""
    return sorted({*scan.entries, *scan.implied})


def _of_layer(path: bytes, scan: LayerScan, changes: LayerChanges, layer: int, above: Collection[bytes]) -> Chosen:
    linked = changes.linked.get(path)
    member = None if path in above else scan.entries.get(path)
    if linked is not None and path not in above:
        return Chosen(path, linked, linked=True)
    if member is not None and member.type == "hardlink":  # to a file of no layer
        return Chosen(path, FileEntry(member, layer, layer, scan.links[path].target, broken=True))
    return Chosen(path, _implied(layer) if member is None else FileEntry(member, layer, layer))


def _implied(layer: int) -> FileEntry:
    return FileEntry(IMPLIED, layer, layer, implied=True)


def _selected(paths: list[bytes], wanted: Collection[bytes]) -> tuple[list[bytes], set[bytes]]:
    """Of the sorted paths those at and below the wanted ones, and the directories above, which are returned too."""
    if not wanted or b"" in wanted:
        return paths, set()
    found: set[bytes] = set()
    for path in wanted:
        at = bisect_left(paths, path)
        if paths[at : at + 1] == [path]:
            found.add(path)
        found.update(paths[bisect_left(paths, path + b"/") : bisect_left(paths, path + b"0")])  # "0" follows "/"
    above = {up for path in wanted if path in found for up in _parents(path)} - found
    return sorted(found | above), above


def _parents(path: bytes) -> Iterator[bytes]:
    while path := parent(path):
        yield path
