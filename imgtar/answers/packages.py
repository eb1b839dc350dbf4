"""What `packages` says of an image: its packages by layer, and whose the stored bytes are."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import UNSET

from imgtar.analysis.base.base import Base
from imgtar.analysis.inventory.inventory import Inventory, inventory_of
from imgtar.analysis.inventory.lives import Life
from imgtar.analysis.inventory.os_release import System, system_of
from imgtar.analysis.stacked_image import StackedImage
from imgtar.answers.attested import Attested, attested_work, claims_report
from imgtar.answers.base import base_row, own_from
from imgtar.answers.envelope import fields_of
from imgtar.answers.filters import Filtered
from imgtar.answers.image import build_outline
from imgtar.answers.one_image import only_image, without_image
from imgtar.answers.purl import purl
from imgtar.answers.session import Session
from imgtar.answers.view import View
from imgtar.contract.packages import (
    THERE,
    CoverageRow,
    Grouping,
    PackageBytes,
    PackageLayer,
    PackageRow,
    PackagesContent,
    PackagesReport,
    PackageTotals,
    SystemRow,
    UnownedRow,
)
from imgtar.contract.report import PackageSummary
from imgtar.errors import InputError
from imgtar.image.image import ImageOutline
from imgtar.limits import Limits
from imgtar.packages.inventories import TYPES
from imgtar.text import json_text

_LARGEST = 25  # packages in a summary


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What `packages` is asked: the layers of `view`, packages of `types`, and what the text lists.

    `own`: what lies in the base image is left out. `compares`: the packages are compared with what SBOMs claim.
    """

    view: View = View()
    types: Sequence[str] = TYPES
    by: Grouping = "layer"
    all_layers: bool = False
    deleted: bool = False
    own: bool = False
    compares: bool = False


class _Wanted(msgspec.Struct, frozen=True):
    """What the report lists: one `layer` or all (None), of those the ones from `first`. `above` is the base."""

    layer: int | None
    first: int
    above: int

    def layer_is(self, index: int) -> bool:
        """Is it about this layer?"""
        return index >= self.first and self.layer in (None, index)

    def life_is(self, life: Life) -> bool:
        """Does a wanted layer install, remove or store a package that may be listed?"""
        layer = self.layer
        is_in = layer is None or layer in (life.installed_in, life.removed_in) or layer in life.by_layer
        return is_in and life.installed_in >= self.first


def inventory_work(session: Session, asked: Asked, limits: Limits) -> Mapping[str, object]:
    """The packages of the one image of the session, whose findings are then among those of the session.

    Raises UsageError where there are several images, InputError for a layer that the image lacks, where an image of a
    root filesystem is chosen, or where there is no SBOM to compare with.
    """
    if session.archive.catalog.form == "rootfs" and session.chooses:
        raise InputError("image.not-found", "a root filesystem has no images", "leave out --image and --platform")
    image = only_image(session)
    if image is None:
        return {"inventory": None, "system": System()}
    asked.view.check(image)
    stacked = session.stacked(0, upto=asked.view.top)
    inventory = inventory_of(stacked, asked.types, limits)
    session.note(finding.within(image=0) for finding in inventory.findings)
    found: dict[str, object] = {"inventory": inventory, "system": system_of(stacked)}
    if asked.compares:
        found["attested"] = attested_work(session, image, stacked, limits)
    return found


def packages_content(
    session: Session,
    filtered: Filtered,
    asked: Asked = Asked(),  # noqa: B008 (frozen)
    inventory: Inventory | None = None,
    system: System = System(),  # noqa: B008 (frozen)
    attested: Attested | None = None,
) -> PackagesContent:
    """The report about the inventory of `inventory_work`. Raises UsageError if the base that is given does not fit."""
    image = only_image(session)
    base = None if image is None else session.bases[0]
    wanted = _Wanted(asked.view.layer, own_from(base) if asked.own else 0, own_from(base))
    lives = [] if inventory is None else _lives(inventory, wanted)
    rows = [_package(life, system, is_base=life.installed_in < wanted.above) for life in lives]
    layers = [] if inventory is None or image is None else _layers(inventory, image)
    shown = [row for row in layers if wanted.layer_is(row.index)]
    unowned = () if inventory is None else inventory.unowned
    document = PackagesReport(
        **fields_of(session.envelope, without_image(filtered)),
        image=None if image is None else image.record.image_id,
        layer=wanted.layer,
        upto=asked.view.upto,
        base=base_row(base),
        base_layers=wanted.first if asked.own else UNSET,
        os=_system(system),
        coverage=[] if inventory is None else _coverage(inventory),
        layers=shown,
        packages=rows,
        unowned=[
            UnownedRow(**_located("path", row.path), layer=row.layer, bytes=row.bytes, files=row.files, dead=row.dead)
            for row in unowned
            if wanted.layer_is(row.layer)
        ],
        totals=_totals(shown, rows, wanted.layer),
        attested=UNSET if attested is None else claims_report(attested, lives, asked.types),
    )
    return PackagesContent(
        document=document,
        by=asked.by,
        all_layers=asked.all_layers,
        deleted=asked.deleted,
        steps=[] if image is None else [_step(image, row.index) for row in layers],
        image=None if image is None else build_outline(image),
        owners=_owners(lives),
        left_out=[name for name in TYPES if name not in asked.types],
    )


def package_summary(stacked: StackedImage, base: Base | None, inventory: Inventory) -> PackageSummary:
    """What `report` says of the packages of an image: the inventory without its long lists."""
    system, above = system_of(stacked), own_from(base)
    rows = [_package(life, system, is_base=life.installed_in < above) for life in inventory.lives]
    layers = _layers(inventory, stacked.image)
    there = (row for row in rows if row.state in THERE)
    return PackageSummary(
        os=_system(system),
        coverage=_coverage(inventory),
        layers=layers,
        largest=heapq.nsmallest(_LARGEST, there, key=lambda row: (-row.bytes.owned, row.type, row.name)),
        totals=_totals(layers, rows, None),
    )


def _lives(inventory: Inventory, wanted: _Wanted) -> list[Life]:
    """Those by type, name, place and layer; of one layer those that it installs, removes or stores bytes of."""
    lives = [life for life in inventory.lives if wanted.life_is(life)]
    rank = {name: number for number, name in enumerate(TYPES)}
    lives.sort(key=lambda life: (rank[life.format.type], life.package.name, life.database, life.installed_in))
    return lives


def _owners(lives: Sequence[Life]) -> dict[int, int]:
    """Which life's package brought that of which other, by their numbers."""
    numbers = {id(life): number for number, life in enumerate(lives)}
    return {
        number: numbers[id(life.owner)]
        for number, life in enumerate(lives)
        if life.owner is not None and id(life.owner) in numbers
    }


def _package(life: Life, system: System, *, is_base: bool) -> PackageRow:
    package, kind = life.package, life.format.type
    return PackageRow(
        type=kind,
        name=package.name,
        version=package.version,
        arch=package.arch,
        source=package.source,
        license=package.license,
        purl=purl(kind, package.name, package.version, package.arch, system.id, system.version_id, package.source),
        **_located("location", life.format.location(life.database) or life.database),
        state=life.state,
        installed_in=life.installed_in,
        base=is_base,
        removed_in=life.removed_in,
        upgraded_from=life.upgraded_from,
        owner=None if life.owner is None else life.owner.package.name,
        bytes=PackageBytes(
            owned=sum(life.by_layer.values()),
            by_layer={str(index): life.by_layer[index] for index in sorted(life.by_layer)},
            dead=life.dead,
        ),
    )


def _layers(inventory: Inventory, image: ImageOutline) -> list[PackageLayer]:
    counts = [[0, 0, 0] for _ in inventory.ownership.owned]
    for life in inventory.lives:
        counts[life.installed_in][0 if life.upgraded_from is None else 1] += 1
        if life.state == "removed" and life.removed_in is not None:
            counts[life.removed_in][2] += 1
    rows: list[PackageLayer] = []
    for index, (owned, unowned) in enumerate(zip(inventory.ownership.owned, inventory.ownership.unowned, strict=True)):
        step = image.pairing.step_of(index)
        installed, upgraded, removed = counts[index]
        rows.append(
            PackageLayer(
                index=index,
                instruction=None if step is None else step.instruction,
                stored_bytes=owned + unowned,
                owned_bytes=owned,
                unowned_bytes=unowned,
                installed=installed,
                upgraded=upgraded,
                removed=removed,
            )
        )
    return rows


def _totals(layers: list[PackageLayer], rows: list[PackageRow], layer: int | None) -> PackageTotals:
    there = (row for row in rows if row.state in THERE)
    return PackageTotals(
        packages=sum(layer is None or row.installed_in == layer for row in there),
        stored_bytes=sum(row.stored_bytes for row in layers),
        owned_bytes=sum(row.owned_bytes for row in layers),
        unowned_bytes=sum(row.unowned_bytes for row in layers),
        dead_bytes=sum(row.bytes.dead for row in rows),
    )


def _coverage(inventory: Inventory) -> list[CoverageRow]:
    return [
        CoverageRow(
            type=row.type,
            database=None if row.database is None else json_text(b"/" + row.database)[0],
            state=row.state,
            packages=row.packages,
        )
        for row in inventory.coverage
    ]


def _system(system: System) -> SystemRow | None:
    if not system.id and not system.pretty_name:
        return None
    stated = (system.id, system.version_id, system.pretty_name)
    name, version, pretty = (text or None for text in stated)
    return SystemRow(id=name, version_id=version, pretty_name=pretty)


def _step(image: ImageOutline, layer: int) -> str:
    step = image.pairing.step_of(layer)
    return "" if step is None else step.text or ""


def _located(name: str, path: bytes) -> dict[str, Any]:
    text, b64 = json_text(b"/" + path)
    return {name: text, f"{name}_b64": b64}
