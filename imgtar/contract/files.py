"""The JSON documents about files: `ls`, `find`, `extract`. The rules of `imgtar.contract.inspect` hold here too."""

from __future__ import annotations

from typing import Literal

import msgspec

from imgtar.contract.block import Block, Row
from imgtar.contract.envelope import Envelope, FindingRow
from imgtar.contract.inspect import FileType, Why

EventKind = Literal["added", "modified", "deleted", "unchanged", "hidden"]
State = Literal["present", "deleted", "replaced", "hidden", "loop"]


class CutXattr(Block, frozen=True, kw_only=True):
    size: int
    sha256: str


class Entry(Row, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One path of `ls`."""

    path: str
    type: FileType
    size: int
    mode: str
    uid: int
    gid: int
    mtime: int | None = None
    mtime_ns: int | None = None
    link: str | None = None
    layer: int
    xattrs: dict[str, str] | None = None
    xattrs_cut: dict[str, CutXattr] | None = None
    implied: bool = False
    change: Literal["added", "modified", "unchanged", "deleted"] | None = None
    device: list[int] | None = None
    path_b64: str | None = None
    link_b64: str | None = None


class DirectoryRow(Row, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The bytes of the regular files at a path and below it, each inode once. `layer` where each layer is counted."""

    path: str
    type: Literal["dir", "file"]
    bytes: int
    files: int
    layer: int | None = None
    path_b64: str | None = None


class DuReport(Envelope, frozen=True, kw_only=True):
    """`ls --du`: `bytes` and `files` are the sums of the topmost directories (or files), which are among the rows."""

    image: str | None
    layer: int | None
    upto: int | None
    depth: int
    bytes: int
    files: int
    directories: list[DirectoryRow]
    findings: list[FindingRow]
    ignored: int = 0


class LsReport(Envelope, frozen=True, kw_only=True):
    image: str | None
    layer: int | None
    upto: int | None
    entries: list[Entry]
    findings: list[FindingRow]
    ignored: int = 0


class Event(Row, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What one layer did to a path. The keys that `Change` has too mean the same.

    `unchanged`: a directory is listed again, and nothing differs. `hidden`: the layer stores it at no path, because it
    stores over it itself or its name has no place. `contains`: the content has the text that was searched for.
    """

    layer: int
    instruction: str | None = None
    kind: EventKind
    why: list[Why] | None = None
    type: FileType
    size: int
    mode: str
    uid: int
    gid: int
    mtime: int | None = None
    mtime_ns: int | None = None
    link: str | None = None
    previous_layer: int | None = None
    implied: bool = False
    device: list[int] | None = None
    sha256: str | None = None
    contains: bool = False
    link_b64: str | None = None


class Match(Row, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One path of `find`. `type`, `size` and `layer` are those of the version that stands, or of the last one that did.

    `replaced`: the path went because a directory above it became something else. `hidden`: it never was in the
    filesystem. `loop`: symbolic links on the way to it lead to one another; it is not found. `below` counts the paths
    of all layers below a directory that was asked for by its path.
    """

    path: str
    state: State
    type: FileType | None = None
    size: int
    layer: int | None = None
    via: str | None = None
    below: int | None = None
    events: list[Event]
    path_b64: str | None = None
    via_b64: str | None = None


class FindReport(Envelope, frozen=True, kw_only=True):
    """`unmatched` are the patterns for which there is nothing."""

    image: str | None
    layer: int | None
    upto: int | None
    matches: list[Match]
    unmatched: list[str]
    findings: list[FindingRow]
    ignored: int = 0


class ExtractedEntry(Row, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One file that `extract` wrote: its `path` in the image, and as `file` its path below the output.

    `link` is the target that was written; `deleted_in` the layer that deletes this version of the file.
    """

    path: str
    file: str
    type: FileType
    size: int
    layer: int
    link: str | None = None
    deleted_in: int | None = None
    path_b64: str | None = None
    file_b64: str | None = None
    link_b64: str | None = None


class SkippedEntry(Row, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A path that `extract` did not write, or an attribute of it, and why not."""

    path: str
    type: FileType
    reason: str
    path_b64: str | None = None


class ExtractReport(Envelope, frozen=True, kw_only=True):
    """What `extract` wrote to the directory or tar `output`, which is null where it wrote nothing.

    Each file counts once in `files` and `bytes`; its further names are `hardlinks`. `others` are devices and pipes.
    """

    image: str | None
    layer: int | None
    upto: int | None
    output: str | None
    files: int
    directories: int
    symlinks: int
    hardlinks: int
    others: int
    bytes: int
    skipped: list[SkippedEntry]
    entries: list[ExtractedEntry] | msgspec.UnsetType = msgspec.UNSET
    findings: list[FindingRow]
    ignored: int = 0
