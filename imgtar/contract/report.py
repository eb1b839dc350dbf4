"""The JSON document of `report`: parts of the other documents about one archive, from one reading of it."""

from __future__ import annotations

from imgtar.contract.base import Base
from imgtar.contract.block import Block
from imgtar.contract.envelope import Envelope, FindingRow
from imgtar.contract.inspect import Advice, Dive, Layer, Platform, Totals, WasteGroup, WasteRow
from imgtar.contract.judgements import CheckImage, CheckRule, IgnoreRow
from imgtar.contract.packages import CoverageRow, PackageLayer, PackageRow, PackageTotals, SystemRow
from imgtar.contract.verification import ByteKind, ImageChecks


class PackageSummary(Block, frozen=True, kw_only=True):
    """The packages of an image as `packages` tells them; `largest` has those that are there and own most bytes."""

    os: SystemRow | None
    coverage: list[CoverageRow]
    layers: list[PackageLayer]
    largest: list[PackageRow]
    totals: PackageTotals


class ReportImage(Block, frozen=True, kw_only=True):
    """One image. `layers` have no `changes`; `largest_waste` has the largest rows of `waste`."""

    names: list[str]
    id: str | None
    manifest_digest: str | None
    platform: Platform
    created: str | None
    base: Base | None
    totals: Totals
    dive: Dive | None
    layers: list[Layer]
    waste_groups: list[WasteGroup]
    largest_waste: list[WasteRow]
    advice: list[Advice]
    packages: PackageSummary
    verification: ImageChecks


class AuditTerms(Block, frozen=True, kw_only=True):
    """What the audit went by, as in `AuditReport`."""

    judged_on: str
    ignore_file: str | None
    ignores: list[IgnoreRow]


class GateResults(Block, frozen=True, kw_only=True):
    """The verdicts of the gates, as in `CheckReport`."""

    passed: bool
    own: bool
    images: list[CheckImage]
    rules: list[CheckRule]


class WholeReport(Envelope, frozen=True, kw_only=True):
    """`gates` is null where the configuration `config` has none, or where there is no configuration.

    `bytes` says what every byte of the file belongs to, by kind; null for a directory.
    """

    config: str | None
    gates: GateResults | None
    images: list[ReportImage]
    bytes: list[ByteKind] | None
    audit: AuditTerms
    findings: list[FindingRow]
    ignored: int = 0
