"""Everything that differs between two images, and whether they are equal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Literal

import msgspec

from imgtar.analysis.comparison.alignment import Aligned, LayerKeys, align
from imgtar.analysis.comparison.config import ConfigDifference, compare_configs
from imgtar.analysis.comparison.contents import ContentsOfTwo, diff_id
from imgtar.analysis.comparison.effects import Difference, Reason, Wanted, changed_paths, everything, layer_difference
from imgtar.analysis.comparison.engine_files import LeftOut, left_out, without
from imgtar.analysis.comparison.files import FileDifferences, Level, compare_files
from imgtar.analysis.comparison.own import in_bases, own_paths
from imgtar.analysis.comparison.sizes import GrowthSize, PullSize, growth_size, pull_size
from imgtar.analysis.stacked_image import StackedImage
from imgtar.archive.catalog.records import ImageRecord
from imgtar.filesystem.changes import Why
from imgtar.filesystem.tree import FileTree
from imgtar.findings import Finding
from imgtar.formats.oci.platform import Platform
from imgtar.image.history.pairing import Pairing
from imgtar.image.image import Image
from imgtar.limits import Limits

LayerStatus = Literal["same", "recompressed", "rebuilt", "changed", "moved", "added", "removed"]

NEEDLESS: frozenset[LayerStatus] = frozenset({"recompressed", "rebuilt"})
# Stands for the image of an archive that is cut before it names one.
NO_IMAGE = StackedImage(
    image=Image(
        record=ImageRecord(names=(), image_id=None),
        layers=(),
        pairing=Pairing(steps=(), layer_to_history=(), findings=()),
        platform=Platform(),
        findings=(),
    ),
    tree=FileTree((), {}, {}, {}, frozenset()),
    changes=(),
    findings=(),
)
# What the classic builder calls the source of a COPY: the digest of its content.
_SOURCE = re.compile(r"\b(file|dir|multi):[0-9a-f]{64}\b")


class ComparedLayer(msgspec.Struct, frozen=True):
    """Two aligned layers, or one without a counterpart; `largest` has paths of a changed layer (`LayerDifference`)."""

    status: LayerStatus
    a: int | None
    b: int | None
    why: tuple[Reason, ...] = ()
    largest: tuple[Difference, ...] = ()


class Comparison(msgspec.Struct, frozen=True):
    """Two images compared. `equal` is None where what was not read decides; `complete`: nothing was left unread that
    may make a difference.

    `pull` is None, and there are neither layers nor configuration, where one of the two is a filesystem alone.
    """

    layers: tuple[ComparedLayer, ...]
    files: FileDifferences
    config: tuple[ConfigDifference, ...]
    pull: PullSize | None
    growth: GrowthSize
    equal: bool | None
    complete: bool
    findings: tuple[Finding, ...]
    left_out: tuple[LeftOut, ...] = ()


def compare_images(
    a: StackedImage,
    b: StackedImage,
    limits: Limits,
    *,
    level: Level = "default",
    wanted: Wanted = everything,
    has_layers: bool = True,
    bases: tuple[int, int] = (0, 0),
) -> Comparison:
    """What differs between the image `a` and the later image `b`, at the wanted paths.

    Without `has_layers` only the filesystems are compared, but for what an engine puts into every container, unless
    the level is strict. `bases` are the numbers of lowest layers of both that are left out.
    Raises InputError where a file cannot be read.
    """
    contents = ContentsOfTwo(a, b, limits)
    engine = () if has_layers or level == "strict" else left_out(a.tree, b.tree)
    wanted = without(engine, wanted)
    compared: dict[tuple[int, int], dict[bytes, tuple[Why, ...]]] = {}
    layers = tuple(_layers(a, b, contents, wanted, compared, bases)) if has_layers else ()
    own = own_paths(a, b, bases, wanted) if any(bases) else wanted
    files = compare_files(a.tree, b.tree, contents, level, own, compared)
    has_configs = a.image.record.config is not None and b.image.record.config is not None
    config = tuple(compare_configs(a.image, b.image, strict=level == "strict")) if has_layers and has_configs else ()
    needless = {layer.b for layer in layers if layer.status in NEEDLESS and layer.b is not None}
    findings = tuple(contents.findings())
    own_layers = tuple(layer for layer in layers if not in_bases(layer.a, layer.b, bases))
    differs = bool(files.rows) or (level == "strict" and any(layer.status != "same" for layer in own_layers))
    known = not contents.late and (has_configs or not has_layers) and _is_known(a, b, layers)
    return Comparison(
        layers=own_layers,
        files=files,
        config=config,
        pull=pull_size(a.image.layers, b.image.layers, needless, bases[1]) if has_layers else None,
        growth=growth_size(a, b, has_layers=has_layers, bases=bases),
        equal=False if config else not differs if known else None,
        complete=known,
        findings=findings,
        left_out=engine,
    )


def compare_with_nothing(a: StackedImage, b: StackedImage) -> Comparison:
    """What is known where one of the two is NO_IMAGE: nothing but the size of the other one."""
    growth = msgspec.structs.replace(growth_size(a, b), exact=False)
    return Comparison((), FileDifferences((), 0), (), None, growth, None, complete=False, findings=())


def _layers(
    a: StackedImage,
    b: StackedImage,
    contents: ContentsOfTwo,
    wanted: Wanted,
    compared: dict[tuple[int, int], dict[bytes, tuple[Why, ...]]],
    bases: tuple[int, int],
) -> Iterator[ComparedLayer]:
    """The layers, aligned; what differs at the paths of two of them goes to `compared`.

    Of the bases only layers that both have are there.
    """
    for pair in align(_keys(a), _keys(b)):
        if pair.a is None:
            yield ComparedLayer("added", None, pair.b)
        elif pair.b is None:
            yield ComparedLayer("removed", pair.a, None)
        elif contents.same_layer(pair.a, pair.b):
            yield ComparedLayer(_status_of_same(a, b, pair), pair.a, pair.b)
        elif not in_bases(pair.a, pair.b, bases):
            found = layer_difference(a, pair.a, b, pair.b, contents, wanted)
            compared[pair.a, pair.b] = found.compared
            status: LayerStatus = "rebuilt" if found.is_harmless else "changed"
            yield ComparedLayer(status, pair.a, pair.b, found.why, found.largest)


def _status_of_same(a: StackedImage, b: StackedImage, pair: Aligned) -> LayerStatus:
    """The status of two layers of one diffID."""
    assert pair.a is not None
    assert pair.b is not None
    if pair.moved:
        return "moved"
    before, after = a.image.layers[pair.a].digest, b.image.layers[pair.b].digest
    return "same" if before is None or after is None or before == after else "recompressed"


def _keys(stacked: StackedImage) -> Sequence[LayerKeys]:
    return [
        LayerKeys(diff_id(layer), _step(stacked, layer.index), partial(changed_paths, stacked, layer.index))
        for layer in stacked.image.layers
    ]


def _step(stacked: StackedImage, layer: int) -> str | None:
    """The step that made a layer, without what depends on the content that it copied."""
    step = stacked.image.pairing.step_of(layer)
    text = None if step is None else step.text or step.entry.created_by
    return _SOURCE.sub(r"\1", text) if text else None


def _is_known(a: StackedImage, b: StackedImage, layers: Sequence[ComparedLayer]) -> bool:
    """Was everything read that may make a difference? A layer that was read in neither image, and is in both, makes
    none.
    """
    unread_a, unread_b = _unread(a), _unread(b)
    for layer in layers:
        if layer.status in ("same", "recompressed") and layer.a in unread_a and layer.b in unread_b:
            unread_a.remove(layer.a)
            unread_b.remove(layer.b)
    return not unread_a and not unread_b


def _unread(stacked: StackedImage) -> set[int | None]:
    """The layers that were not read, or not to their end."""
    layers = stacked.image.layers
    return {layer.index for layer in layers if layer.scan is None or not layer.scan.complete}
