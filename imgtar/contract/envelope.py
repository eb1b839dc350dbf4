"""What every JSON document begins with, and its findings: the archive, how it was read, what is wrong with it."""

from __future__ import annotations

from typing import Literal, TypedDict, get_args

import msgspec

from imgtar.contract.block import Block, Row

SCHEMA_VERSION = 1
Form = Literal["docker-archive", "docker+oci", "oci-archive", "oci-layout", "docker-dir", "docker-legacy", "rootfs"]
Compression = Literal["none", "gzip", "zstd", "xz", "bzip2"]
Integrity = Literal["failed", "verified", "not-checked"]
Effect = Literal["none", "inconsistent", "incomplete", "limit"]
Severity = Literal["info", "low", "medium", "high", "critical"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)  # the least first


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


class Place(Row, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Where a finding is. `input` and `archive` say in which archive, where a command reads several."""

    input: Literal["a", "b"] | None = None
    archive: int | None = None
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
    effect: Effect
    message: str
    count: int
    where: Place
    references: list[str]


class EnvelopeFields(TypedDict):
    """The fields of an `Envelope` without the version, as keywords for another document about the same archive."""

    generator: Generator
    source: Source
    complete: bool
    integrity: Integrity


class Envelope(Block, frozen=True, kw_only=True):
    """The fields that every document about an archive begins with."""

    schema_version: int = SCHEMA_VERSION
    generator: Generator
    source: Source
    complete: bool
    integrity: Integrity

    def envelope(self) -> EnvelopeFields:
        """These fields for another document about the same archive."""
        return EnvelopeFields(
            generator=self.generator, source=self.source, complete=self.complete, integrity=self.integrity
        )


class ErrorBody(Block, frozen=True, kw_only=True):
    code: str
    message: str


class ErrorReport(Block, frozen=True, kw_only=True):
    schema_version: int = SCHEMA_VERSION
    error: ErrorBody
