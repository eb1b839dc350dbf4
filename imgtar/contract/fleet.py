"""What `fleet` writes: a row for each archive, and a line for each that failed (contract.md section 5)."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

from imgtar.contract.block import Block
from imgtar.contract.envelope import SCHEMA_VERSION, ErrorBody, Generator
from imgtar.contract.inspect import InspectReport, VerifyReport
from imgtar.contract.judgements import AuditReport
from imgtar.contract.packages import PackagesReport

Action = Literal["inspect", "verify", "audit", "packages"]
ACTIONS: tuple[Action, ...] = get_args(Action)


class FleetHead(Block, frozen=True, kw_only=True):
    """What a row begins with: the archive as it was named, and by what a later run knows that it did not change."""

    schema_version: int = SCHEMA_VERSION
    generator: Generator
    path: str
    path_b64: str | msgspec.UnsetType = msgspec.UNSET
    size: int | None
    mtime_ns: int | None


class FleetTail(Block, frozen=True, kw_only=True):
    """What a row ends with. `failure` says why `exit_code` is not 0: an error, or the first harmful finding."""

    exit_code: int
    failure: ErrorBody | None


class FleetRow(FleetHead, frozen=True, kw_only=True):
    """The row of an archive: the document of each command that was asked for.

    A key is absent where it was not asked for, or where the command has no report. `packages` has one for each image.
    """

    inspect: InspectReport | msgspec.UnsetType = msgspec.UNSET
    verify: VerifyReport | msgspec.UnsetType = msgspec.UNSET
    audit: AuditReport | msgspec.UnsetType = msgspec.UNSET
    packages: list[PackagesReport] | msgspec.UnsetType = msgspec.UNSET
    exit_code: int
    failure: ErrorBody | None


class FleetFailure(Block, frozen=True, kw_only=True):
    """A line of failures.jsonl."""

    path: str
    path_b64: str | msgspec.UnsetType = msgspec.UNSET
    exit_code: int
    code: str
    message: str
