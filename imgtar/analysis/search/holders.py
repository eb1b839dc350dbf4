"""Where contents are: the paths at which layers store them, and the members that have such a content and no path."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from itertools import chain

from imgtar.analysis.stacked_image import StackedImage
from imgtar.filesystem.tree import FileEntry
from imgtar.formats.tar import TarMember
from imgtar.layer.scan import LayerScan

Content = tuple[int, int]  # the layer that stores a body, and its offset in the layer's tar
Stored = tuple[int, TarMember]  # a member and its layer


def content_of(entry: FileEntry) -> Content | None:
    """Where the content of a version is stored; None for what has none."""
    return None if entry.broken or entry.member.type != "file" else (entry.scan_layer, entry.member.offset)


def files_of(stacked: StackedImage, top: int | None) -> Iterator[Stored]:
    """The regular files that the layers up to `top` (None: all) store, also those that have no path."""
    for layer, scan in enumerate(stacked.tree.scans if top is None else stacked.tree.scans[: top + 1]):
        if scan is not None:
            linked = (link.inode.member for link in scan.links.values() if link.inode is not None)
            members = chain(scan.entries.values(), scan.strays, linked)
            yield from ((layer, member) for member in members if member.type == "file")


def holders(
    stacked: StackedImage, scans: Sequence[LayerScan | None], contents: Set[Content]
) -> tuple[set[bytes], list[Stored]]:
    """The paths at which the layers of these scans store the contents, and the members without a path that have one.

    A member has no path where the same layer stored over it, or where its name has no place in the tree; an empty one
    is left out: it is a marker nearly always.
    """
    paths: set[bytes] = set()
    homeless: list[Stored] = []
    for layer, scan in enumerate(scans) if contents else ():
        if scan is None:
            continue
        files = ((path, member.offset) for path, member in scan.entries.items() if member.type == "file")
        links = ((path, link.inode.member.offset) for path, link in scan.links.items() if link.inode is not None)
        seen: set[int] = set()
        for path, offset in chain(files, links):
            if (layer, offset) in contents:
                paths.add(path)
                seen.add(offset)
        lower = stacked.changes[layer].linked.items()  # links to files of lower layers are among them
        paths.update(path for path, entry in lower if content_of(entry) in contents)
        homeless += (
            (layer, member)
            for member in scan.strays
            if member.size and (layer, member.offset) in contents and member.offset not in seen
        )
    return paths, homeless
