"""One image: its stacked layers → the public model."""

from __future__ import annotations

from collections.abc import Sequence

from imgtar.analysis.stacked_image import Stacked
from imgtar.contract import inspect as model
from imgtar.image.history.instruction import Instruction
from imgtar.image.history.pairing import Pairing, Step, layer_sentence
from imgtar.image.image import Image, ImageLayer
from imgtar.text import json_text


def build_image(answer: Stacked) -> model.Image:
    """The model of one image; the changes of its layers are left empty."""
    image = answer.image
    config = image.record.config
    manifest_digest = image.record.manifest_digest
    return model.Image(
        names=list(image.record.names),
        id=image.record.image_id,
        manifest_digest=None if manifest_digest is None else str(manifest_digest),
        platform=model.Platform(
            os=image.platform.os, architecture=image.platform.architecture, variant=image.platform.variant
        ),
        created=None if config is None else config.created,
        author=None if config is None else config.author,
        config=_config(image),
        layers=[_layer(answer, layer) for layer in image.layers],
        history=[_history(step) for step in image.pairing.steps],
        totals=_totals(answer),
        waste=[_waste_row(answer, index) for index in range(len(answer.waste.rows))],
        dive=_dive(answer),
    )


def _config(image: Image) -> model.Config:
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


def _layer(answer: Stacked, layer: ImageLayer) -> model.Layer:
    scan = layer.scan if layer.scan is not None and layer.scan.is_tar else None
    changes = answer.changes[layer.index]
    step = answer.image.pairing.step_of(layer.index)
    unread = False if layer.present else None  # it is there, but nothing of it can be read
    return model.Layer(
        index=layer.index,
        digest=_text(layer.digest),
        diff_id=_text(layer.diff_id),
        chain_id=_text(layer.chain_id),
        media_type=layer.media_type,
        compression=scan.compression if scan else None,
        present=layer.present,
        complete=scan.complete if scan else unread,
        stopped_at=scan.stopped_at if scan else (None if unread is None else 0),
        blob_size=layer.blob_size,
        tar_size=scan.tar_size if scan else None,
        content_size=scan.content_size if scan else None,
        history_index=None if step is None else step.index,
        instruction=None if step is None else step.instruction,
        created_by=None if step is None else step.entry.created_by,
        entry_count=scan.entry_count if scan else None,
        added=_tally(layer.present, len(changes.added), changes.added_bytes),
        modified=_tally(layer.present, len(changes.modified), changes.modified_bytes),
        deleted=_tally(layer.present, len(changes.deleted), changes.deleted_bytes),
        whiteouts=scan.whiteout_count if scan else None,
        opaque_dirs=scan.opaque_count if scan else None,
        stored=_stored(layer),
        changes=[],
    )


def _stored(layer: ImageLayer) -> dict[str, str | bool]:
    """How the layer lies in the archive: under which name, and whether it may be absent."""
    stored: dict[str, str | bool] = {}
    if layer.ref.member is not None:
        name, b64 = json_text(layer.ref.member.name)
        stored["member"] = name
        if b64 is not None:
            stored["member_b64"] = b64
    if layer.ref.foreign:
        stored["foreign"] = True
    return stored


def _text(value: object | None) -> str | None:
    return None if value is None else str(value)


def _tally(present: bool, count: int, size: int) -> model.Tally:
    return model.Tally(count=count, bytes=size) if present else model.Tally(count=None, bytes=None)


def _history(step: Step) -> model.History:
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


def _totals(answer: Stacked) -> model.Totals:
    scans = [layer.scan for layer in answer.image.layers if layer.scan is not None and layer.scan.is_tar]
    files, directories, symlinks = answer.tree.counts()
    steps: Pairing = answer.image.pairing
    return model.Totals(
        layers=len(answer.image.layers),
        history=len(steps.steps),
        empty_layers=sum(step.entry.empty_layer for step in steps.steps),
        blob_size=sum(scan.blob_size for scan in scans),
        tar_size=sum(scan.tar_size for scan in scans),
        content_size=sum(scan.content_size for scan in scans),
        stored_bytes=answer.waste.stored_bytes,
        final_bytes=answer.waste.final_bytes,
        wasted_bytes=answer.waste.wasted_bytes,
        efficiency=answer.waste.efficiency,
        files=files,
        directories=directories,
        symlinks=symlinks,
    )


def _waste_row(answer: Stacked, index: int) -> model.WasteRow:
    death = answer.waste.rows[index]
    path, path_b64 = json_text(b"/" + death.path)
    return model.WasteRow(
        path=path,
        path_b64=path_b64,
        bytes=death.size,
        kind=death.kind,
        added_in=death.added_in,
        removed_in=death.removed_in,
    )


def _dive(answer: Stacked) -> model.Dive | None:
    score = answer.dive
    if score is None:
        return None
    return model.Dive(
        efficiency=score.efficiency,
        wasted_bytes=score.wasted_bytes,
        user_wasted_percent=score.finite_percent,
    )


def layer_sentences(images: Sequence[model.Image]) -> list[str]:
    """`10 layers = 1 base + 8 RUN + 1 COPY; 9 steps are metadata only` for each image."""
    return [_layer_sentence(image) for image in images]


def _layer_sentence(image: model.Image) -> str:
    lines = {row.layer: row.text for row in image.history if row.layer is not None}
    layers = [Instruction(layer.instruction, lines.get(layer.index)) for layer in image.layers]
    return layer_sentence(layers, sum(row.layer is None for row in image.history))
