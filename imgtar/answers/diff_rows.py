"""What `diff` says of two images, row by row, as the contract has it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from imgtar.analysis.comparison.comparison import ComparedLayer, Comparison
from imgtar.analysis.comparison.effects import Difference
from imgtar.analysis.comparison.engine_files import LeftOut
from imgtar.analysis.comparison.files import FileDifference
from imgtar.analysis.comparison.sizes import layer_size
from imgtar.analysis.stacked_image import StackedImage
from imgtar.answers.rows import file_fields
from imgtar.contract import diff as model
from imgtar.contract.envelope import Envelope
from imgtar.contract.inspect import Platform
from imgtar.filesystem.tree import FileTree
from imgtar.text import json_text


def side(envelope: Envelope, stacked: StackedImage) -> model.DiffSide:
    """One of both images: which it is, and whether it was read whole."""
    image = stacked.image
    platform = image.platform
    return model.DiffSide(
        source=envelope.source,
        image=image.record.image_id,
        names=list(image.record.names),
        platform=Platform(os=platform.os, architecture=platform.architecture, variant=platform.variant),
        complete=envelope.complete,
        integrity=envelope.integrity,
        paths=len(stacked.tree.owner),
        layers=len(image.layers),
    )


def pull(compared: Comparison) -> model.Pull | None:
    """What a host that has the first image pulls for the second; None where that is not known."""
    pull = compared.pull
    if pull is None:
        return None
    return model.Pull(
        bytes=pull.bytes,
        needless=pull.needless,
        layers=pull.layers,
        total=pull.total,
        by=pull.by,
        exact=pull.exact,
    )


def growth(compared: Comparison) -> model.Growth:
    """How much larger the second image is."""
    growth = compared.growth
    return model.Growth(
        bytes=growth.bytes,
        percent=None if growth.share is None else growth.share * 100,
        content_size=list(growth.content_size),
        final_bytes=list(growth.final_bytes),
        exact=growth.exact,
    )


def layer(row: ComparedLayer, a: StackedImage, b: StackedImage, compared: Comparison) -> model.DiffLayer:
    """A pair of layers; its step is that of the later one where there is one."""
    step = None if row.b is None else b.image.pairing.step_of(row.b)
    if row.b is None and row.a is not None:
        step = a.image.pairing.step_of(row.a)
    return model.DiffLayer(
        status=row.status,
        a=row.a,
        b=row.b,
        why=list(row.why),
        bytes=[
            None if row.a is None else layer_size(a.image.layers[row.a]),
            None if row.b is None else layer_size(b.image.layers[row.b]),
        ],
        pull_bytes=0 if row.b is None or compared.pull is None else compared.pull.of_layers[row.b],
        instruction=None if step is None else step.instruction,
        text=None if step is None else step.text or step.entry.created_by,
        largest=[_largest(difference) for difference in row.largest],
    )


def _largest(difference: Difference) -> model.LargestRow:
    path, path_b64 = json_text(b"/" + difference.path)
    return model.LargestRow(path=path, path_b64=path_b64, kind=difference.kind, bytes=difference.size)


def left_out(row: LeftOut) -> model.LeftOut:
    """A path that the engine writes itself and that does not count."""
    path, path_b64 = json_text(b"/" + row.path)
    return model.LeftOut(path=path, path_b64=path_b64, reason=row.reason, time=row.time)


def files(differences: Sequence[FileDifference], a: FileTree, b: FileTree) -> Iterator[model.DiffFile]:
    """Each file that differs, with its state in both images, paths in the order of `differences`."""
    for row in differences:
        path, path_b64 = json_text(b"/" + row.path)
        before = None if row.kind == "added" else _state(a, row.moved_from or row.path)
        after = None if row.kind == "deleted" else _state(b, row.path)
        moved: dict[str, Any] = {}
        if row.moved_from is not None:
            moved["moved_from"], moved["moved_from_b64"] = json_text(b"/" + row.moved_from)
        why = list(row.why) if row.kind in ("modified", "moved") else None
        yield model.DiffFile(path=path, path_b64=path_b64, kind=row.kind, why=why, a=before, b=after, **moved)


def _state(tree: FileTree, path: bytes) -> model.FileState:
    entry = tree.entry(path)
    fields = file_fields(path, entry)
    del fields["path"], fields["path_b64"]
    return model.FileState(layer=entry.layer, **fields)
