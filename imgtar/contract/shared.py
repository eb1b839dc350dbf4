"""The JSON document of `shared`, and what its renderers get. The rules of `imgtar.contract.inspect` hold here too."""

from __future__ import annotations

from functools import cached_property

import msgspec

from imgtar.contract.block import Block, Row
from imgtar.contract.envelope import SCHEMA_VERSION, Compression, ErrorBody, FindingRow, Form, Generator, Integrity
from imgtar.contract.inspect import Platform
from imgtar.contract.judgements import CheckRule


class SharedSource(Block, frozen=True, kw_only=True):
    """An archive of the run. `error` where it could not be read; then all but its path is null."""

    path: str
    size: int | None
    form: Form | None
    container: str | None
    compression: Compression | None
    complete: bool | None
    integrity: Integrity | None
    error: ErrorBody | None
    path_b64: str | msgspec.UnsetType = msgspec.UNSET


class BlobShare(Block, frozen=True, kw_only=True):
    """The blobs of an image as the archives state them, each once; `shared` ones another image has too."""

    size: int
    shared: int
    unique: int
    at_least: bool


class ContainerdEstimate(Block, frozen=True, kw_only=True):
    """What the containerd store takes for an image, and what removing it alone frees: an estimate."""

    size: int
    frees: int
    at_least: bool


class SharedImage(Block, frozen=True, kw_only=True):
    """`layers` are numbers in `layers` of the report, base first. size = shared + unique.

    `at_least`: the size of a layer is not known. `registry` is null where not every blob has a stated digest.
    """

    names: list[str]
    id: str | None
    platform: Platform
    sources: list[int]
    layers: list[int]
    size: int
    shared: int
    unique: int
    frees: int
    at_least: bool
    registry: BlobShare | None
    containerd: ContainerdEstimate


class SharedLayer(Block, frozen=True, kw_only=True):
    """A layer at one place of the store; `below` is the number of the layer under it, null for a base layer."""

    chain_id: str | None
    diff_id: str | None
    digests: list[str]
    below: int | None
    size: int | None
    blob_size: int | None
    images: list[int]
    instruction: str | None
    text: str | None
    comment: str | None


class SharedTotals(Block, frozen=True, kw_only=True):
    """`alone` counts what each image takes, `together` each thing once; `saved` is the difference."""

    count: int
    distinct: int
    alone: int
    together: int
    saved: int
    at_least: bool


class SameContentRow(Block, frozen=True, kw_only=True):
    """One diffID at several places: a registry has one blob, docker's disk `bytes` more than it would take."""

    diff_id: str
    layers: list[int]
    bytes: int | None


class ExamplePath(Row, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    path: str
    path_b64: str | None = None


class CommonFilesRow(Block, frozen=True, kw_only=True):
    """Contents that the same `layers` store and no image has twice: one copy takes `bytes`, the others `saves`.

    `whole`: these layers have no other contents.
    """

    layers: list[int]
    files: int
    bytes: int
    saves: int
    whole: bool
    examples: list[ExamplePath]


class Removal(Block, frozen=True, kw_only=True):
    """Removing `images` together, each with all its names: `layers` go, those from above first."""

    images: list[int]
    layers: list[int]
    frees: int
    keeps: int
    at_least: bool


class SharedReport(Block, frozen=True, kw_only=True, dict=True):
    """`shared`. `passed` is null without a gate, `rm` without `--rm` and `--keep`; `files` stands with `--files`."""

    schema_version: int = SCHEMA_VERSION
    generator: Generator
    sources: list[SharedSource]
    complete: bool
    integrity: Integrity
    passed: bool | None
    images: list[SharedImage]
    layers: list[SharedLayer]
    totals: SharedTotals
    registry: SharedTotals | None
    rm: Removal | None
    same_content: list[SameContentRow]
    files: list[CommonFilesRow] | msgspec.UnsetType = msgspec.UNSET
    rules: list[CheckRule]
    findings: list[FindingRow]
    ignored: int = 0

    @cached_property
    def several_platforms(self) -> bool:
        """Are the images of more than one platform, so that names alone may not tell them apart?"""
        return any(image.platform != self.images[0].platform for image in self.images)


class SharedContent(msgspec.Struct, frozen=True, kw_only=True):
    """`tree`: the text has every layer."""

    document: SharedReport
    tree: bool = False
