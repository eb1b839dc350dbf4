"""One archive, read as far as its questions ask: catalog → layers → filesystems → rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import msgspec

from imgtar.answers.envelope import envelope_of
from imgtar.answers.finding_rows import finding_rows as rows_of
from imgtar.answers.layer_findings import findings_of
from imgtar.answers.options import DEFAULT_OPTIONS, InspectOptions, Needs
from imgtar.answers.watching import NOTHING_WATCHES, Watching, watching_of
from imgtar.archive.archive import Archive
from imgtar.contract import inspect as model
from imgtar.contract.envelope import Envelope, FindingRow
from imgtar.contract.files import Entry
from imgtar.findings import Finding
from imgtar.image.image import Image, ImageOutline
from imgtar.image.reader import ImageReader
from imgtar.limits import Limits

if TYPE_CHECKING:  # modules that only some questions use are imported there: imports are most of the time of `ids`
    from imgtar.analysis.base.base import Base, Bases
    from imgtar.analysis.base.given import GivenBase
    from imgtar.analysis.search.search import Found
    from imgtar.analysis.stacked_image import MeasuredImage, StackedImage
    from imgtar.analysis.stacks import Stacks
    from imgtar.answers.image import SharedRows
    from imgtar.contract.verification import ImageChecks
    from imgtar.filesystem.tree import FileTree
    from imgtar.formats.tar import TarMember
    from imgtar.image.bodies import Body


class Session:
    """Answers questions about one archive and reads for each what it needs, once.

    `findings` and `envelope` speak of what was read so far; `watching` is what watches the layers.
    """

    def __init__(
        self,
        reader: ImageReader,
        options: InspectOptions = DEFAULT_OPTIONS,
        watching: Watching = NOTHING_WATCHES,
        given: GivenBase | None = None,
    ) -> None:
        self._reader = reader
        self._options = options
        self.watching = watching
        self._auditor, self._search = watching.auditor, watching.search
        self._given = given
        self._stacks: dict[int | None, Stacks] = {}
        self._noted: list[Finding] = []

    @property
    def archive(self) -> Archive:
        """The archive: where its blobs are, and what it says of itself."""
        return self._reader.archive

    @property
    def limits(self) -> Limits:
        """The limits of the run."""
        return self._reader.meter.limits

    def end_deadline(self) -> None:
        """Lets what is asked from now on take any time: a person looks around in what was read in time."""
        self._reader.meter.limits = self.limits.without_deadline()

    @property
    def outlines(self) -> Sequence[ImageOutline]:
        """The images as the catalog alone knows them."""
        return self._reader.outlines

    @property
    def chooses(self) -> bool:
        """Is one image or platform of the archive asked for?"""
        return self._options.image is not None or self._options.platform is not None

    @property
    def images(self) -> Sequence[Image]:
        """The images with their layers read."""
        return self._reader.images

    def measured(self) -> Iterator[MeasuredImage]:
        """The images with all their layers stacked and measured, each made when it is asked for."""
        return (self._stacks_upto(None).measured(number) for number in range(len(self.images)))

    @cached_property
    def bases(self) -> tuple[Base | None, ...]:
        """The base of each image, None where nothing tells of one. Raises UsageError if what is given does not fit."""
        return tuple(map(self._bases.of, self.outlines))

    @cached_property
    def _bases(self) -> Bases:
        from imgtar.analysis.base.base import Bases

        return Bases(self.archive, self.limits, self._given)

    def of_each_image(self, needs: Needs) -> Iterator[Session]:
        """A session about each image alone; the layers of `needs` are read once for all of them. Not with `verify`."""
        return map(self._alone, self._reader.each_upto(needs.top))

    def _alone(self, reader: ImageReader) -> Session:
        session = Session(reader, self._options, self.watching, self._given)
        session._bases = self._bases
        return session

    def _stacks_upto(self, top: int | None) -> Stacks:
        """The images with their layers from 0 to `top` (None: all of them), stacked when they are asked for."""
        if top not in self._stacks:
            from imgtar.analysis.stacks import KEPT_ROWS, Stacks

            kept_rows = 0 if self._options.summary else KEPT_ROWS
            recent = self._options.stacks if top is None else None
            self._stacks[top] = Stacks(self._reader.images_upto(top), self._reader.meter, kept_rows, recent)
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
        _ = self.found

    @cached_property
    def found(self) -> Found | None:
        """What the search of the options finds; None unless there is one image, and it has the layers of the search."""
        if self._search is None or len(self.outlines) != 1:
            return None
        top = self._search.query.top
        if top is not None and top >= len(self.outlines[0].layers):
            return None
        return self._search.of(self.stacked(0, upto=top), partial(self.bodies, 0))

    @cached_property
    def _examined(self) -> tuple[list[model.Image], list[Finding]]:
        """The row of each image, and what the audit finds: both at once, while the image is stacked."""
        from imgtar.answers.image import SharedRows

        stacks, shared = self._stacks_upto(None), SharedRows()
        audited: list[Finding] = []
        return [self._examine(number, stacks, shared, audited) for number in range(len(stacks.images))], audited

    def _examine(self, number: int, stacks: Stacks, shared: SharedRows, audited: list[Finding]) -> model.Image:
        from imgtar.answers.base import base_row, own_row
        from imgtar.answers.image import build_image
        from imgtar.answers.waste import NO_LISTS

        stacked = stacks.measured(number)
        if self._auditor is not None:
            audited += self._auditor.findings(number, stacked, self.archive, several=len(stacks.images) > 1)
        waste = NO_LISTS if self._options.summary else shared.waste(stacks.stack_of(number), stacked)
        base = self.bases[number]
        own = own_row(stacked, base) if self._options.own else None
        stack = stacks.stack_of(number)
        packages = shared.packages(stack, stacked) if self.watching.places is not None else {}
        return build_image(stacked, shared.history(stacked.image.pairing), waste, base_row(base), own, packages)

    def again(self, **asked: Any) -> Session:
        """A session for a question that the options of this one did not foresee: `asked` are those that differ.

        It has findings of its own, and scans nothing: its probes see the bodies that they want by one more look.
        Raises InputError where the file cannot be read.
        """
        options = msgspec.structs.replace(self._options, layer_packages=False, **asked)
        watching = watching_of(self.limits, options)
        stacks, limits_reached = self._stacks_upto(None).watched(watching.probes)
        session = Session(self._reader, options, watching, self._given)
        session._stacks[None] = stacks
        session.note(limits_reached)
        return session

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found so far, with its place."""
        return self._all_findings if None in self._stacks else tuple(self._findings())

    @cached_property
    def _all_findings(self) -> tuple[Finding, ...]:
        audited = () if self._auditor is None else self._examined[1]
        found = (*self._findings(), *audited)
        if not self._options.redacts and self._auditor is None:
            return found
        from imgtar.answers.redaction import without_secrets

        return tuple(map(without_secrets, found))

    def _findings(self) -> Iterator[Finding]:
        """The findings of the archive and its images. The findings of a layer that several images share come once."""
        stacks = max(self._stacks.items(), key=lambda read: (read[0] is None, read[0]))[1] if self._stacks else None
        images = self.outlines if stacks is None else stacks.images
        yield from self._reader.findings
        yield from findings_of(images, stacks)
        if stacks is not None and self.found is not None:
            yield from self.found.findings
        yield from self._noted
        if self._options.expected is not None:
            from imgtar.analysis.expectation import unmet

            yield from unmet(self._options.expected, images, self.archive.source)

    @property
    def finding_rows(self) -> list[FindingRow]:
        """The findings as reports list them."""
        return rows_of(self.findings)

    @property
    def envelope(self) -> Envelope:
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

    def changes(self, image: int, layer: int) -> Iterator[model.Change]:
        """What a layer added, modified and deleted, sorted by path."""
        from imgtar.answers.rows import change_rows

        stacked = self._stacks_upto(None).stacked(image)
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

        stacked = self.stacked(image, upto=None if None in self._stacks else layer)
        return layer_rows(stacked.tree, layer, stacked.changes[layer])

    def stacked(self, image: int, *, upto: int | None = None) -> StackedImage:
        """The image with all its layers stacked, or those from 0 to `upto`; the layers above are not read for that."""
        return self._stacks_upto(upto).stacked(image)

    def note(self, findings: Iterable[Finding]) -> None:
        """Adds what a command found while it worked with the archive; before the findings are first asked for."""
        self._noted.extend(findings)

    def tree(self, image: int, upto: int | None = None) -> FileTree:
        """The final filesystem, or that of the layers from 0 to `upto`; the layers above are not read for that."""
        return self.stacked(image, upto=upto).tree

    def bodies(self, image: int, wanted: Iterable[tuple[int, TarMember]]) -> Iterator[Body]:
        """The contents of regular files, by layer and offset, each layer read once (`imgtar.image.bodies`).

        `wanted` has the index of the layer that stores each member, as `FileEntry` has both. Raises InputError.
        """
        from imgtar.image.bodies import read_bodies

        return read_bodies(self.outlines[image].layers, wanted, self._reader.meter)

    def verify_layers(self, image: int, layers: Iterable[int]) -> list[Finding]:
        """What contradicts the digests and diffIDs of these layers, each of which is read once more for that."""
        from imgtar.image.verify import verify_again

        outline = self.outlines[image]
        return [finding for layer in layers for finding in verify_again(self._reader.scans, outline.layers[layer])]

    def ranges(self) -> list[model.ByteRange] | None:
        """What every byte of the file belongs to; None for a directory."""
        from imgtar.answers.ranges import ranges_of

        return ranges_of(self.archive, self.outlines)

    def checks(self) -> list[ImageChecks]:
        """What recomputing the digests has shown of each image; with `verify`."""
        from imgtar.answers.verification import checks_of

        return checks_of(self.images, self._reader.scans.computed, self.findings)
