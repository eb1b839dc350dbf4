"""The public report: what scripts may rely on, versioned apart from every internal type.

Field names, order and meaning are the contract of the JSON output; the JSON Schema is generated from these types.
Sizes are bytes. In rows of the long lists (`Change`, `WasteRow`, `Entry`, `FindingRow`) a key without a value is
left out (`omit_defaults`); everywhere else it is null, [] or {}.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

SCHEMA_VERSION = 1

ChangeKind = Literal["added", "modified", "deleted"]
FileType = Literal["file", "dir", "symlink", "hardlink", "char", "block", "fifo", "unknown"]
Why = Literal["content", "mode", "owner", "mtime", "xattrs", "link", "type", "device"]
WasteKind = Literal["deleted", "overwritten", "metadata-only", "identical", "replaced", "duplicate"]
Form = Literal["docker-archive", "docker+oci", "oci-archive", "oci-layout", "docker-dir", "docker-legacy"]
Compression = Literal["none", "gzip", "zstd", "xz", "bzip2"]
Integrity = Literal["failed", "verified", "not-checked"]
Severity = Literal["info", "low", "medium", "high", "critical"]
Size = Annotated[int, Meta(ge=0)]


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """An object whose keys are always present."""


class Row(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A row of a long list: keys without a value are left out."""


class Generator(Block, frozen=True, kw_only=True):
    name: Literal["imgtar"] = "imgtar"
    version: str


class Source(Block, frozen=True, kw_only=True):
    path: str
    size: int | None
    form: Form
    container: Literal["tar", "directory", "stream"]
    compression: Compression
    path_b64: str | msgspec.UnsetType = msgspec.UNSET


class Platform(Block, frozen=True, kw_only=True):
    os: str | None
    architecture: str | None
    variant: str | None


class Config(Block, frozen=True, kw_only=True):
    """The part of the image configuration that says how it runs; a field of the wrong type is null or empty."""

    user: str | None
    env: list[str]
    entrypoint: list[str]
    cmd: list[str]
    working_dir: str | None
    exposed_ports: list[str]
    volumes: list[str]
    labels: dict[str, str]
    stop_signal: str | None
    healthcheck: dict[str, Any] | None
    shell: list[str]
    onbuild: list[str]


class Tally(Block, frozen=True, kw_only=True):
    """Rows in `changes` and the bytes they stand for; null for an absent layer."""

    count: int | None
    bytes: int | None


class Change(Row, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One path that a layer adds, modifies or deletes. A deleted row has the fields of what it was."""

    path: str
    kind: ChangeKind
    type: FileType
    # Values that are always present have no default: 0 is a value here.
    size: int
    mode: str
    uid: int
    gid: int
    mtime: int | None = None
    mtime_ns: int | None = None
    link: str | None = None
    why: list[Why] | None = None
    previous_layer: int | None = None
    implied: bool = False
    device: list[int] | None = None
    path_b64: str | None = None
    link_b64: str | None = None


class Layer(Block, frozen=True, kw_only=True):
    index: int
    digest: str | None
    diff_id: str | None
    chain_id: str | None
    media_type: str | None
    compression: Compression | None
    present: bool
    complete: bool | None
    stopped_at: int | None
    blob_size: int | None
    tar_size: int | None
    content_size: int | None
    history_index: int | None
    instruction: str | None
    created_by: str | None
    entry_count: int | None
    added: Tally
    modified: Tally
    deleted: Tally
    whiteouts: int | None
    opaque_dirs: int | None
    stored: dict[str, Any]
    changes: list[Change]


class History(Block, frozen=True, kw_only=True):
    index: int
    created: str | None
    created_by: str | None
    author: str | None
    comment: str | None
    instruction: str | None
    text: str | None
    empty_layer: bool
    layer: int | None
    repaired: bool


class Totals(Block, frozen=True, kw_only=True):
    layers: int
    history: int
    empty_layers: int
    blob_size: int
    tar_size: int
    content_size: int
    stored_bytes: int
    final_bytes: int
    wasted_bytes: int
    efficiency: float
    files: int
    directories: int
    symlinks: int


class WasteRow(Row, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    path: str
    bytes: int
    kind: WasteKind
    added_in: int
    removed_in: int
    path_b64: str | None = None


class Dive(Block, frozen=True, kw_only=True):
    """dive's numbers by dive's own rules; the percent is a fraction, null for NaN or infinite."""

    efficiency: float | None
    wasted_bytes: int | None
    user_wasted_percent: float | None


class Image(Block, frozen=True, kw_only=True):
    names: list[str]
    id: str | None
    manifest_digest: str | None
    platform: Platform
    created: str | None
    author: str | None
    config: Config
    layers: list[Layer]
    history: list[History]
    totals: Totals
    waste: list[WasteRow]
    dive: Dive | None


class Other(Block, frozen=True, kw_only=True):
    kind: Literal[
        "attestation", "referrer", "artifact", "absent-platform", "alternate-manifest", "unreferenced-blob", "unknown"
    ]
    digest: str | None
    media_type: str | None
    refers_to: str | None
    present: bool
    size: int | None = None
    member: str | None = None
    platform: str | None = None
    artifact_type: str | None = None


class Place(Row, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    image: int | None = None
    layer: int | None = None
    member: str | None = None
    path: str | None = None
    offset: int | None = None
    removed_in: int | None = None
    member_b64: str | None = None
    path_b64: str | None = None


class FindingRow(Row, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    code: str
    severity: Severity
    effect: Literal["none", "inconsistent", "incomplete", "limit"]
    message: str
    count: int
    where: Place
    references: list[str]


class Envelope(Block, frozen=True, kw_only=True):
    """What every document begins with."""

    schema_version: int = SCHEMA_VERSION
    generator: Generator
    source: Source
    complete: bool
    integrity: Integrity


class InspectReport(Envelope, frozen=True, kw_only=True):
    images: list[Image]
    other: list[Other]
    findings: list[FindingRow]
    ignored: int = 0


class ByteRange(Block, frozen=True, kw_only=True):
    """`length` bytes of the (decompressed) file from `offset` on, and what they belong to."""

    offset: int
    length: int
    what: str


class VerifyReport(InspectReport, frozen=True, kw_only=True):
    """The report without its long lists, and every byte of the file attributed; null for a directory."""

    ranges: list[ByteRange] | None


class HistoryImage(Block, frozen=True, kw_only=True):
    names: list[str]
    id: str | None
    history: list[History]


class HistoryReport(Envelope, frozen=True, kw_only=True):
    images: list[HistoryImage]
    findings: list[FindingRow]
    ignored: int = 0


class ShortIds(Block, frozen=True, kw_only=True):
    """The 12 digits of `docker pull` (blob digest), `docker load` (diffID) and the chain ID."""

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
    """A rule of the ignore file and how many findings it left out; an `expired` one leaves out none."""

    code: str | None
    path: str | None
    reason: str
    expires: str | None
    expired: bool
    count: int


class AuditReport(Envelope, frozen=True, kw_only=True):
    """What is risky. `judged_on` is the day that expiry dates and the time of creation were compared with."""

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
    """The rules of `audit`; it tells of no archive."""

    schema_version: int = SCHEMA_VERSION
    generator: Generator
    rules: list[RuleRow]


class CheckBase(Block, frozen=True, kw_only=True):
    """The lowest `layers` layers of an image are its base, by what `source` says."""

    layers: int
    source: Literal["--base", "--base-image", "label", "history", "none"]


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

    `value` is null where it is no number; of a rule on paths or labels it is how often the rule is broken.
    """

    rule: str
    image: int | None
    passed: bool
    value: float | int | str | None
    limit: float | int | str | None
    unit: Literal["share", "bytes", "count", "text"]
    causes: list[CauseRow]


class CheckReport(Envelope, frozen=True, kw_only=True):
    """`passed` is true where every rule passed and the archive is whole and sound. `config` is the file used."""

    passed: bool
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


class LsReport(Envelope, frozen=True, kw_only=True):
    image: str | None
    layer: int | None
    entries: list[Entry]
    findings: list[FindingRow]
    ignored: int = 0


class ErrorBody(Block, frozen=True, kw_only=True):
    code: str
    message: str


class ErrorReport(Block, frozen=True, kw_only=True):
    schema_version: int = SCHEMA_VERSION
    error: ErrorBody
