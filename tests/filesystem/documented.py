"""Where the tree of imgtar and that of an engine differ on purpose (image-formats.md 3.12).

Each difference is about one field of what stands at a path, or about whether anything stands there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from imgtar.formats.tar import TarMember
from imgtar.formats.tar.path import clean
from imgtar.layer.metadata import xattrs_of
from imgtar.layer.scan import LayerScan
from tests.filesystem.engines import Node, Tree
from tests.filesystem.stack import Stack

PRESENCE = "presence"


class Case(msgspec.Struct, frozen=True):
    """One stack, unpacked by one engine: the trees of imgtar and of the engine."""

    engine: str
    stack: Stack
    ours: Tree
    theirs: Tree

    def differences(self) -> Iterator[tuple[bytes, str]]:
        """Each path and field in which the trees differ."""
        for path in sorted(self.ours.keys() | self.theirs.keys()):
            ours, theirs = self.ours.get(path), self.theirs.get(path)
            if ours is None or theirs is None:
                yield path, PRESENCE
            else:
                for field in Node.__struct_fields__:
                    if getattr(ours, field) != getattr(theirs, field):
                        yield path, field

    def explained(self, path: bytes, field: str) -> str | None:
        """The documented difference in a field at a path, None for a fault."""
        found = (name for name, (fields, holds) in _DOCUMENTED.items() if field in fields and holds(self, path))
        return next(found, None)


def members(scan: LayerScan) -> list[TarMember]:
    """All members of a layer that have a place in it, stored over or not."""
    return [*scan.entries.values(), *scan.strays]


def _implied_directory(case: Case, path: bytes) -> bool:
    ours, theirs = case.ours[path], case.theirs[path]
    if not ours.type == theirs.type == "dir" or not any(path in scan.implied for scan in case.stack.scans):
        return False
    if case.engine == "docker":
        return (theirs.mode, theirs.owner, theirs.xattrs) == (0o755, (0, 0), {})
    # Containerd looks at each lower layer alone: also behind a layer that hides the directory, and through a link.
    lower = [scan.entries[path] for scan in case.stack.scans if path in scan.entries]
    above = {path[:end] for end in range(1, len(path) + 1)}
    links = (scan.entries[name] for scan in case.stack.scans for name in above & scan.entries.keys())
    if any(member.type in ("symlink", "hardlink") for member in links):  # a symbolic link, or another name of one
        lower = [member for scan in case.stack.scans for member in scan.entries.values() if member.type == "dir"]
    return theirs.mode == 0o755 or theirs.mode in {member.mode & 0o7777 for member in lower}


def _listed_after_it_was_implied(case: Case, path: bytes) -> bool:
    if case.engine != "containerd" or case.ours[path].type != "dir":
        return False
    extra = case.theirs[path].xattrs.items() - case.ours[path].xattrs.items()
    listed = [scan.entries[path] for scan in case.stack.scans if path in scan.entries]
    lower = [xattrs_of(member) for member in listed[:-1]]
    return bool(extra) and any(all(xattrs.get(name.encode()) == value for name, value in extra) for xattrs in lower)


def _replaced_directory(case: Case, path: bytes) -> bool:
    for scan in case.stack.scans:
        inodes = {name: link.inode for name, link in scan.links.items()}
        inode = inodes.get(path) or next((one for one in inodes.values() if one and one.path == path), None)
        names = {path, *case.theirs[path].names}
        if inode is not None:
            names |= {inode.path, *(name for name, other in inodes.items() if other is inode)}
        times = {clean(member.name): member.mtime for member in scan.strays if member.type == "dir"}
        # Through a symbolic link of the layer, the name of the directory and that of what got its time differ.
        names = names | times.keys() if any(member.type == "symlink" for member in members(scan)) else names
        if case.theirs[path].mtime in [times.get(name) for name in names]:
            return True
    return False


def _linked_symlink(case: Case, path: bytes) -> bool:
    if case.engine != "containerd" or case.ours[path].type != "symlink":
        return False
    return case.theirs[path].mtime in {link.mtime for link in _hard_links(case)}


def _attribute_through_a_symlink(case: Case, path: bytes) -> bool:
    if case.engine != "docker" or not any(entry.type == "symlink" for entry in case.ours.values()):
        return False
    extra = {name.encode(): value for name, value in case.theirs[path].xattrs.items()}
    extra = {name: value for name, value in extra.items() if name.decode() not in case.ours[path].xattrs}
    return bool(extra) and any(extra.items() <= xattrs_of(link).items() for link in _hard_links(case))


def _hard_links(case: Case) -> list[TarMember]:
    return [member for scan in case.stack.scans for member in members(scan) if member.type == "hardlink"]


def _special_file(case: Case, path: bytes) -> bool:
    ours, theirs = case.ours[path], case.theirs[path]
    left = {name: value for name, value in ours.xattrs.items() if not name.startswith("user.")}
    return ours.type not in ("file", "dir") and theirs.xattrs == left


def _overlay_attribute(case: Case, path: bytes) -> bool:
    return (
        case.engine == "containerd"
        and path not in case.ours
        and any(
            b"trusted.overlay.opaque" in xattrs_of(member)
            for scan in case.stack.scans
            for above, member in scan.entries.items()
            if path.startswith(above + b"/")
        )
    )


def _name_of_its_own(case: Case, path: bytes) -> bool:
    ours, theirs = set(case.ours[path].names), set(case.theirs[path].names)
    return ours < theirs and all(case.explained(name, PRESENCE) for name in theirs - ours)


def _recreated_directory(case: Case, path: bytes) -> bool:
    return path not in case.ours and any(
        path.startswith(marked + b"/") and (marked in scan.implied or scan.entries[marked].type == "dir")
        for scan in case.stack.scans
        for marked in scan.whiteouts
        if marked in scan.implied or marked in scan.entries
    )


_DOCUMENTED: dict[str, tuple[tuple[str, ...], Callable[[Case, bytes], bool]]] = {
    "implied directory": (("mode", "owner", "xattrs"), _implied_directory),
    "directory listed after it was implied": (("xattrs",), _listed_after_it_was_implied),
    "time of a replaced directory": (("mtime",), _replaced_directory),
    "time of a linked symbolic link": (("mtime",), _linked_symlink),
    "attribute through a symbolic link": (("xattrs",), _attribute_through_a_symlink),
    "user attributes of special files": (("xattrs",), _special_file),
    "overlay attribute": ((PRESENCE,), _overlay_attribute),
    "recreated directory": ((PRESENCE,), _recreated_directory),
    "name that only the engine has, by another difference": (("names",), _name_of_its_own),
}
