"""The public report that scripts rely on, with a version of its own, apart from every internal type.

Field names, order and meaning are the contract of the JSON output; the JSON Schema is generated from these types.
Sizes are bytes. In rows of the long lists (`Change`, `WasteRow`, `WasteGroup`, `Advice`, `Entry`, `FindingRow`) a key
without a value is left out (`omit_defaults`); everywhere else it is null, [] or {}. The long lists themselves are
absent (`UNSET`) from a report that leaves them out: an empty list would say that nothing changed.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from imgtar.contract.base import Base, Own
from imgtar.contract.block import Block, Row
from imgtar.contract.envelope import Compression, Envelope, FindingRow

ChangeKind = Literal["added", "modified", "deleted"]
FileType = Literal["file", "dir", "symlink", "hardlink", "char", "block", "fifo", "unknown"]
Why = Literal["content", "mode", "owner", "mtime", "xattrs", "link", "type", "device"]
WasteKind = Literal["deleted", "overwritten", "metadata-only", "identical", "replaced", "duplicate"]
AdviceKind = Literal["late-cache-removal", "metadata-copy", "stored-again"]
Size = Annotated[int, Meta(ge=0)]


class Platform(Block, frozen=True, kw_only=True):
    os: str | None
    architecture: str | None
    variant: str | None


class Config(Block, frozen=True, kw_only=True):
    """How a container of the image runs; a field of the wrong type is null or empty."""

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
    """The number of rows in `changes` and their bytes; null for an absent layer."""

    count: int | None
    bytes: int | None


class Change(Row, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One path that a layer adds, modifies or deletes. A deleted row has the fields of the deleted file."""

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


class BroughtPackage(Block, frozen=True, kw_only=True):
    """A package that a layer installs or upgrades; `installed_size` is what the database states, null without it."""

    type: str
    name: str
    version: str
    installed_size: int | None


class LayerPackages(Block, frozen=True, kw_only=True):
    """How many packages of the system a layer changes; `largest` has at most three of those that it brings."""

    installed: int
    upgraded: int
    removed: int
    largest: list[BroughtPackage]


class Layer(Block, frozen=True, kw_only=True):
    """`packages` is null where the layer changes none, or where no database was at hand without an extra pass."""

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
    packages: LayerPackages | None = None
    stored: dict[str, Any]
    changes: list[Change] | msgspec.UnsetType = msgspec.UNSET


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


class WasteGroup(Row, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """All rows of `waste` below a directory that have the same kind and layers."""

    path: str
    bytes: int
    files: int
    kind: WasteKind
    added_in: int
    removed_in: int
    path_b64: str | None = None


class Advice(Row, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A certain change of the step of `layer`: it saves the `bytes` of `files` rows of `waste` below a directory."""

    kind: AdviceKind
    layer: int
    message: str
    remedy: str
    path: str
    bytes: int
    files: int
    added_in: int
    removed_in: int
    path_b64: str | None = None


class Dive(Block, frozen=True, kw_only=True):
    """dive's numbers by dive's own rules; the percent is a fraction, null for NaN or infinite."""

    efficiency: float | None
    wasted_bytes: int | None
    user_wasted_percent: float | None


class ImageOutline(Block, frozen=True, kw_only=True):
    """An image as far as its archive's catalog tells; what only its layers tell is null in `layers`."""

    names: list[str]
    id: str | None
    manifest_digest: str | None
    platform: Platform
    created: str | None
    author: str | None
    config: Config
    layers: list[Layer]
    history: list[History]


class Image(ImageOutline, frozen=True, kw_only=True):
    base: Base | None
    totals: Totals
    own: Own | None
    waste: list[WasteRow] | msgspec.UnsetType = msgspec.UNSET
    waste_groups: list[WasteGroup] | msgspec.UnsetType = msgspec.UNSET
    advice: list[Advice] | msgspec.UnsetType = msgspec.UNSET
    dive: Dive | None

    @property
    def waste_totals(self) -> Totals | Own:
        """The sums that the rows of `waste` belong to: with `--own` those of the layers above the base."""
        return self.own or self.totals

    @property
    def waste_rows(self) -> list[WasteRow]:
        """The rows of `waste`; none where the report leaves them out."""
        return [] if self.waste is msgspec.UNSET else self.waste

    @property
    def waste_group_rows(self) -> list[WasteGroup]:
        """The rows of `waste_groups`; none where the report leaves them out."""
        return [] if self.waste_groups is msgspec.UNSET else self.waste_groups

    @property
    def advice_rows(self) -> list[Advice]:
        """The rows of `advice`; none where the report leaves them out."""
        return [] if self.advice is msgspec.UNSET else self.advice


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


class InspectReport(Envelope, frozen=True, kw_only=True):
    images: list[Image]
    other: list[Other]
    findings: list[FindingRow]
    ignored: int = 0


class ByteRange(Block, frozen=True, kw_only=True):
    """`length` bytes from `offset` of the (decompressed) file; `what` they belong to."""

    offset: int
    length: int
    what: str


class VerifyReport(InspectReport, frozen=True, kw_only=True):
    """The report without its long lists; `ranges` accounts for every byte of the file, null for a directory."""

    ranges: list[ByteRange] | None
