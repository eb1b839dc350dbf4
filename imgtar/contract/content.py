"""The input of a renderer: the document of one command, its long lists as sources, and the settings of the text.

Every renderer is a pure function `(content, settings) -> Iterator[bytes]`, named in the `ReportType` of its command.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from imgtar.contract.documents import HistoryReport, IdsImage, IdsReport
from imgtar.contract.files import (
    Entry,
)
from imgtar.contract.inspect import ByteRange, Change, ImageOutline, InspectReport
from imgtar.contract.judgements import AuditReport, CheckReport, RulesReport
from imgtar.contract.report import WholeReport
from imgtar.contract.verification import ImageChecks

ChangeSource = Callable[[int, int], Iterable[Change]]
EncodedSource = Callable[[int, int], Iterable[bytes]]
FileSource = Callable[[int], Iterable[Entry]]
IdSource = Callable[[], list[IdsImage]]
# A renderer takes the content of its own command; `ReportType` in `imgtar/cli/command.py` names both.
Renderer = Callable[[Any, "TextSettings"], Iterator[bytes]]


class TextSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a text; machine-readable formats ignore most of them.

    `width` in terminal columns; `top` rows of the top lists (0: all); `whole` cuts nothing; `full` keeps every file
    in a page that would leave small ones out; `options` are those that shape the report, as they were given, escaped.
    `several`: the report is one of several in one text, whose end says what is the same for many of them.
    """

    width: int = 80
    colour: bool = False
    unicode: bool = True
    top: int = 10
    whole: bool = False
    full: bool = False
    options: str = ""
    several: bool = False


class Explanation(msgspec.Struct, frozen=True):
    """What a code means and what to do about it, in sentences; an empty `remedy` is nothing.

    `always_listed`: a report that lists findings lists each finding of the code.
    """

    meaning: str
    remedy: str
    always_listed: bool = False


Explanations = Mapping[str, Explanation]  # by the code of a finding


class NamedStep(msgspec.Struct, frozen=True, kw_only=True):
    """The step that made a layer which a finding names; secrets in its text are redacted."""

    image: int
    layer: int
    instruction: str
    text: str


def no_changes(_image: int, _layer: int) -> Iterable[Change]:
    """No change: the source of a report without its long lists."""
    return ()


def no_encoded(_image: int, _layer: int) -> Iterable[bytes]:
    """No change as JSON: the source of a report without its long lists."""
    return ()


def no_files(_image: int) -> Iterable[Entry]:
    """No file: the source of a report without its long lists."""
    return ()


def no_ids() -> list[IdsImage]:
    """No IDs: the source of a report that shows none."""
    return []


class InspectContent(msgspec.Struct, frozen=True, kw_only=True):
    """`document` has layers without `changes`; `changes(image, layer)` gives them, sorted, as often as asked, and
    `encoded_changes` the same as JSON, many rows in a piece, with commas between the rows of a piece.

    `files(image)` gives the final filesystem, sorted, and `ids()` the IDs of each image.
    `explanations` has every code of the findings, `layer_sentences` one sentence for each image. With `--own`,
    `own_from` has the first layer of each image that is not its base's: those below have no `changes`. `audited`: the
    findings of the audit are among those of the document.
    """

    document: InspectReport
    explanations: Explanations
    layer_sentences: Sequence[str]
    changes: ChangeSource
    encoded_changes: EncodedSource
    files: FileSource = no_files
    ids: IdSource = no_ids
    own_from: Sequence[int] = ()
    summary: bool = False
    audited: bool = False

    def lists_changes(self, image: int, layer: int) -> bool:
        """Does the report list the changes of this layer?"""
        return not self.summary and (not self.own_from or layer >= self.own_from[image])

    def summarised(self) -> InspectContent:
        """Without the long lists (`--summary`)."""
        absent = dict.fromkeys(("waste", "waste_groups", "advice"), msgspec.UNSET)
        images = [msgspec.structs.replace(image, **absent) for image in self.document.images]
        document = msgspec.structs.replace(self.document, images=images)
        return InspectContent(
            document=document,
            explanations=self.explanations,
            layer_sentences=self.layer_sentences,
            changes=no_changes,
            encoded_changes=no_encoded,
            ids=self.ids,
            own_from=self.own_from,
            summary=True,
            audited=self.audited,
        )


class VerifyContent(InspectContent, frozen=True, kw_only=True):
    """An inspect report without long lists; `ranges` accounts for every byte of the file, None for a directory.

    `checks` has, for each image, the digests as stated and as computed, whichever findings are shown.
    """

    ranges: list[ByteRange] | None
    checks: Sequence[ImageChecks]


class HistoryContent(msgspec.Struct, frozen=True, kw_only=True):
    """`images` has the sizes of the blobs, which the text shows too; `layer_sentences` has one for each image."""

    document: HistoryReport
    images: Sequence[ImageOutline]
    layer_sentences: Sequence[str]


class IdsContent(msgspec.Struct, frozen=True, kw_only=True):
    """`images` has platforms, times and manifests, which the text shows too."""

    document: IdsReport
    images: Sequence[ImageOutline]


class AuditContent(msgspec.Struct, frozen=True, kw_only=True):
    """`report` is the inspect report with the redacted findings of `document`.

    `explanations` has every code of the findings; `steps` made the layers that the findings name.
    """

    document: AuditReport
    report: InspectReport
    explanations: Explanations
    steps: Sequence[NamedStep]


class RulesContent(msgspec.Struct, frozen=True):
    """The rules of `audit`."""

    document: RulesReport


class CheckContent(msgspec.Struct, frozen=True, kw_only=True):
    """`report` is the inspect report with the redacted findings of `document`.

    `explanations` has every code of the findings.
    """

    document: CheckReport
    report: InspectReport
    explanations: Explanations


class ReportContent(msgspec.Struct, frozen=True, kw_only=True):
    """`inspected` is the inspect report with the redacted findings of `document`, for what all texts say.

    `explanations` has every code of the findings, `layer_sentences` one sentence for each image, `steps` the step of
    each layer of each image, `outside` the bytes that belong to no member. `check` is None where there are no gates.
    """

    document: WholeReport
    inspected: InspectReport
    check: CheckReport | None
    explanations: Explanations
    layer_sentences: Sequence[str]
    steps: Sequence[Sequence[NamedStep]]
    outside: Sequence[ByteRange]
