"""What the summary reads of a row: a few keys; the rest of the line is passed over."""

from __future__ import annotations

import msgspec

from imgtar.contract.envelope import Severity


class BaseName(msgspec.Struct, frozen=True):
    name: str | None
    digest: str | None


class LayerRow(msgspec.Struct, frozen=True):
    digest: str | None
    diff_id: str | None
    chain_id: str | None
    blob_size: int | None
    content_size: int | None
    created_by: str | None


class ImageSums(msgspec.Struct, frozen=True):
    content_size: int
    stored_bytes: int
    wasted_bytes: int


class ImageRow(msgspec.Struct, frozen=True):
    names: list[str]
    id: str | None
    layers: list[LayerRow]
    base: BaseName | None
    totals: ImageSums


class Place(msgspec.Struct, frozen=True):
    image: int | None = None


class Finding(msgspec.Struct, frozen=True):
    code: str
    severity: Severity
    count: int
    where: Place


class ReportRow(msgspec.Struct, frozen=True):
    findings: list[Finding]
    images: list[ImageRow] = []


class AuditedImage(msgspec.Struct, frozen=True):
    id: str | None


class AuditRow(msgspec.Struct, frozen=True):
    findings: list[Finding]
    images: list[AuditedImage] = []


Judged = ReportRow | AuditRow


class PackageRow(msgspec.Struct, frozen=True):
    type: str
    name: str
    version: str
    state: str


class InventoryRow(msgspec.Struct, frozen=True):
    image: str | None
    packages: list[PackageRow]


class ArchiveRow(msgspec.Struct, frozen=True):
    path: str
    path_b64: str | None = None
    inspect: ReportRow | None = None
    verify: ReportRow | None = None
    audit: AuditRow | None = None
    packages: list[InventoryRow] = []
