"""Which layers an image has from its base, and which are its own.

Offline a base is known where somebody states it: a number of layers, an archive of the base image, or what builders
write into the image. `org.opencontainers.image.base.digest` names an image, so it tells only where that image is in
the same archive; buildpacks name the diffID of the top layer of the base. Else the lowest layer is the base where the
history calls it one, as the layer sentence of `inspect` does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from imgtar.analysis.stacked_image import Stacked
from imgtar.archive.archive import open_archive
from imgtar.archive.input.source import parse_input
from imgtar.errors import InputError, UsageError
from imgtar.formats.digest import Digest
from imgtar.image.history.instruction import UNKNOWN, Instruction
from imgtar.image.history.pairing import is_base
from imgtar.image.selection import select
from imgtar.limits import Limits, Meter

Source = Literal["--base", "--base-image", "label", "history", "none"]
Layers = tuple[Digest | None, ...]
_DIGEST_LABEL = "org.opencontainers.image.base.digest"
_BUILDPACKS_LABEL = "io.buildpacks.lifecycle.metadata"


class Base(msgspec.Struct, frozen=True):
    """The lowest `layers` layers are the base; `source` is what says so."""

    layers: int
    source: Source


class _RunImage(msgspec.Struct, frozen=True, rename="camel"):
    top_layer: str = ""


class _Buildpacks(msgspec.Struct, frozen=True, rename="camel"):
    run_image: _RunImage = _RunImage()


def read_base_image(source: str, limits: Limits) -> tuple[Layers, ...]:
    """The diffIDs of each image of an archive, base first. Raises InputError, UsageError where it names no layers."""
    name = parse_input(source)
    try:
        archive = open_archive(name, Meter(limits), allow_missing=True)
    except InputError as problem:
        raise InputError(problem.code, f"base image {source}: {problem.message}", problem.remedy) from None
    found = tuple(record.diff_ids for record in select(archive.catalog.images, name.reference) if record.diff_ids)
    if not found:
        raise InputError("input.base-image", f"base image {source}: no image in it names its layers", "get a whole one")
    return found


def base_of(answer: Stacked, others: Sequence[Stacked], count: int | None, images: Sequence[Layers] | None) -> Base:
    """The base of an image. `count` and `images` are what was stated; `others` are the images beside it.

    Raises UsageError where what was stated does not fit the image.
    """
    layers = answer.image.layers
    if count is not None:
        if count > len(layers):
            raise UsageError("usage.base", f"base {count}: the image has {len(layers)} layers", "choose with --image")
        return Base(count, "--base")
    own = tuple(layer.diff_id for layer in layers)
    if images is not None:
        fitting = [len(base) for base in images if _is_below(base, own)]
        if not fitting:
            reason = "the layers of the base image are not the lowest of the image"
            raise UsageError("usage.base", reason, "name the image that it was built from, or give --base N")
        return Base(max(fitting), "--base-image")
    labelled = _labelled(answer, others, own)
    if labelled is not None:
        return Base(labelled, "label")
    if not layers:
        return Base(0, "none")
    step = answer.image.pairing.step_of(0)
    instruction = UNKNOWN if step is None else Instruction(step.instruction, step.text)
    return Base(1, "history") if is_base(instruction) else Base(0, "none")


def _is_below(base: Layers, own: Layers) -> bool:
    return None not in base and own[: len(base)] == base


def _labelled(answer: Stacked, others: Sequence[Stacked], own: Layers) -> int | None:
    record = answer.image.record
    labels = answer.image.execution.labels
    digest = labels.get(_DIGEST_LABEL) or record.annotations.get(_DIGEST_LABEL)
    for other in others if digest else ():
        named = (other.image.record.manifest_digest, other.image.record.target_digest)
        base = tuple(layer.diff_id for layer in other.image.layers)
        if digest in [str(one) for one in named if one] and _is_below(base, own):
            return len(base)
    top = _top_layer(labels.get(_BUILDPACKS_LABEL, ""))
    places = [index for index, diff_id in enumerate(own) if top and str(diff_id) == top]
    return places[0] + 1 if places else None


def _top_layer(metadata: str) -> str:
    try:
        return msgspec.json.decode(metadata, type=_Buildpacks).run_image.top_layer
    except (msgspec.MsgspecError, RecursionError, UnicodeEncodeError):
        return ""
