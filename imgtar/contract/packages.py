"""The JSON document of `packages`. The rules of `imgtar.contract.inspect` hold here too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from imgtar.contract.base import Base
from imgtar.contract.block import Block, Row
from imgtar.contract.envelope import Envelope, FindingRow
from imgtar.contract.inspect import ImageOutline

CoverageState = Literal["read", "absent", "deleted", "unreadable", "unsupported"]
SbomSource = Literal["attestation", "referrer", "file"]
SbomState = Literal["read", "absent", "unreadable", "other-subject"]
DifferenceKind = Literal["not-found", "not-claimed", "version"]
PackageState = Literal["installed", "upgraded", "removed", "database-deleted"]
THERE: tuple[PackageState, ...] = ("installed", "database-deleted")  # the states of a package whose files are there
Grouping = Literal["layer", "package", "type", "directory"]


class SystemRow(Block, frozen=True, kw_only=True):
    """What os-release says of the image; null where it says nothing."""

    id: str | None
    version_id: str | None
    pretty_name: str | None


class CoverageRow(Block, frozen=True, kw_only=True):
    """Whether the packages of a type are known. `database` is null where there is none, or more than one."""

    type: str
    database: str | None
    state: CoverageState
    packages: int


class PackageBytes(Block, frozen=True, kw_only=True):
    """Bytes of the files of a package: all, by the layer that stores them, and those not in the final filesystem."""

    owned: int
    by_layer: dict[str, int]
    dead: int


class PackageRow(Row, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One version of a package. `owner` is the package of the system that brought it, so its files count there.

    `state`: it is `installed`, was `upgraded` to another version or `removed` in layer `removed_in`, or its database is
    deleted while its files are not. `base`: a layer of the base image installed it.
    """

    type: str
    name: str
    version: str
    arch: str = ""
    source: str = ""
    license: str = ""
    purl: str
    location: str
    state: PackageState
    installed_in: int
    base: bool
    removed_in: int | None = None
    upgraded_from: str | None = None
    owner: str | None = None
    bytes: PackageBytes
    location_b64: str | None = None


class UnownedRow(Row, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The bytes that a layer stores below a directory, at most three levels deep, and that no package owns.

    A row with one file has the path of that file. `dead` are the bytes that the final filesystem lacks.
    """

    path: str
    layer: int
    bytes: int
    files: int
    dead: int = 0
    path_b64: str | None = None


class PackageLayer(Block, frozen=True, kw_only=True):
    """One layer: `owned_bytes` and `unowned_bytes` together are its `stored_bytes`."""

    index: int
    instruction: str | None
    stored_bytes: int
    owned_bytes: int
    unowned_bytes: int
    installed: int
    upgraded: int
    removed: int


class PackageTotals(Block, frozen=True, kw_only=True):
    """The sums of the layers; `packages` are those whose files are there, `dead_bytes` the owned ones that are gone."""

    packages: int
    stored_bytes: int
    owned_bytes: int
    unowned_bytes: int
    dead_bytes: int


class SbomRow(Row, frozen=True, kw_only=True, omit_defaults=True):
    """An SBOM about the image: its blob by `digest`, or in the image a file at `path`, which `layer` stores.

    `state`: its packages are `read`; it is `absent` from the archive, `unreadable`, or about another image.
    """

    source: SbomSource
    digest: str | None = None
    path: str | None = None
    layer: int | None = None
    format: Literal["cyclonedx", "spdx"] | None = None
    state: SbomState
    packages: int = 0
    path_b64: str | None = None


class ClaimRow(Row, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Versions of one package that only one side has: the SBOMs (`claimed`) or the files (`found`).

    `version`: both sides have the package, in other versions. `sboms` are the numbers of those that name it.
    """

    kind: DifferenceKind
    type: str
    name: str
    claimed: list[str] = msgspec.field(default_factory=list)
    found: list[str] = msgspec.field(default_factory=list)
    sboms: list[int] = msgspec.field(default_factory=list)


class ClaimCounts(Block, frozen=True, kw_only=True):
    """Packages by type, name and version that the SBOMs and the files name, the same ones, and the differences."""

    claimed: int
    found: int
    same: int
    not_found: int
    not_claimed: int
    other_version: int


class UncomparedRow(Block, frozen=True, kw_only=True):
    """What SBOMs name and nothing is said of, by the type of its purl; null where it has none."""

    type: str | None
    packages: int


class ClaimsReport(Block, frozen=True, kw_only=True):
    """What the SBOMs of the image claim beside what its files say. `equal`: no difference is known."""

    equal: bool
    sboms: list[SbomRow]
    counts: ClaimCounts
    uncompared: list[UncomparedRow]
    differences: list[ClaimRow]


class PackagesReport(Envelope, frozen=True, kw_only=True):
    """`base_layers` is how many lowest layers `--own` leaves out, absent without it.

    `attested` is the comparison with SBOMs, absent without `--compare-attested`.
    """

    image: str | None
    layer: int | None
    upto: int | None
    base: Base | None
    base_layers: int | UnsetType = UNSET
    os: SystemRow | None
    coverage: list[CoverageRow]
    layers: list[PackageLayer]
    packages: list[PackageRow]
    unowned: list[UnownedRow]
    totals: PackageTotals
    attested: ClaimsReport | UnsetType = UNSET
    findings: list[FindingRow]
    ignored: int = 0


class PackagesContent(msgspec.Struct, frozen=True, kw_only=True):
    """`by`, `all_layers` and `deleted` say what the text lists. `steps` are the instructions by layer, as text.

    An SBOM also says which `image` it is about (None where damage left none), which packages brought others (`owners`,
    by the numbers of their rows), and which types of packages are `left_out`.
    """

    document: PackagesReport
    by: Grouping = "layer"
    all_layers: bool = False
    deleted: bool = False
    steps: Sequence[str] = ()
    image: ImageOutline | None = None
    owners: Mapping[int, int] = {}
    left_out: Sequence[str] = ()
