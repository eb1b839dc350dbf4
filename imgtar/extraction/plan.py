"""What will be written, as a value: every path once, each with its directory before it.

The plan is made from the finished tree, before the first byte is written; the order of the archive decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

import msgspec

from imgtar.extraction import problems
from imgtar.extraction.links import Links, LinkTree
from imgtar.filesystem.tree import IMPLIED, FileEntry
from imgtar.findings import Finding, FindingLog, Where
from imgtar.formats.tar import TarMember
from imgtar.formats.tar.member import MemberType
from imgtar.layer.paths import parent

ExtractedType = Literal["file", "dir", "symlink", "hardlink", "char", "block", "fifo"]
DAMAGED = "its content is damaged"  # why a file is not written
SPECIAL = frozenset({"char", "block", "fifo"})


class Chosen(msgspec.Struct, frozen=True, gc=False):
    """A path to write: `path` below the output, of which the first `root` bytes lead to the root of its filesystem.

    `entry` is what the image has there. `linked`: its file has or had several names.
    """

    path: bytes
    entry: FileEntry
    linked: bool = False
    root: int = 0


class Item(msgspec.Struct, frozen=True, gc=False):
    """One path of the output. `type` is hardlink for a further name of `target`, an item of the plan.

    The `target` of a symbolic link is what is written into it. `layer` stores `member`, whose metadata count. The first
    `root` bytes of the path lead to the root of its filesystem.
    """

    path: bytes
    type: ExtractedType
    member: TarMember
    layer: int
    target: bytes = b""
    root: int = 0

    @property
    def implied(self) -> bool:
        """Is it a directory that the image does not list?"""
        return self.member is IMPLIED

    @property
    def image_path(self) -> bytes:
        """The path in the image; b"" for the directory of a layer."""
        return self.path[self.root :]

    def skipped(self, reason: str) -> Skipped:
        """The item as one that is not written."""
        return Skipped(self.image_path, self.type, reason)


class Skipped(msgspec.Struct, frozen=True, gc=False):
    """A path of the image that is not written, and why not."""

    path: bytes
    type: MemberType
    reason: str


class Plan(msgspec.Struct, frozen=True):
    """What will be written, sorted by the bytes of the paths, and what will not.

    `documents` are files of our own at the top of the output, by name.
    """

    items: Sequence[Item]
    skipped: Sequence[Skipped]
    findings: Sequence[Finding]
    documents: tuple[tuple[bytes, bytes], ...] = ()

    @property
    def content_bytes(self) -> int:
        """The bytes of all files, holes included, each file once."""
        return sum(item.member.size for item in self.items if item.type == "file")

    def without(self, failed: Iterable[Item], reason: str) -> Plan:
        """The plan without these files and the further names of them."""
        paths = {item.path for item in failed}
        lost = [item for item in self.items if item.path in paths or (item.type == "hardlink" and item.target in paths)]
        left_out = {item.path for item in lost}
        skipped = [item.skipped(reason) for item in lost]
        items = [item for item in self.items if item.path not in left_out]
        return msgspec.structs.replace(self, items=items, skipped=[*self.skipped, *skipped])


class Written(msgspec.Struct, frozen=True):
    """What became of a plan. `items` were written, `skipped` were not, for whatever reason.

    `refused`: the file system did not take some of them. `stopped`: a limit ended the work.
    """

    items: Sequence[Item]
    skipped: Sequence[Skipped]
    findings: Sequence[Finding]
    refused: bool = False
    stopped: bool = False


class Manner(msgspec.Struct, frozen=True, kw_only=True):
    """What is done with symbolic links that lead out, and whether devices and pipes are written.

    In a tar (`is_tar`) they are, and links that lead out raise no finding: a tar has no place on this machine.
    """

    links: Links = "keep"
    special: bool = False
    is_tar: bool = False

    def shares(self, kind: MemberType) -> bool:
        """Are the further names of a file of this type hard links? A symbolic link reads otherwise at another place."""
        return kind == "file" or (self.is_tar and kind in SPECIAL | ({"symlink"} if self.links == "keep" else set()))


def plan_of(
    chosen: Callable[[], Iterable[Chosen]], manner: Manner, documents: tuple[tuple[bytes, bytes], ...] = ()
) -> Plan:
    """The plan for the chosen paths, which come sorted by their bytes, as often as they are asked for."""
    planner = _Planner(manner)
    for one in chosen():
        planner.add(one)
    return planner.finish(documents)


class _Planner:
    def __init__(self, manner: Manner) -> None:
        self._manner = manner
        self._items: list[Item] = []
        self._skipped: list[Skipped] = []
        self._log = FindingLog()
        self._directories: set[bytes] = {b""}
        self._first: dict[tuple[int, int], bytes] = {}  # of files with several names the first name
        self._roots: dict[bytes, int] = {}  # of symbolic links

    def add(self, one: Chosen) -> None:
        entry = one.entry
        member, kind = entry.member, entry.member.type
        if parent(one.path) not in self._directories:
            self._skip(one, kind, "its path is too long to be split into names", written=True)
        elif kind == "symlink" and not member.link and not self._manner.is_tar:
            self._skip(one, kind, "its target is empty", written=True)
        elif entry.broken or kind == "hardlink":
            self._skip(one, "hardlink", "the file that it names is not there")
        elif kind == "unknown":
            self._skip(one, kind, "its type is unknown")
        elif kind in SPECIAL and not (self._manner.special or self._manner.is_tar):
            self._skip(one, kind, "--special writes it")
        elif kind == "symlink" and self._manner.links == "skip":
            self._skip(one, kind, "--links skip leaves it out")
        else:
            self._place(one, member, kind)

    def _place(self, one: Chosen, member: TarMember, kind: ExtractedType) -> None:
        path, layer = one.path, one.entry.scan_layer
        if one.linked and self._manner.shares(kind):
            first = self._first.setdefault((layer, member.offset), path)
            if first != path:
                self._items.append(Item(path, "hardlink", member, layer, first, one.root))
                return
        if kind == "dir":
            self._directories.add(path)
        elif kind == "symlink":
            self._roots[path] = one.root
        self._items.append(Item(path, kind, member, layer, member.link if kind == "symlink" else b"", one.root))

    def _skip(self, one: Chosen | Item, kind: MemberType, reason: str, *, written: bool = False) -> None:
        path = one.path[one.root :]
        self._skipped.append(Skipped(path, kind, reason))
        finding = problems.NOT_WRITTEN if written else problems.SKIPPED
        self._log.add(finding.at(Where(path=path), name=path, type=kind, why=reason))

    def finish(self, documents: tuple[tuple[bytes, bytes], ...]) -> Plan:
        if self._roots and (not self._manner.is_tar or self._manner.links == "inside"):
            self._judge_links()
        return Plan(self._items, self._skipped, tuple(self._log), documents)

    def _judge_links(self) -> None:
        """Counts the symbolic links that lead out, or makes them lead inside and leaves out those that cannot."""
        inside = self._manner.links == "inside"
        targets = {item.path: item.target for item in self._items if item.type == "symlink"}
        tree = LinkTree(self._directories, targets, self._roots, rerooted=inside)
        kept: list[Item] = []
        for item in self._items:
            if item.type != "symlink":
                kept.append(item)
            elif not tree.leaves(item.path):
                kept.append(msgspec.structs.replace(item, target=tree.written(item.path)) if inside else item)
            elif inside:
                self._skip(item, "symlink", "its target is outside the image")
            else:
                self._log.add(problems.LINK_LEAVES_TREE.at(Where(path=item.image_path), name=item.image_path))
                kept.append(item)
        self._items = kept
