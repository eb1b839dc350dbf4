"""What `fleet --summary` says of all archives together. contract.md section 5."""

from __future__ import annotations

import msgspec

from imgtar.contract.block import Block, Row
from imgtar.contract.envelope import SCHEMA_VERSION, Generator, Severity
from imgtar.contract.fleet import FleetFailure
from imgtar.contract.shared import SharedTotals


class ArchiveCounts(Block, frozen=True, kw_only=True):
    """How many archives there are, their bytes, and how many ended with each exit code."""

    count: int
    size: int
    exit_codes: dict[str, int]


class ImageCounts(Block, frozen=True, kw_only=True):
    """`distinct` images by ID; `content_size` and `wasted_bytes` count each of these once."""

    count: int
    distinct: int
    content_size: int
    wasted_bytes: int


class SharedPlace(Block, frozen=True, kw_only=True):
    """A layer over the same lower layers in `images` distinct images; one copy instead of `images` saves `saved`."""

    chain_id: str
    diff_id: str | None
    size: int
    images: int
    saved: int
    created_by: str | None


class WastefulImage(Row, frozen=True, kw_only=True, omit_defaults=True):
    """An image with wasted bytes, and the first archive that has it."""

    path: str
    name: str | None = None
    id: str | None = None
    wasted_bytes: int
    stored_bytes: int
    path_b64: str | None = None


class BaseCount(Block, frozen=True, kw_only=True):
    """A base image, by what names it, and how many distinct images are on it."""

    name: str | None
    digest: str | None
    images: int


class FindingCount(Block, frozen=True, kw_only=True):
    """A code with a severity: in how many archives it is found, and how often in the distinct images together."""

    code: str
    severity: Severity
    archives: int
    count: int


class VersionCount(Block, frozen=True, kw_only=True):
    version: str
    images: int


class PackageCount(Block, frozen=True, kw_only=True):
    """A package that is installed in `images` distinct images; `versions` are those in most images, at most ten."""

    type: str
    name: str
    images: int
    versions: list[VersionCount]


class FleetSummary(Block, frozen=True, kw_only=True):
    """All archives together. `disk` counts layers at their places as docker keeps them, `registry` blobs.

    Of images of which not every blob is stated nothing is in `registry`; `at_least` then says so. A list has at most a
    hundred rows, the largest first.
    """

    schema_version: int = SCHEMA_VERSION
    generator: Generator
    archives: ArchiveCounts
    images: ImageCounts
    disk: SharedTotals
    registry: SharedTotals
    layers: list[SharedPlace]
    waste: list[WastefulImage]
    bases: list[BaseCount]
    severities: dict[Severity, int]
    findings: list[FindingCount]
    packages: list[PackageCount]
    failures: list[FleetFailure]


class FleetSummaryContent(msgspec.Struct, frozen=True):
    """What the renderers of the summary get."""

    document: FleetSummary
