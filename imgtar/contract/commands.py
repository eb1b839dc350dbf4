"""The JSON documents of all commands but `inspect`. The rules of `imgtar.contract.inspect` hold here too."""

from __future__ import annotations

from typing import Literal

from imgtar.contract.inspect import (
    SCHEMA_VERSION,
    Block,
    Envelope,
    FileType,
    FindingRow,
    Generator,
    History,
    Platform,
    Row,
    Severity,
)


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
    """The lowest `layers` layers of an image are its base; `source` says how that is known."""

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
