"""The JSON document of `cache` (contract.md section 5), and what its renderers get."""

from __future__ import annotations

import msgspec

from imgtar.contract.block import Block
from imgtar.contract.envelope import SCHEMA_VERSION, Generator


class CacheRemoved(Block, frozen=True, kw_only=True):
    """What `cache prune` removed: so many `rows`, and the `bytes` in them."""

    rows: int
    bytes: int


class CacheReport(Block, frozen=True, kw_only=True):
    """The cache of scans; this document is about no archive.

    `path` is its file, in which `rows` hold `bytes`; the file takes `file_bytes` on the disk. A cache that is not there
    has none. `removed` is null but for `cache prune`.
    """

    schema_version: int = SCHEMA_VERSION
    generator: Generator
    path: str
    rows: int
    bytes: int
    file_bytes: int
    removed: CacheRemoved | None = None


class CacheContent(msgspec.Struct, frozen=True, kw_only=True):
    """What `cache` prints."""

    document: CacheReport
