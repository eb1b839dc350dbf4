"""One image: the catalog's outline, or the stacked layers → the public model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from imgtar.answers.waste import WasteLists, waste_lists, with_advice
from imgtar.archive.catalog.records import OtherRecord
from imgtar.contract import inspect as model
from imgtar.contract.base import Base, Own
from imgtar.image.history.instruction import Instruction
from imgtar.image.history.pairing import Pairing, Step, layer_sentence
from imgtar.image.image import ImageLayer, ImageOutline, LayerOutline
from imgtar.text import json_text

if TYPE_CHECKING:  # the outline of an image needs none of them: imports are most of the time of `ids`
    from imgtar.analysis.dive.score import DiveScore
    from imgtar.analysis.inventory.system_databases import LayerPackages
    from imgtar.analysis.stacked_image import MeasuredImage

_NAMED = 3  # packages of a layer


class SharedRows:
    """The rows that several images of an archive have in common, each list made once."""

    def __init__(self) -> None:
        self._history: dict[int, tuple[Pairing, list[model.History]]] = {}
        self._waste: dict[int, WasteLists] = {}
        self._packages: dict[int, dict[int, model.LayerPackages]] = {}

    def history(self, pairing: Pairing) -> list[model.History]:
        """The history of the images with this pairing."""
        if id(pairing) not in self._history:
            self._history[id(pairing)] = (pairing, _history(pairing))  # kept, so that its id stays its own
        return self._history[id(pairing)][1]

    def waste(self, stack: int, stacked: MeasuredImage) -> WasteLists:
        """The wasted files of an image with this stack, and what follows from them."""
        lists = self._waste.get(stack)
        if lists is None:
            lists = self._waste[stack] = waste_lists(stacked)
        return with_advice(lists, stacked)

    def packages(self, stack: int, stacked: MeasuredImage) -> dict[int, model.LayerPackages]:
        """The packages that the layers of an image with this stack bring, by the index of the layer."""
        if stack not in self._packages:
            from imgtar.analysis.inventory.system_databases import packages_by_layer

            found = packages_by_layer(stacked)
            self._packages[stack] = {layer: _layer_packages(one) for layer, one in found.items()}
        return self._packages[stack]


def _layer_packages(found: LayerPackages) -> model.LayerPackages:
    return model.LayerPackages(
        installed=len(found.brought) - found.upgraded,
        upgraded=found.upgraded,
        removed=found.removed,
        largest=[
            model.BroughtPackage(
                type=life.format.type,
                name=life.package.name,
                version=life.package.version,
                installed_size=life.package.size or None,
            )
            for life in found.brought[:_NAMED]
        ],
    )


def build_image(
    stacked: MeasuredImage,
    history: list[model.History],
    waste: WasteLists,
    base: Base | None,
    own: Own | None,
    packages: Mapping[int, model.LayerPackages],
) -> model.Image:
    """The model of one image, without the changes of its layers; `packages` are those of each layer."""
    image = stacked.image
    return model.Image(
        **_outline(image),
        history=history,
        layers=[_scanned_layer(stacked, layer, packages.get(layer.index)) for layer in image.layers],
        base=base,
        totals=_totals(stacked),
        own=own,
        waste=waste.rows,
        waste_groups=waste.groups,
        advice=waste.advice,
        dive=_dive(stacked.dive),
    )


def build_outline(image: ImageOutline) -> model.ImageOutline:
    """The model of an image whose layers are unread: what only they tell is null."""
    layers = [_layer(image, layer) for layer in image.layers]
    return model.ImageOutline(**_outline(image), history=_history(image.pairing), layers=layers)


def _outline(image: ImageOutline) -> dict[str, Any]:
    """What both models say but for layers and history, by field name."""
    config = image.record.config
    platform = image.platform
    return {
        "names": list(image.record.names),
        "id": image.record.image_id,
        "manifest_digest": _text(image.record.manifest_digest),
        "platform": model.Platform(os=platform.os, architecture=platform.architecture, variant=platform.variant),
        "created": None if config is None else config.created,
        "author": None if config is None else config.author,
        "config": _config(image),
    }


def _config(image: ImageOutline) -> model.Config:
    execution = image.execution
    return model.Config(
        user=execution.user,
        env=list(execution.env),
        entrypoint=list(execution.entrypoint),
        cmd=list(execution.cmd),
        working_dir=execution.working_dir,
        exposed_ports=list(execution.exposed_ports),
        volumes=list(execution.volumes),
        labels=execution.labels,
        stop_signal=execution.stop_signal,
        healthcheck=execution.healthcheck,
        shell=list(execution.shell),
        onbuild=list(execution.onbuild),
    )


def _layer(image: ImageOutline, layer: LayerOutline) -> model.Layer:
    step = image.pairing.step_of(layer.index)
    unread = model.Tally(count=None, bytes=None)
    return model.Layer(
        index=layer.index,
        digest=_text(layer.digest),
        diff_id=_text(layer.diff_id),
        chain_id=_text(layer.chain_id),
        media_type=layer.media_type,
        compression=None,
        present=layer.present,
        complete=None,
        stopped_at=None,
        blob_size=layer.blob_size,
        tar_size=None,
        content_size=None,
        history_index=None if step is None else step.index,
        instruction=None if step is None else step.instruction,
        created_by=None if step is None else step.entry.created_by,
        entry_count=None,
        added=unread,
        modified=unread,
        deleted=unread,
        whiteouts=None,
        opaque_dirs=None,
        stored=_stored(layer),
    )


def _scanned_layer(stacked: MeasuredImage, layer: ImageLayer, packages: model.LayerPackages | None) -> model.Layer:
    row = _layer(stacked.image, layer)
    if not layer.present:
        return row
    changes = stacked.changes[layer.index]
    row = msgspec.structs.replace(
        row,
        complete=False,  # it is here, but nothing of it can be read
        stopped_at=0,
        added=model.Tally(count=len(changes.added), bytes=changes.added_bytes),
        modified=model.Tally(count=len(changes.modified), bytes=changes.modified_bytes),
        deleted=model.Tally(count=len(changes.deleted), bytes=changes.deleted_bytes),
    )
    scan = layer.scan
    if scan is None or not scan.is_tar:
        return row
    return msgspec.structs.replace(
        row,
        compression=scan.compression,
        complete=scan.complete,
        stopped_at=scan.stopped_at,
        tar_size=scan.tar_size,
        content_size=scan.content_size,
        entry_count=scan.entry_count,
        whiteouts=scan.whiteout_count,
        opaque_dirs=scan.opaque_count,
        packages=packages,
    )


def _stored(layer: LayerOutline) -> dict[str, str | bool]:
    """How the layer lies in the archive: under which name, and whether it may be absent."""
    stored: dict[str, str | bool] = {}
    if layer.ref.member is not None:
        name, b64 = json_text(layer.ref.member.name)
        stored["member"] = name
        if b64 is not None:
            stored["member_b64"] = b64
    if layer.ref.foreign:
        stored["foreign"] = True
    if layer.ref.link:
        target, b64 = json_text(layer.ref.link)
        stored["link"] = target
        if b64 is not None:
            stored["link_b64"] = b64
    return stored


def _text(value: object | None) -> str | None:
    return None if value is None else str(value)


def _history(pairing: Pairing) -> list[model.History]:
    return [_history_row(step) for step in pairing.steps]


def _history_row(step: Step) -> model.History:
    entry = step.entry
    return model.History(
        index=step.index,
        created=entry.created,
        created_by=entry.created_by,
        author=entry.author,
        comment=entry.comment,
        instruction=step.instruction,
        text=step.text,
        empty_layer=entry.empty_layer,
        layer=step.layer,
        repaired=step.repaired,
    )


def _totals(stacked: MeasuredImage) -> model.Totals:
    scans = [layer.scan for layer in stacked.image.layers if layer.scan is not None and layer.scan.is_tar]
    files, directories, symlinks = stacked.counts
    steps = stacked.image.pairing.steps
    waste = stacked.waste
    return model.Totals(
        layers=len(stacked.image.layers),
        history=len(steps),
        empty_layers=sum(step.entry.empty_layer for step in steps),
        blob_size=sum(scan.blob_size for scan in scans),
        tar_size=sum(scan.tar_size for scan in scans),
        content_size=sum(scan.content_size for scan in scans),
        stored_bytes=waste.stored_bytes,
        final_bytes=waste.final_bytes,
        wasted_bytes=waste.wasted_bytes,
        efficiency=waste.efficiency,
        files=files,
        directories=directories,
        symlinks=symlinks,
    )


def _dive(score: DiveScore | None) -> model.Dive | None:
    if score is None:
        return None
    return model.Dive(
        efficiency=score.efficiency,
        wasted_bytes=score.wasted_bytes,
        user_wasted_percent=score.finite_percent,
    )


def build_other(record: OtherRecord) -> model.Other:
    """The row of content that is not an image."""
    member = None if record.member is None else json_text(record.member)[0]
    platform = record.platform
    named = [] if platform is None else [platform.os, platform.architecture, platform.variant]
    return model.Other(
        kind=record.kind,
        digest=record.digest,
        media_type=record.media_type,
        refers_to=record.refers_to,
        present=record.present,
        size=record.size,
        member=member,
        platform="/".join(part for part in named if part) or None,
        artifact_type=record.artifact_type,
    )


def layer_sentences(images: Sequence[model.ImageOutline]) -> list[str]:
    """`10 layers = 1 base + 8 RUN + 1 COPY; 9 steps are metadata only` for each image."""
    return [_layer_sentence(image) for image in images]


def _layer_sentence(image: model.ImageOutline) -> str:
    lines = {row.layer: row.text for row in image.history if row.layer is not None}
    surplus = any(row.layer is None and not row.empty_layer and not row.repaired for row in image.history)
    guessed = surplus or any(layer.history_index is None for layer in image.layers)
    layers = [None if guessed else Instruction(layer.instruction, lines.get(layer.index)) for layer in image.layers]
    return layer_sentence(layers, sum(row.layer is None for row in image.history))
