"""The rows of the long lists, made one at a time: a million of them never exist at once."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

import msgspec

from imgtar.contract import files as documents
from imgtar.contract import inspect as model
from imgtar.filesystem.changes import LayerChanges
from imgtar.filesystem.tree import IMPLIED, FileEntry, FileTree
from imgtar.formats.tar import CutXattr, TarMember
from imgtar.layer.scan import LayerScan
from imgtar.text import json_text

ChangeWord = Literal["added", "modified", "unchanged", "deleted"]
_PERMISSIONS = 0o7777
_MODES = tuple(f"{mode:04o}" for mode in range(_PERMISSIONS + 1))


def change_rows(changes: LayerChanges, scan: LayerScan | None) -> Iterator[model.Change]:
    """The rows of one layer, sorted by the bytes of their paths."""
    entries = {} if scan is None else scan.entries
    for path in sorted((*changes.added, *changes.modified, *changes.deleted)):
        yield change_row(path, changes, entries)


def change_row(path: bytes, changes: LayerChanges, entries: Mapping[bytes, TarMember]) -> model.Change:
    """The row of one path that the layer with these entries changes."""
    change = changes.modified.get(path)
    if change is not None:
        row = _row(path, "modified", changes.linked.get(path), entries.get(path))
        return msgspec.structs.replace(row, why=list(change.why), previous_layer=change.previous_layer)
    gone = changes.deleted.get(path)
    if gone is not None:
        row = _row(path, "deleted", gone, gone.member)
        return msgspec.structs.replace(row, previous_layer=gone.layer)
    return _row(path, "added", changes.linked.get(path), entries.get(path))


def _row(path: bytes, kind: model.ChangeKind, linked: FileEntry | None, member: TarMember | None) -> model.Change:
    """One row; the ordinary one is made without a detour, since an image has hundreds of thousands of them."""
    if linked is not None or member is None or member.extra is not None:
        standing = linked or FileEntry(member or IMPLIED, 0, 0, implied=member is None)
        return model.Change(kind=kind, **file_fields(path, standing))
    try:
        text = "/" + path.decode()
        link = member.link.decode() if member.type == "symlink" else None
    except UnicodeDecodeError:
        return model.Change(kind=kind, **file_fields(path, FileEntry(member, 0, 0)))
    return model.Change(
        path=text,
        kind=kind,
        type=member.type,
        size=member.size if link is None else len(member.link),
        mode=_MODES[member.mode & _PERMISSIONS],
        uid=member.uid,
        gid=member.gid,
        mtime=member.mtime,
        link=link,
    )


def file_fields(path: bytes, standing: FileEntry) -> dict[str, Any]:
    """What a change, an event and an entry say of a path, by field name."""
    member = standing.member
    text, path_b64 = json_text(b"/" + path)
    fields: dict[str, Any] = {
        "path": text,
        "path_b64": path_b64,
        "type": standing.type,
        "size": standing.size,
        "mode": _MODES[member.mode & _PERMISSIONS],
        "uid": member.uid,
        "gid": member.gid,
    }
    if standing.implied:
        fields["implied"] = True
    else:
        fields["mtime"] = member.mtime
    target = b"/" + standing.link if standing.link is not None else member.link
    if standing.type in ("hardlink", "symlink"):
        fields["link"], fields["link_b64"] = json_text(target)
    if member.extra is not None:
        fields["mtime_ns"] = member.extra.mtime_ns or None
        fields["device"] = None if member.extra.device is None else list(member.extra.device)
    return fields


def file_rows(tree: FileTree, selects: Callable[[bytes], bool] | None = None) -> Iterator[documents.Entry]:
    """The files of a filesystem, sorted by the bytes of their paths; with `selects` those that it chooses."""
    for path in sorted(tree if selects is None else filter(selects, tree)):
        yield _entry(path, tree.entry(path))


def layer_rows(
    tree: FileTree, index: int, changes: LayerChanges, selects: Callable[[bytes], bool] | None = None
) -> Iterator[documents.Entry]:
    """What layer `index` holds and removes: its own entries, the implied directories it added, what it deleted.

    With `selects` those paths that it chooses.
    """
    scan = tree.scans[index]
    if scan is None:
        return
    added = set(changes.added)
    implied = scan.implied & added
    paths = {*scan.entries, *implied, *changes.deleted}
    for path in sorted(paths if selects is None else filter(selects, paths)):
        gone = changes.deleted.get(path)
        if gone is not None:
            yield _entry(path, gone, change="deleted", layer=index)
            continue
        member = scan.entries.get(path)
        standing = changes.linked.get(path) or FileEntry(member or IMPLIED, index, index, implied=member is None)
        change: ChangeWord = "added" if path in added else "modified" if path in changes.modified else "unchanged"
        yield _entry(path, standing, change=change, layer=index)


def _entry(
    path: bytes, standing: FileEntry, *, change: ChangeWord | None = None, layer: int | None = None
) -> documents.Entry:
    fields = file_fields(path, standing)
    attributes = (standing.member.extra and standing.member.extra.xattrs) or {}
    kept = {name: value for name, value in attributes.items() if isinstance(value, bytes)}
    cut = {name: value for name, value in attributes.items() if isinstance(value, CutXattr)}
    if kept:
        fields["xattrs"] = {json_text(name)[0]: base64.b64encode(value).decode() for name, value in kept.items()}
    if cut:
        fields["xattrs_cut"] = {
            json_text(name)[0]: documents.CutXattr(size=value.size, sha256=value.sha256.hex())
            for name, value in cut.items()
        }
    return documents.Entry(layer=standing.layer if layer is None else layer, change=change, **fields)
