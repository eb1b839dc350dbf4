"""One archive, read as far as its questions ask: catalog → layers → filesystems → rows."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from imgtar.answers.envelope import envelope_of
from imgtar.answers.finding_rows import finding_rows as rows_of
from imgtar.answers.layer_findings import LayerFindings
from imgtar.archive.archive import Archive
from imgtar.archive.input.source import parse_input
from imgtar.contract import inspect as model
from imgtar.contract.commands import Entry
from imgtar.findings import Finding, Ignores
from imgtar.image.image import Image, ImageOutline
from imgtar.image.reader import ImageReader, open_images
from imgtar.limits import DEFAULT, Limits, Meter
from imgtar.progress import Progress

if TYPE_CHECKING:  # modules that only some questions use are imported there: imports are most of the time of `ids`
    from imgtar.analysis.expectation import Expectation
    from imgtar.analysis.stacked_image import MeasuredImage
    from imgtar.analysis.stacks import Stacks
    from imgtar.answers.image import SharedRows
    from imgtar.audit.auditor import Auditor


class InspectOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What to read of an archive and how far. `image` and `platform` choose as the options of that name do.

    `timeout` is in seconds. `allow_missing`: what the form allows to be absent does not make the report incomplete.
    `expected` is what was stated of the archive elsewhere. With `audit` the rules of `imgtar.audit` are among the
    findings; `judged_on` is the day that they compare times with (today without one), and `all_places` keeps the
    severity of secrets in tests, examples and the like, and `packaged` lists what looks like a secret in the files of
    packages. `kingfisher` searches for secrets with its rules too, which raises UsageError where the extra is not
    installed. Findings that `ignores` leaves out do not count towards the 100 of a code and layer that are kept one by
    one. A `summary` has no long lists, and the filesystem of one image at a time is in memory. With `audit` or
    `redacts` no finding quotes a secret of the image in full.
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
    summary: bool = False
    all_places: bool = False
    kingfisher: bool = False
    packaged: bool = False
    redacts: bool = False
    ignores: Ignores | None = None
    progress: Progress | None = None


class Needs(msgspec.Struct, frozen=True, kw_only=True):
    """What a question reads of an archive: the catalog alone, or also the layers from 0 to `top` (None: all).

    `rows`: it asks for the document of `inspect`, which measures all layers.
    """

    layers: bool = True
    top: int | None = None
    rows: bool = True


DEFAULT_OPTIONS = InspectOptions()
CATALOG = Needs(layers=False)
EVERYTHING = Needs()
FILES = Needs(rows=False)


def open_session(source: str | os.PathLike[str], options: InspectOptions = DEFAULT_OPTIONS) -> Session:
    """Opens `source` (a path, `-` for standard input, either with one of skopeo's prefixes).

    Of a file or directory only the catalog is read; a pipe or a compressed file passes once and is read to its end.
    Raises InputError where it cannot be used or holds no image, UsageError where the choice is ambiguous. Damage is
    no error: it is among the findings.
    """
    limits = options.limits
    if options.timeout is not None:
        limits = msgspec.structs.replace(limits, deadline=time.monotonic() + options.timeout)
    auditor = _auditor(limits, options) if options.audit else None
    reader = open_images(
        parse_input(os.fspath(source)),
        Meter(limits, options.ignores),
        reference=options.image,
        platform=options.platform,
        verify=options.verify,
        allow_missing=options.allow_missing,
        probes=() if auditor is None else auditor.probes,
        progress=options.progress,
    )
    return Session(reader, options.expected, auditor, summary=options.summary, redacts=options.redacts)


def inspect(source: str | os.PathLike[str], options: InspectOptions = DEFAULT_OPTIONS) -> Session:
    """Opens `source` and reads all of it. Takes the options of `open_session` and raises the same errors."""
    session = open_session(source, options)
    session.read(EVERYTHING)
    return session


def _auditor(limits: Limits, options: InspectOptions) -> Auditor:
    from imgtar.audit.auditor import Auditor  # its patterns take a while to compile

    judged_on = options.judged_on or datetime.now(UTC).date()
    return Auditor(
        limits,
        judged_on,
        all_places=options.all_places,
        packaged=options.packaged,
        kingfisher=options.kingfisher,
        ignores=options.ignores,
    )


class Session:
    """Answers questions about one archive and reads for each what it needs, once.

    `findings` and `envelope` speak of what was read so far.
    """

    def __init__(
        self,
        reader: ImageReader,
        expected: Expectation | None = None,
        auditor: Auditor | None = None,
        *,
        summary: bool = False,
        redacts: bool = False,
    ) -> None:
        self._reader = reader
        self._expected = expected
        self._auditor = auditor
        self._summary = summary
        self._redacts = redacts or auditor is not None
        self._stacks: dict[int | None, Stacks] = {}

    @property
    def archive(self) -> Archive:
        """The archive: where its blobs are, and what it says of itself."""
        return self._reader.archive

    @property
    def outlines(self) -> Sequence[ImageOutline]:
        """The images as the catalog alone knows them."""
        return self._reader.outlines

    @property
    def images(self) -> Sequence[Image]:
        """The images with their layers read."""
        return self._reader.images

    def measured(self) -> Iterator[MeasuredImage]:
        """The images with all their layers stacked and measured, each made when it is asked for."""
        return (self._stacks_upto(None).measured(number) for number in range(len(self.images)))

    def _stacks_upto(self, top: int | None) -> Stacks:
        """The images with their layers from 0 to `top` (None: all of them), stacked when they are asked for."""
        if top not in self._stacks:
            from imgtar.analysis.stacks import KEPT_ROWS, Stacks

            kept_rows = 0 if self._summary else KEPT_ROWS
            self._stacks[top] = Stacks(self._reader.images_upto(top), self._reader.meter, kept_rows)
        return self._stacks[top]

    def read(self, needs: Needs) -> None:
        """Reads what a question needs."""
        if not needs.layers:
            return
        stacks = self._stacks_upto(needs.top)
        if needs.rows and needs.top is None:
            _ = self._examined
        else:
            for number in range(len(stacks.images)):
                stacks.findings(number)

    @cached_property
    def _examined(self) -> tuple[list[model.Image], list[Finding]]:
        """The row of each image, and what the audit finds: both at once, while the image is stacked."""
        from imgtar.answers.image import SharedRows

        stacks, shared = self._stacks_upto(None), SharedRows()
        audited: list[Finding] = []
        return [self._examine(number, stacks, shared, audited) for number in range(len(stacks.images))], audited

    def _examine(self, number: int, stacks: Stacks, shared: SharedRows, audited: list[Finding]) -> model.Image:
        from imgtar.answers.image import build_image

        stacked = stacks.measured(number)
        if self._auditor is not None:
            audited += self._auditor.findings(number, stacked, self.archive, several=len(stacks.images) > 1)
        waste = msgspec.UNSET if self._summary else shared.waste(stacks.stack_of(number), stacked)
        return build_image(stacked, shared.history(stacked.image.pairing), waste)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found so far, with its place."""
        return self._all_findings if None in self._stacks else tuple(self._findings())

    @cached_property
    def _all_findings(self) -> tuple[Finding, ...]:
        audited = () if self._auditor is None else self._examined[1]
        found = (*self._findings(), *audited)
        if not self._redacts:
            return found
        from imgtar.answers.redaction import without_secrets

        return tuple(map(without_secrets, found))

    def _findings(self) -> Iterator[Finding]:
        """The findings of the archive and its images. The findings of a layer that several images share come once."""
        stacks = (
            max(self._stacks.items(), key=lambda read: float("inf") if read[0] is None else read[0])[1]
            if self._stacks
            else None
        )
        images = self.outlines if stacks is None else stacks.images
        yield from self._reader.findings
        layers = LayerFindings()
        for number, image in enumerate(images):
            stacking = () if stacks is None else stacks.findings(number)
            for finding in (*image.findings, *stacking, *layers.of(image)):
                yield finding.within(image=number)
        if self._expected is not None:
            from imgtar.analysis.expectation import unmet

            yield from unmet(self._expected, images, self.archive.source)

    @property
    def finding_rows(self) -> list[model.FindingRow]:
        """The findings as reports list them."""
        return self._all_rows if None in self._stacks else rows_of(self.findings)

    @cached_property
    def _all_rows(self) -> list[model.FindingRow]:
        return rows_of(self._all_findings)

    @property
    def envelope(self) -> model.Envelope:
        """Which archive this is, and whether what was read of it is whole and sound."""
        return envelope_of(self.archive, self.findings, verified=self._reader.verified)

    @cached_property
    def document(self) -> model.InspectReport:
        """The report of `inspect` without its `changes`, which the function of that name makes row by row."""
        from imgtar.answers.image import build_other

        images, _ = self._examined
        return model.InspectReport(
            **self.envelope.envelope(),
            images=images,
            other=[build_other(record) for record in self.archive.catalog.other],
            findings=self.finding_rows,
        )

    def changes(self, image: int, layer: int, *, top: int | None = None) -> Iterator[model.Change]:
        """What a layer added, modified and deleted, sorted by path; layers above `top` are not read for that."""
        from imgtar.answers.rows import change_rows

        stacked = self._stacks_upto(top).stacked(image)
        return change_rows(stacked.changes[layer], stacked.tree.scans[layer])

    def encoded_changes(self, image: int, layer: int) -> Iterator[bytes]:
        """The same as JSON, many rows in a piece, with commas between the rows of a piece."""
        from imgtar.answers.encoded_rows import encoded_change_rows

        stacked = self._stacks_upto(None).stacked(image)
        return encoded_change_rows(stacked.changes[layer], stacked.tree.scans[layer])

    def files(self, image: int) -> Iterator[Entry]:
        """The final filesystem, sorted by path; the root is not listed."""
        from imgtar.answers.rows import file_rows

        return file_rows(self._stacks_upto(None).stacked(image).tree)

    def layer_files(self, image: int, layer: int) -> Iterator[Entry]:
        """What a layer holds and removes, sorted by path; the layers above it are not read for that."""
        from imgtar.answers.rows import layer_rows

        top = None if None in self._stacks else layer
        stacked = self._stacks_upto(top).stacked(image)
        return layer_rows(stacked.tree, layer, stacked.changes[layer])

    def ranges(self) -> list[model.ByteRange] | None:
        """What every byte of the file belongs to; None for a directory."""
        from imgtar.answers.ranges import ranges_of

        return ranges_of(self.archive, self.outlines)
