"""The report of an archive: answers of the lower floors → the public model."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import msgspec

from imgtar.analysis.byte_ranges import ByteRange, byte_ranges
from imgtar.analysis.expectation import Expectation, unmet
from imgtar.analysis.ids import Identity, ImageIds, identify
from imgtar.analysis.stacked_image import Stacked, stacked
from imgtar.answers.finding_rows import finding_rows
from imgtar.answers.image import build_image
from imgtar.answers.rows import change_rows, file_rows, layer_rows
from imgtar.archive.catalog.records import OtherRecord
from imgtar.archive.input.source import parse_input
from imgtar.contract import inspect as model
from imgtar.contract.commands import Entry
from imgtar.findings import Effect, Finding
from imgtar.image.image import Image, Opened, open_images
from imgtar.limits import DEFAULT, Limits, Meter
from imgtar.progress import Progress
from imgtar.text import json_text
from imgtar.version import __version__

if TYPE_CHECKING:
    from imgtar.audit.auditor import Auditor


class InspectOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What to read of an archive and how far. `image` and `platform` choose as the options of that name do.

    `timeout` is in seconds. `allow_missing`: what the form allows to be absent does not make the report incomplete.
    `expected` is what was stated of the archive elsewhere. With `audit` the rules of `imgtar.audit` are among the
    findings; `judged_on` is the day that they compare times with (today without one).
    """

    limits: Limits = DEFAULT
    timeout: float | None = None
    verify: bool = False
    image: str | None = None
    platform: str | None = None
    allow_missing: bool = False
    expected: Expectation | None = None
    audit: bool = False
    judged_on: date | None = None
    progress: Progress | None = None


DEFAULT_OPTIONS = InspectOptions()


def inspect(source: str, options: InspectOptions = DEFAULT_OPTIONS) -> Report:
    """Reads `source` (a path, `-` for standard input, either with one of skopeo's prefixes) and answers.

    Raises InputError where it cannot be used or holds no image, UsageError where the choice is ambiguous. Damage is
    no error: it is among the findings, and the report holds what was read.
    """
    limits = options.limits
    if options.timeout is not None:
        limits = msgspec.structs.replace(limits, deadline=time.monotonic() + options.timeout)
    auditor = _auditor(limits, options.judged_on) if options.audit else None
    opened = open_images(
        parse_input(source),
        Meter(limits),
        reference=options.image,
        platform=options.platform,
        verify=options.verify,
        allow_missing=options.allow_missing,
        probes=() if auditor is None else auditor.probes,
        progress=options.progress,
    )
    return Report(opened, options.expected, auditor)


def _auditor(limits: Limits, judged_on: date | None) -> Auditor:
    from imgtar.audit.auditor import Auditor  # its patterns take a while to compile

    return Auditor(limits, judged_on or datetime.now(UTC).date())


class Report:
    """The answers about one archive.

    `document` is the inspect report with empty `changes`, which are made row by row by `changes`.
    """

    def __init__(self, opened: Opened, expected: Expectation | None = None, auditor: Auditor | None = None) -> None:
        self._opened = opened
        self.stacked: tuple[Stacked, ...] = tuple(stacked(image) for image in opened.images)
        self.findings: tuple[Finding, ...] = (
            *_findings(opened, self.stacked),
            *(unmet(expected, opened) if expected is not None else ()),
            *(auditor.findings(self.stacked, opened.archive) if auditor is not None else ()),
        )
        self.document = _document(opened, self.stacked, self.findings)

    def changes(self, image: int, layer: int) -> Iterator[model.Change]:
        """What a layer added, modified and deleted, sorted by path."""
        answer = self.stacked[image]
        return change_rows(answer.changes[layer], answer.tree.scans[layer])

    def files(self, image: int) -> Iterator[Entry]:
        """The final filesystem, sorted by path; the root is not listed."""
        return file_rows(self.stacked[image].tree)

    def layer_files(self, image: int, layer: int) -> Iterator[Entry]:
        """What a layer holds and removes, sorted by path."""
        answer = self.stacked[image]
        return layer_rows(answer.tree, layer, answer.changes[layer])

    def ranges(self) -> list[model.ByteRange] | None:
        """What every byte of the file belongs to; None for a directory."""
        found = byte_ranges(self._opened.archive.index, _roles(self._opened))
        return None if found is None else [_range(span) for span in found]

    def ids(self) -> list[ImageIds]:
        """The digits that docker commands show, image by image."""
        return identify([_identity(image) for image in self._opened.images])


def _roles(opened: Opened) -> dict[bytes, str]:
    """What the members are that the images name."""
    roles = {b"manifest.json": "manifest.json", b"index.json": "index.json", b"oci-layout": "oci-layout"}
    for number, image in enumerate(opened.images):
        for document, what in ((image.record.config_document, "config"), (image.record.manifest, "manifest")):
            if document is not None and document.member:
                roles.setdefault(document.member, f"{what} of image {number}")
        for layer in image.layers:
            if layer.ref.member is not None:
                roles.setdefault(layer.ref.member.name, f"layer {layer.index} of image {number}")
    for other in opened.other:
        if other.member is not None:
            roles.setdefault(other.member, other.kind)
    return roles


def _range(span: ByteRange) -> model.ByteRange:
    what = f"{span.what}: {json_text(span.name)[0]}" if span.name else span.what
    return model.ByteRange(offset=span.offset, length=span.length, what=what)


def _identity(image: Image) -> Identity:
    return Identity(
        names=image.record.names,
        image_id=image.record.config_digest,
        target=image.record.target_digest,
        diff_ids=[layer.diff_id for layer in image.layers],
        digests=[None if layer.ref.descriptor is None else layer.ref.descriptor.digest for layer in image.layers],
    )


def _findings(opened: Opened, answers: Sequence[Stacked]) -> Iterator[Finding]:
    """All findings with their places; a layer that several images share tells its own once."""
    yield from opened.findings
    told: set[int] = set()
    for number, answer in enumerate(answers):
        for finding in (*answer.image.findings, *answer.findings):
            yield finding.within(image=number)
        for layer in answer.image.layers:
            member = None if layer.ref.member is None else layer.ref.member.name
            found = layer.ref.findings
            if layer.scan is not None and id(layer.scan) not in told:
                told.add(id(layer.scan))
                found = (*found, *layer.scan.findings)
            for finding in found:
                yield finding.within(image=number, layer=layer.index, member=member)


def _document(opened: Opened, answers: Sequence[Stacked], findings: Sequence[Finding]) -> model.InspectReport:
    effects = {finding.effect for finding in findings}
    return model.InspectReport(
        generator=model.Generator(version=__version__),
        source=_source(opened),
        complete=effects.isdisjoint({Effect.INCOMPLETE, Effect.LIMIT}),
        integrity=_integrity(opened, effects),
        images=[build_image(answer) for answer in answers],
        other=[_other(record) for record in opened.other],
        findings=finding_rows(findings),
    )


def _integrity(opened: Opened, effects: set[Effect]) -> model.Integrity:
    if Effect.INCONSISTENT in effects:
        return "failed"
    return "verified" if opened.verified and Effect.LIMIT not in effects else "not-checked"


def _source(opened: Opened) -> model.Source:
    path, path_b64 = json_text(os.fsencode(opened.source.path))
    return model.Source(
        path=path,
        path_b64=msgspec.UNSET if path_b64 is None else path_b64,
        size=opened.source.size,
        form=opened.form,
        container=opened.source.container,
        compression=opened.source.compression,
    )


def _other(record: OtherRecord) -> model.Other:
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
