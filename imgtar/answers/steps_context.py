"""The build context in which each step of the history is a line: the files of the layers that no command makes."""

from __future__ import annotations

import msgspec

from imgtar.analysis.dockerfile.history import Foundation, supplied_layers
from imgtar.analysis.dockerfile.supplied import Supplied
from imgtar.answers.build_context import Context, LayerFiles, context_of
from imgtar.answers.session import Session
from imgtar.extraction import choice
from imgtar.extraction.plan import Item, Manner, plan_of
from imgtar.filesystem.changes import LayerChanges
from imgtar.filesystem.tree import IMPLIED, FileTree
from imgtar.image.image import ImageOutline
from imgtar.layer.metadata import xattrs_of
from imgtar.layer.paths import parent

_LONGEST_NAME = 255  # bytes, on nearly every file system
_ODD_BITS = 0o7000  # setuid, setgid, sticky


def steps_context(session: Session, image: ImageOutline, base: Foundation) -> tuple[Context, dict[int, Supplied]]:
    """The files, and for each of their layers the lines that take them.

    The layers of an unnamed base are tars of what the filesystem of the base has from each. Above it a layer has what
    it stores: a directory where that keeps owners and modes, else a tar.
    """
    stacked = session.stacked(0)
    named = base.name is not None
    of_base = {} if named or not base.layers else choice.parts_of(session.tree(0, base.layers - 1))
    files: list[LayerFiles] = []
    supplied: dict[int, Supplied] = {}
    for layer in supplied_layers(image, base):
        scan, changes = stacked.tree.scans[layer], stacked.changes[layer]
        if scan is None:
            continue
        if layer < base.layers:
            chosen = of_base.get(layer, tuple)
            part, owner = LayerFiles(layer, plan_of(chosen, Manner(is_tar=True)), is_tar=True), None
            removed: list[bytes] = []
        else:
            part, owner = _own_files(choice.of_layer(scan, changes, layer), layer, changes, stacked.tree)
            removed = sorted(path for path in changes.deleted if parent(path) not in changes.deleted)
        files.append(part)
        supplied[layer] = Supplied(_line(part, owner), removed)
    return context_of(session, files, stacked.tree.scans), supplied


def _line(part: LayerFiles, owner: tuple[int, int] | None) -> str:
    if not part.plan.items:
        return f"# no file of layer {part.layer} is left to copy"
    if part.is_tar:
        return f"ADD {part.name} /"
    flag = "" if owner is None or owner == (0, 0) else f"--chown={owner[0]}:{owner[1]} "
    return f"COPY {flag}{part.name}/ /"


def _own_files(
    chosen: choice.Choice, layer: int, changes: LayerChanges, tree: FileTree
) -> tuple[LayerFiles, tuple[int, int] | None]:
    """The files that a layer stores, and who owns them in a directory.

    In a tar a directory that was there and that the layer does not list is left out, so that its metadata stay.
    """
    plan = plan_of(chosen, Manner(is_tar=True))
    items = [_as_it_is(item, tree) for item in plan.items]
    owners = {(item.member.uid, item.member.gid) for item in items}
    replaced = any("type" in modified.why for modified in changes.modified.values())
    if len(owners) == 1 and not replaced and all(map(_fits, items)):
        folder = choice.layer_folder(layer)
        moved = [_below(folder, item) for item in items]
        inside = [Item(folder, "dir", IMPLIED, layer, root=len(folder) + 1), *moved]
        return LayerFiles(layer, msgspec.structs.replace(plan, items=inside), is_tar=False), owners.pop()
    new = {*changes.added, *changes.modified}
    stated = [item for item in plan.items if not item.implied or item.path in new]
    return LayerFiles(layer, msgspec.structs.replace(plan, items=stated), is_tar=True), None


def _as_it_is(item: Item, tree: FileTree) -> Item:
    """The item; a directory that the layer does not list as the final filesystem has it: COPY sets its metadata."""
    if not item.implied or item.path not in tree:
        return item
    return msgspec.structs.replace(item, member=tree.entry(item.path).member)


def _below(folder: bytes, item: Item) -> Item:
    return msgspec.structs.replace(item, path=folder + b"/" + item.path, root=len(folder) + 1)


def _fits(item: Item) -> bool:
    """Does a directory of any user keep the item as it is?"""
    mode = item.member.mode
    needed = {"file": 0o400, "dir": 0o700, "symlink": 0}.get(item.type)
    if needed is None or mode & _ODD_BITS or mode & needed != needed or xattrs_of(item.member):
        return False
    inside = item.type != "symlink" or (item.target and not item.target.startswith(b"/") and not _climbs(item.target))
    return bool(inside) and all(len(name) <= _LONGEST_NAME for name in item.path.split(b"/"))


def _climbs(target: bytes) -> bool:
    return b".." in target.split(b"/")
