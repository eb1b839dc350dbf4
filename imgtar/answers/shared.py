"""What `shared` says: which layers images have in common, what each adds, and what removing some of them frees."""

from __future__ import annotations

import os
from collections.abc import Sequence

import msgspec

from imgtar.analysis.sharing import measures
from imgtar.analysis.sharing.contents import CommonFiles, common_files
from imgtar.analysis.sharing.store import Order, Store, StoredLayer, build_store
from imgtar.answers.envelope import GENERATOR
from imgtar.answers.finding_rows import finding_rows
from imgtar.answers.reading import ReadArchive, UnreadArchive
from imgtar.contract.envelope import ErrorBody, FindingRow, Integrity
from imgtar.contract.inspect import Platform
from imgtar.contract.judgements import CauseRow, CheckRule
from imgtar.contract.shared import (
    BlobShare,
    CommonFilesRow,
    ContainerdEstimate,
    ExamplePath,
    Removal,
    SameContentRow,
    SharedContent,
    SharedImage,
    SharedLayer,
    SharedReport,
    SharedSource,
    SharedTotals,
)
from imgtar.errors import InputError
from imgtar.image.selection import choices, matching
from imgtar.text import json_text


class SharedQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of the images: `rm` or `keep` are references, `max_unique` bytes, `min_shared` a share of 1."""

    rm: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    order: Order | None = None
    tree: bool = False
    files: bool = False
    max_unique: int | None = None
    min_shared: float | None = None


def shared_content(archives: Sequence[ReadArchive | UnreadArchive], question: SharedQuestion) -> SharedContent:
    """The report about all images of these archives. Raises InputError for a reference that matches none."""
    read = [archive for archive in archives if isinstance(archive, ReadArchive)]
    store = build_store((image for archive in read for image in archive.images), question.order)
    rows = _Rows(store)
    images = [rows.image(number) for number in range(len(store.images))]
    rules = list(_rules(images, question))
    registry = rows.blobs.together()
    document = SharedReport(
        generator=GENERATOR,
        sources=[_source(archive) for archive in archives],
        complete=all(isinstance(archive, ReadArchive) and archive.envelope.complete for archive in archives),
        integrity=_integrity(read),
        passed=all(rule.passed for rule in rules) if rules else None,
        images=images,
        layers=[_layer(layer) for layer in store.layers],
        totals=_totals(measures.on_disk(store)),
        registry=None if registry is None else _totals(registry),
        rm=_removal(store, question),
        same_content=[_same_content(store, same) for same in measures.same_content(store)],
        files=[_common_files(common) for common in common_files(store)] if question.files else msgspec.UNSET,
        rules=rules,
        findings=_findings(archives, store),
    )
    return SharedContent(document=document, tree=question.tree)


def _source(archive: ReadArchive | UnreadArchive) -> SharedSource:
    if isinstance(archive, UnreadArchive):
        path, path_b64 = json_text(os.fsencode(archive.path))
        empty = dict.fromkeys(("size", "form", "container", "compression", "complete", "integrity"))
        error = ErrorBody(code=archive.error.code, message=archive.error.message)
        return SharedSource(path=path, path_b64=path_b64 or msgspec.UNSET, error=error, **empty)
    envelope = archive.envelope
    source = envelope.source
    return SharedSource(
        path=source.path,
        path_b64=source.path_b64,
        size=source.size,
        form=source.form,
        container=source.container,
        compression=source.compression,
        complete=envelope.complete,
        integrity=envelope.integrity,
        error=None,
    )


def _integrity(archives: Sequence[ReadArchive]) -> Integrity:
    states = {archive.envelope.integrity for archive in archives}
    if "failed" in states:
        return "failed"
    return "verified" if states == {"verified"} else "not-checked"


class _Rows:
    """The rows of the images of a store."""

    def __init__(self, store: Store) -> None:
        self.blobs = measures.Blobs(store)
        self._store = store
        self._containerd = measures.Containerd(store)

    def image(self, number: int) -> SharedImage:
        image = self._store.images[number]
        share = measures.disk_share(self._store, number)
        platform = image.platform
        return SharedImage(
            names=list(image.names),
            id=image.image_id,
            platform=Platform(os=platform.os, architecture=platform.architecture, variant=platform.variant),
            sources=list(dict.fromkeys(source for source, _ in image.origins)),
            layers=list(self._store.stacks[number]),
            size=share.size.bytes,
            shared=share.shared.bytes,
            unique=share.unique.bytes,
            frees=share.unique.bytes,
            at_least=share.size.at_least or not image.identified,
            registry=self._registry(number),
            containerd=self._estimate(number),
        )

    def _registry(self, number: int) -> BlobShare | None:
        share = self.blobs.share(number)
        if share is None:
            return None
        size, shared, unique = share.size, share.shared, share.unique
        return BlobShare(size=size.bytes, shared=shared.bytes, unique=unique.bytes, at_least=size.at_least)

    def _estimate(self, number: int) -> ContainerdEstimate:
        size, frees = self._containerd.size(number), self._containerd.frees(number)
        return ContainerdEstimate(size=size.bytes, frees=frees.bytes, at_least=size.at_least)


def _layer(layer: StoredLayer) -> SharedLayer:
    facts = layer.facts
    return SharedLayer(
        chain_id=None if facts.chain_id is None else str(facts.chain_id),
        diff_id=None if facts.diff_id is None else str(facts.diff_id),
        digests=[str(digest) for digest in layer.digests],
        below=layer.below,
        size=layer.size,
        blob_size=layer.blob_size,
        images=list(layer.images),
        instruction=facts.instruction or None,
        text=facts.text or None,
        comment=facts.comment or None,
    )


def _totals(together: measures.Together) -> SharedTotals:
    alone, once = together.alone, together.together
    return SharedTotals(
        count=together.count,
        distinct=together.distinct,
        alone=alone.bytes,
        together=once.bytes,
        saved=alone.bytes - once.bytes,
        at_least=alone.at_least,
    )


def _same_content(store: Store, same: measures.SameContent) -> SameContentRow:
    diff_id = store.layers[same.layers[0]].facts.diff_id
    return SameContentRow(diff_id=str(diff_id), layers=list(same.layers), bytes=same.bytes)


def _common_files(common: CommonFiles) -> CommonFilesRow:
    examples = [json_text(b"/" + path) for path in common.paths]
    return CommonFilesRow(
        layers=list(common.layers),
        files=common.files,
        bytes=common.one_copy,
        saves=common.saves,
        whole=common.whole,
        examples=[ExamplePath(path=path, path_b64=path_b64) for path, path_b64 in examples],
    )


def _removal(store: Store, question: SharedQuestion) -> Removal | None:
    """What removing the images of `rm` frees, or all but those of `keep`."""
    if not question.rm and not question.keep:
        return None
    named = {number for reference in question.rm or question.keep for number in _matching(store, reference)}
    images = sorted(named if question.rm else set(range(len(store.images))) - named)
    layers = store.removed(images)
    frees, everything = store.size_of(layers), store.size_of(range(len(store.layers)))
    return Removal(
        images=images,
        layers=layers[::-1],
        frees=frees.bytes,
        keeps=everything.bytes - frees.bytes,
        at_least=everything.at_least,
    )


def _matching(store: Store, reference: str) -> list[int]:
    found = matching(store.images, reference)
    if not found:
        raise InputError("image.not-found", f"no image matches {reference}", f"there are {choices(store.images)}")
    return found


def _rules(images: Sequence[SharedImage], question: SharedQuestion) -> list[CheckRule]:
    """The verdicts on each image. A number that is not known passes no gate."""
    rules: list[CheckRule] = []
    for number, image in enumerate(images):
        if question.max_unique is not None:
            passed = image.unique <= question.max_unique and not image.at_least
            rules.append(_rule("max-unique", number, image, passed, image.unique, question.max_unique))
        if question.min_shared is not None:
            share = image.shared / image.size if image.size else 1.0
            passed = share >= question.min_shared and not image.at_least
            rules.append(_rule("min-shared", number, image, passed, share, question.min_shared))
    return rules


def _rule(name: str, number: int, image: SharedImage, passed: bool, value: float, limit: float) -> CheckRule:
    unknown = CauseRow(message="the size of a layer is not known, so the gate cannot pass", image=number)
    return CheckRule(
        rule=name,
        image=number,
        passed=passed,
        value=value,
        limit=limit,
        unit="bytes" if name == "max-unique" else "share",
        causes=[unknown] if image.at_least else [],
    )


def _findings(archives: Sequence[ReadArchive | UnreadArchive], store: Store) -> list[FindingRow]:
    """The findings of every archive, with its number and the number of the image in this report."""
    numbers = {origin: number for number, image in enumerate(store.images) for origin in image.origins}
    rows: list[FindingRow] = []
    for source, archive in enumerate(archives):
        if isinstance(archive, ReadArchive):
            rows += [_placed(row, source, numbers) for row in finding_rows(archive.findings)]
    return rows


def _placed(row: FindingRow, source: int, numbers: dict[tuple[int, int], int]) -> FindingRow:
    image = None if row.where.image is None else numbers[source, row.where.image]
    return msgspec.structs.replace(row, where=msgspec.structs.replace(row.where, archive=source, image=image))
