"""The JSON documents that judge: `audit`, `check`. The rules of `imgtar.contract.inspect` hold here too."""

from __future__ import annotations

from typing import Literal

from imgtar.contract.base import Base
from imgtar.contract.block import Block, Row
from imgtar.contract.envelope import SCHEMA_VERSION, Envelope, FindingRow, Generator, Severity
from imgtar.contract.inspect import Platform

BaseCounted = Literal["--base", "--base-image", "label", "provenance", "history", "none"]


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
