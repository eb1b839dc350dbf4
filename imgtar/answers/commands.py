"""What each command answers, out of the one report of an archive."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

import msgspec

from imgtar.analysis import ids
from imgtar.analysis.ids import ImageIds
from imgtar.answers.filters import Filtered
from imgtar.answers.finding_rows import explanations
from imgtar.answers.image import layer_sentences
from imgtar.answers.session import Report
from imgtar.contract.commands import (
    DockerIds,
    Entry,
    HistoryImage,
    HistoryReport,
    IdsImage,
    IdsReport,
    LayerIds,
    LsReport,
    ShortIds,
    StoreIds,
)
from imgtar.contract.content import HistoryContent, IdsContent, InspectContent, LsContent, VerifyContent
from imgtar.contract.inspect import FindingRow, Image
from imgtar.errors import InputError, UsageError
from imgtar.formats.digest import Digest
from imgtar.report.words.image import image_name, platform_words
from imgtar.text import json_text


def inspect_answer(report: Report, shown: Filtered, *, summary: bool = False) -> InspectContent:
    """The whole report, or the one without the long lists."""
    document = msgspec.structs.replace(report.document, findings=shown.shown, ignored=shown.ignored)
    content = InspectContent(
        document=document,
        explanations=explanations(report.findings),
        layer_sentences=layer_sentences(document.images),
        changes=report.changes,
        files=report.files,
        ids=partial(_ids, report),
    )
    return content.summarised() if summary else content


def verify_answer(report: Report, shown: Filtered) -> VerifyContent:
    """The report without its long lists, and what every byte of the file belongs to."""
    content = inspect_answer(report, shown, summary=True)
    return VerifyContent(
        document=content.document,
        explanations=content.explanations,
        layer_sentences=content.layer_sentences,
        changes=content.changes,
        ids=content.ids,
        summary=True,
        ranges=report.ranges(),
    )


def history_answer(report: Report, shown: Filtered) -> HistoryContent:
    """The steps of each image."""
    inspected = report.document
    document = HistoryReport(
        **inspected.envelope(),
        images=[HistoryImage(names=image.names, id=image.id, history=image.history) for image in inspected.images],
        findings=shown.shown,
        ignored=shown.ignored,
    )
    return HistoryContent(document=document, report=inspected, layer_sentences=layer_sentences(inspected.images))


def ids_answer(report: Report, shown: Filtered) -> IdsContent:
    """The digits that the docker commands show, for each image."""
    inspected = report.document
    document = IdsReport(
        **inspected.envelope(),
        images=_ids(report),
        findings=shown.shown,
        ignored=shown.ignored,
    )
    return IdsContent(document=document, report=inspected)


def _ids(report: Report) -> list[IdsImage]:
    answers = zip(report.document.images, report.ids(), strict=True)
    return [_ids_image(image, answer) for image, answer in answers]


def _ids_image(image: Image, answer: ImageIds) -> IdsImage:
    layers = [
        LayerIds(
            index=layer.index,
            diff_id=_text(layer.diff_id),
            chain_id=_text(layer.chain_id),
            digest=_text(layer.digest),
            short=ShortIds(pull=layer.pull, load=layer.load, chain=layer.chain),
        )
        for layer in answer.layers
    ]
    docker = DockerIds(graphdriver=_store(answer.graphdriver), containerd=_store(answer.containerd))
    return IdsImage(names=image.names, id=image.id, layers=layers, docker=docker)


def _store(store: ids.StoreIds) -> StoreIds:
    return StoreIds(image_id=_text(store.image_id), rmi=None if store.rmi is None else list(store.rmi))


def _text(digest: Digest | None) -> str | None:
    return None if digest is None else str(digest)


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What `ls` lists: the final filesystem, one layer, or every layer; below `path` only, where one is given."""

    path: str | None = None
    layer: int | None = None
    all_layers: bool = False
    long: bool = False


def ls_answer(report: Report, shown: Filtered, wanted: Wanted) -> LsContent:
    """The files of the one image of the report.

    Raises UsageError where the report has several images, InputError for a layer that the image lacks.
    """
    inspected = report.document
    image = _only(inspected.images)
    if wanted.layer is not None and image is not None and wanted.layer >= len(image.layers):
        there = f"it has layers 0 to {len(image.layers) - 1}" if image.layers else "it has no layers"
        raise InputError("input.no-such-layer", f"the image has no layer {wanted.layer}", there)
    document = LsReport(
        **inspected.envelope(),
        image=None if image is None else image.id,
        layer=wanted.layer,
        entries=[],
        findings=[_without_image(finding) for finding in shown.shown],
        ignored=shown.ignored,
    )
    source = _entries(report, image, wanted)
    if wanted.path is not None:
        source = _below(source, json_text(os.fsencode(wanted.path))[0])
    return LsContent(document=document, entries=source, long=wanted.long)


def _only(images: Sequence[Image]) -> Image | None:
    """The image, None where damage left none."""
    if len(images) > 1:
        there = ", ".join(f"@{number} {_called(image)}" for number, image in enumerate(images))
        raise UsageError("input.several-images", f"{len(images)} images: {there}", "choose one with --image @N")
    return images[0] if images else None


def _called(image: Image) -> str:
    return f"{image_name(image)} ({platform_words(image)})"


def _without_image(finding: FindingRow) -> FindingRow:
    where = msgspec.structs.replace(finding.where, image=None)
    return msgspec.structs.replace(finding, where=where)


def _entries(report: Report, image: Image | None, wanted: Wanted) -> Callable[[], Iterable[Entry]]:
    if image is None:
        return tuple
    if wanted.layer is not None:
        layer = wanted.layer
        return lambda: report.layer_files(0, layer)
    if not wanted.all_layers:
        return lambda: report.files(0)
    return lambda: (entry for layer in image.layers for entry in report.layer_files(0, layer.index))


def _below(source: Callable[[], Iterable[Entry]], path: str) -> Callable[[], Iterator[Entry]]:
    """The entries at `path` and below it."""
    place = "/" + "/".join(part for part in path.split("/") if part not in ("", "."))
    prefix = place.rstrip("/") + "/"

    def entries() -> Iterator[Entry]:
        return (entry for entry in source() if entry.path == place or entry.path.startswith(prefix))

    return entries
