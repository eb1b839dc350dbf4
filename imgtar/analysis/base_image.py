"""Which layers of an image belong to its base image, and which are its own.

Offline, the base is known from the first of these that says something:

1. the user: a number of layers, or an archive of the base image;
2. a label or annotation: `org.opencontainers.image.base.digest`, which counts only if the image of that digest is in
   the same archive, or the label of Cloud Native Buildpacks, which has the diffID of the top layer of the base;
3. the history: the lowest layer is the base if its step is an import, an `ADD` to `/` or unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from imgtar.archive.archive import open_archive
from imgtar.archive.input.source import parse_input
from imgtar.errors import InputError, UsageError
from imgtar.formats.digest import Digest
from imgtar.image.history.instruction import Instruction
from imgtar.image.history.pairing import is_base
from imgtar.image.image import Image
from imgtar.image.selection import select
from imgtar.limits import Limits, Meter

Source = Literal["--base", "--base-image", "label", "history", "none"]
DiffIDs = tuple[Digest | None, ...]
_DIGEST_LABEL = "org.opencontainers.image.base.digest"
_BUILDPACKS_LABEL = "io.buildpacks.lifecycle.metadata"


class Base(msgspec.Struct, frozen=True):
    """The lowest `layers` layers belong to the base image; `source` is what says so."""

    layers: int
    source: Source


class _RunImage(msgspec.Struct, frozen=True, rename="camel"):
    top_layer: str = ""


class _Buildpacks(msgspec.Struct, frozen=True, rename="camel"):
    run_image: _RunImage = _RunImage()


def read_base_image(source: str, limits: Limits) -> tuple[DiffIDs, ...]:
    """The diffIDs of each image in an archive of base images, base first.

    Raises InputError if the archive cannot be read or no image in it states its diffIDs, UsageError if `source` names
    an image that the archive does not have.
    """
    name = parse_input(source)
    try:
        archive = open_archive(name, Meter(limits), allow_missing=True)
    except InputError as problem:
        raise InputError(problem.code, f"base image {source}: {problem.message}", problem.remedy) from None
    images = tuple(record.diff_ids for record in select(archive.catalog.images, name.reference) if record.diff_ids)
    if not images:
        reason = f"base image {source}: no image in it states the diffIDs of its layers"
        raise InputError("input.base-image", reason, "give an archive that has the configuration of the image")
    return images


def base_of(image: Image, siblings: Sequence[Image], count: int | None, base_images: Sequence[DiffIDs] | None) -> Base:
    """The base of an image.

    `count` and `base_images` are what the user states; `siblings` are the images of the same archive.
    Raises UsageError if what the user states does not fit the image.
    """
    layers = image.layers
    if count is not None:
        if count > len(layers):
            raise UsageError("usage.base", f"base {count}: the image has {len(layers)} layers", "choose with --image")
        return Base(count, "--base")
    diff_ids = tuple(layer.diff_id for layer in layers)
    if base_images is not None:
        fitting = [len(base) for base in base_images if _is_base(base, diff_ids)]
        if not fitting:
            reason = "the layers of the base image are not the lowest layers of the image"
            raise UsageError("usage.base", reason, "name the image that it was built from, or give --base N")
        return Base(max(fitting), "--base-image")
    labelled = _labelled(image, siblings, diff_ids)
    if labelled is not None:
        return Base(labelled, "label")
    if not layers:
        return Base(0, "none")
    step = image.pairing.step_of(0)
    is_known = step is not None and is_base(Instruction(step.instruction, step.text))
    return Base(1, "history") if is_known else Base(0, "none")


def _is_base(base: DiffIDs, diff_ids: DiffIDs) -> bool:
    """Are all layers of the base known, and are they the lowest layers of the image?"""
    return None not in base and diff_ids[: len(base)] == base


def _labelled(image: Image, siblings: Sequence[Image], diff_ids: DiffIDs) -> int | None:
    """How many layers the base has by a label or annotation; None if none says."""
    record = image.record
    labels = image.execution.labels
    digest = labels.get(_DIGEST_LABEL) or record.annotations.get(_DIGEST_LABEL)
    for sibling in siblings if digest else ():
        digests = (sibling.record.manifest_digest, sibling.record.target_digest)
        base = tuple(layer.diff_id for layer in sibling.layers)
        if digest in [str(known) for known in digests if known] and _is_base(base, diff_ids):
            return len(base)
    top = _top_layer(labels.get(_BUILDPACKS_LABEL, ""))
    positions = [index for index, diff_id in enumerate(diff_ids) if top and str(diff_id) == top]
    return positions[0] + 1 if positions else None


def _top_layer(metadata: str) -> str:
    """The diffID of the base image's top layer; empty if the label does not have it."""
    try:
        return msgspec.json.decode(metadata, type=_Buildpacks).run_image.top_layer
    except (msgspec.MsgspecError, RecursionError, UnicodeEncodeError):
        return ""
