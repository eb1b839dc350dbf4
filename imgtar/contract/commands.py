"""The JSON documents of all commands but `inspect`. The rules of `imgtar.contract.inspect` hold here too."""

from __future__ import annotations

from typing import Literal

import msgspec

from imgtar.contract.base import Base
from imgtar.contract.block import Block, Row
from imgtar.contract.inspect import (
    SCHEMA_VERSION,
    Envelope,
    FileType,
    FindingRow,
    Generator,
    History,
    Platform,
    Severity,
    Why,
)

BaseCounted = Literal["--base", "--base-image", "label", "provenance", "history", "none"]
EventKind = Literal["added", "modified", "deleted", "unchanged", "hidden"]
State = Literal["present", "deleted", "replaced", "hidden", "loop"]


class HistoryImage(Block, frozen=True, kw_only=True):
    names: list[str]
    id: str | None
    history: list[History]


class HistoryReport(Envelope, frozen=True, kw_only=True):
    images: list[HistoryImage]
    findings: list[FindingRow]
    ignored: int = 0


class ShortIds(Block, frozen=True, kw_only=True):
    """12 digits each of what `docker pull` shows (blob digest), what `docker load` shows (diffID), and the chain ID."""

    pull: str | None
    load: str | None
    chain: str | None


class LayerIds(Block, frozen=True, kw_only=True):
    index: int
    diff_id: str | None
    chain_id: str | None
    digest: str | None
    short: ShortIds


class StoreIds(Block, frozen=True, kw_only=True):
    image_id: str | None
    rmi: list[str] | None


class DockerIds(Block, frozen=True, kw_only=True):
    graphdriver: StoreIds
    containerd: StoreIds


class IdsImage(Block, frozen=True, kw_only=True):
    names: list[str]
    id: str | None
    layers: list[LayerIds]
    docker: DockerIds


class IdsReport(Envelope, frozen=True, kw_only=True):
    images: list[IdsImage]
    findings: list[FindingRow]
    ignored: int = 0


class AuditImage(Block, frozen=True, kw_only=True):
    names: list[str]
    id: str | None
    platform: Platform


class IgnoreRow(Block, frozen=True, kw_only=True):
    """A rule of the ignore file and the number of findings that it ignored; an `expired` rule ignores none."""

    code: str | None
    path: str | None
    reason: str
    expires: str | None
    expired: bool
    count: int


class AuditReport(Envelope, frozen=True, kw_only=True):
    """The risks of the images. `judged_on` is the day that expiry dates and times of creation were compared with."""

    images: list[AuditImage]
    findings: list[FindingRow]
    ignored: int = 0
    config: str | None = None
    judged_on: str
    ignore_file: str | None = None
    ignores: list[IgnoreRow]


class RuleRow(Block, frozen=True, kw_only=True):
    family: str
    code: str
    severity: Severity
    meaning: str
    remedy: str
    references: list[str]


class RulesReport(Block, frozen=True, kw_only=True):
    """The rules of `audit`; this document is about no archive."""

    schema_version: int = SCHEMA_VERSION
    generator: Generator
    rules: list[RuleRow]


class CheckBase(Block, frozen=True, kw_only=True):
    """The lowest `layers` layers of an image count as its base; `source` says how that is known.

    `found` is the key `base` of the report of `inspect`. Where that is only a guess, gates do not rely on it.
    """

    layers: int
    source: BaseCounted
    found: Base | None


class CheckImage(Block, frozen=True, kw_only=True):
    names: list[str]
    id: str | None
    platform: Platform
    base: CheckBase


class CauseRow(Row, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One reason for a failed rule. `code` where it is a finding, with its `image` where there are several."""

    message: str
    code: str | None = None
    image: int | None = None
    layer: int | None = None
    path: str | None = None
    bytes: int | None = None
    path_b64: str | None = None


class CheckRule(Block, frozen=True, kw_only=True):
    """One gate's verdict on one image (null: on the whole archive). A share is a fraction of 1.

    `value` is null where it is not a number; for a rule on paths or labels it is the number of violations.
    """

    rule: str
    image: int | None
    passed: bool
    value: float | int | str | None
    limit: float | int | str | None
    unit: Literal["share", "bytes", "count", "text"]
    causes: list[CauseRow]


class CheckReport(Envelope, frozen=True, kw_only=True):
    """`passed` is true where every rule passed and the archive is whole and sound. `config` is the file used.

    `own`: the rules on sizes, waste, layers and forbidden paths judge the layers above the base alone.
    """

    passed: bool
    own: bool
    rules: list[CheckRule]
    config: str | None
    images: list[CheckImage]
    findings: list[FindingRow]
    ignored: int = 0


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
