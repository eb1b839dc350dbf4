"""What a layer does to the filesystem, and how it differs from what another layer does.

Effects are compared, not members of tars: builders list parent directories or leave them out, write the type of the
file into the mode, and order members in their own way, and nothing of that reaches a filesystem.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import Literal, get_args

import msgspec

from imgtar.analysis.comparison.contents import ContentsOfTwo
from imgtar.analysis.stacked_image import StackedImage
from imgtar.filesystem.changes import Why
from imgtar.filesystem.differences import differences
from imgtar.filesystem.tree import FileEntry
from imgtar.formats.tar import TarMember
from imgtar.layer.scan import LayerScan

Reason = Literal["order", "format", "mtime", "owner", "mode", "xattrs", "content", "paths"]
DifferenceKind = Literal["added", "modified", "deleted"]
Wanted = Callable[[bytes], bool]

REASONS: tuple[Reason, ...] = get_args(Reason)
_REASON_OF: dict[Why, Reason] = {
    "content": "content",
    "link": "content",
    "type": "content",
    "device": "content",
    "mode": "mode",
    "owner": "owner",
    "mtime": "mtime",
    "xattrs": "xattrs",
}
_HARMLESS: frozenset[Reason] = frozenset({"order", "format", "mtime"})
_ONLY_TIME: tuple[tuple[Why, ...], ...] = (("mtime",), ())
_PERMISSIONS_WIDTH = 12  # bits of a stored mode that are permissions; writers put the type of the file above them
_LISTED = 10
_BLOCK = 512


class Difference(msgspec.Struct, frozen=True):
    """A path with which two layers differ, and the bytes of the file that is there afterwards, else before."""

    path: bytes
    kind: DifferenceKind
    size: int


class LayerDifference(msgspec.Struct, frozen=True):
    """Why two layers are not the same; `largest` has the paths that differ, at most ten, with the most bytes first.

    `compared` has what differs at each path at which both layers store something.
    """

    why: tuple[Reason, ...]
    largest: tuple[Difference, ...]
    compared: dict[bytes, tuple[Why, ...]]

    @property
    def is_harmless(self) -> bool:
        """Do both layers do the same, but for times, and for what only the tar has?"""
        return _HARMLESS.issuperset(self.why)


class Effects(msgspec.Struct, frozen=True):
    """What a layer does: what is at each path afterwards, None where it deletes.

    `times` are the directories whose time alone it changes; they are not among `paths`. `names` has for each hard link
    the first of the names that the layer gives this file.
    """

    paths: dict[bytes, FileEntry | None]
    times: dict[bytes, FileEntry]
    names: dict[bytes, bytes]


def everything(_path: bytes) -> bool:
    """Every path counts."""
    return True


def changed_paths(stacked: StackedImage, layer: int) -> AbstractSet[bytes]:
    """The paths that a layer adds, modifies or deletes."""
    changes = stacked.changes[layer]
    return {*changes.added, *changes.modified, *changes.deleted}


def effects(stacked: StackedImage, layer: int, wanted: Wanted = everything) -> Effects:
    """What a layer does to the wanted paths."""
    changes = stacked.changes[layer]
    paths: dict[bytes, FileEntry | None] = {
        path: stacked.version(path, layer) for path in filter(wanted, changes.added)
    }
    times: dict[bytes, FileEntry] = {}
    for path in filter(wanted, changes.modified):
        entry = stacked.version(path, layer)
        if entry.type == "dir" and changes.modified[path].why in _ONLY_TIME:
            times[path] = entry
        else:
            paths[path] = entry
    paths.update(dict.fromkeys(filter(wanted, changes.deleted)))
    return Effects(paths, times, _names(paths, changes.linked))


def _names(paths: dict[bytes, FileEntry | None], linked: dict[bytes, FileEntry]) -> dict[bytes, bytes]:
    first: dict[tuple[int, int], bytes] = {}
    shared = {path: (entry.scan_layer, entry.member.offset) for path, entry in linked.items() if path in paths}
    for path, inode in shared.items():
        first[inode] = min(path, first.get(inode, path))
    return {path: first[inode] for path, inode in shared.items()}


def compare_effects(a: Effects, b: Effects, contents: ContentsOfTwo) -> LayerDifference:
    """How the effects of two layers differ, apart from how the layers are stored. Raises InputError."""
    why: set[Reason] = set()
    compared: dict[bytes, tuple[Why, ...]] = {}
    found = [_difference(path, "deleted", before) for path, before in a.paths.items() if path not in b.paths]
    found += (_difference(path, "added", after) for path, after in b.paths.items() if path not in a.paths)
    if found:
        why.add("paths")
    for path, before in a.paths.items():
        if path not in b.paths:
            continue
        after = b.paths[path]
        reasons: set[Reason] = set()
        if before is not None and after is not None:
            compared[path] = differences(before, after, contents)
            reasons.update(_REASON_OF[reason] for reason in compared[path])
        if (before is None) != (after is None) or a.names.get(path, path) != b.names.get(path, path):
            reasons.add("paths")
        why |= reasons
        if not _HARMLESS.issuperset(reasons):
            found.append(_difference(path, "modified", after or before))
    if a.times.keys() != b.times.keys() or any(_times_differ(a.times[path], b.times[path]) for path in a.times):
        why.add("mtime")
    found.sort(key=lambda difference: (-difference.size, difference.path))
    return LayerDifference(tuple(reason for reason in REASONS if reason in why), tuple(found[:_LISTED]), compared)


def _difference(path: bytes, kind: DifferenceKind, entry: FileEntry | None) -> Difference:
    """A path that differs, with the size of what is there; a deleted path has none."""
    return Difference(path, kind, 0 if entry is None else entry.size)


def _times_differ(before: FileEntry, after: FileEntry) -> bool:
    return time_of(before.member) != time_of(after.member)


def time_of(member: TarMember) -> tuple[int, int]:
    """Seconds, and nanoseconds within the second."""
    return member.mtime, member.extra.mtime_ns if member.extra is not None else 0


def stored_reasons(a: LayerScan, b: LayerScan, explained: AbstractSet[bytes]) -> set[Reason]:
    """How the tars of two layers differ in order or format, whatever their members hold.

    The `explained` paths are those with which one of the layers does something, and the other one nothing.
    """
    places_a, places_b = _places(a), _places(b)
    order_a = sorted(filter(places_b.__contains__, places_a), key=places_a.__getitem__)
    order_b = sorted(order_a, key=places_b.__getitem__)
    why: set[Reason] = set()
    if order_a != order_b:
        why.add("order")
    is_alike = order_a == order_b and len(order_a) == len(places_a) == len(places_b)
    has_other_headers = is_alike and _headers(a, places_a, order_a) != _headers(b, places_b, order_b)
    if has_other_headers or _formats_differ(a, b, explained):
        why.add("format")
    return why


def _formats_differ(a: LayerScan, b: LayerScan, explained: AbstractSet[bytes]) -> bool:
    """Do the tars list other members without an effect, or do members differ in what no filesystem gets?"""
    if not explained >= a.entries.keys() ^ b.entries.keys():
        return True
    common = ((member, b.entries.get(path)) for path, member in a.entries.items())
    return any(other is not None and _format_differs(member, other) for member, other in common)


def _places(scan: LayerScan) -> dict[bytes, int]:
    """Where each entry and each marker is in the tar; a marker has an empty part before its path."""
    places = {path: member.offset for path, member in scan.entries.items()}
    places.update((b"/" + path, offset) for path, offset in scan.whiteouts.items())
    places.update((b"//" + path, offset) for path, offset in scan.opaque.items())
    return places


def _format_differs(before: TarMember, after: TarMember) -> bool:
    return before.name != after.name or before.mode >> _PERMISSIONS_WIDTH != after.mode >> _PERMISSIONS_WIDTH


def _headers(scan: LayerScan, places: dict[bytes, int], order: list[bytes]) -> list[int]:
    """The bytes of headers before each body, or marker."""
    sizes: list[int] = []
    end = 0
    for path in order:
        member = scan.entries.get(path)
        sizes.append(places[path] - end)
        end = places[path] + (0 if member is None else -(-member.stored_size // _BLOCK) * _BLOCK)
    return sizes


def layer_difference(
    a: StackedImage, layer_a: int, b: StackedImage, layer_b: int, contents: ContentsOfTwo, wanted: Wanted = everything
) -> LayerDifference:
    """Why two aligned layers of different diffIDs differ. Raises InputError where a file cannot be read."""
    before, after = effects(a, layer_a, wanted), effects(b, layer_b, wanted)
    found = compare_effects(before, after, contents)
    scan_a, scan_b = a.image.layers[layer_a].scan, b.image.layers[layer_b].scan
    if scan_a is None or scan_b is None:
        return found
    explained = {*before.paths, *before.times} ^ {*after.paths, *after.times}
    why = {*found.why, *stored_reasons(scan_a, scan_b, explained)}
    if not why:
        why.add("format")  # what is left: names of owners, padding, or what follows the end
    return msgspec.structs.replace(found, why=tuple(reason for reason in REASONS if reason in why))
