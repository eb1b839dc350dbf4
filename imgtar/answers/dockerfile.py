"""What `dockerfile` says: the Dockerfile of the one image, from its provenance or rebuilt from its history."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Literal

import msgspec

from imgtar.analysis.dockerfile.files import Made
from imgtar.analysis.dockerfile.frozen import frozen
from imgtar.analysis.dockerfile.history import Foundation, is_image_name, rebuilt
from imgtar.analysis.dockerfile.line import Line
from imgtar.answers.build_context import Context, WrittenContext, frozen_context
from imgtar.answers.envelope import fields_of
from imgtar.answers.extract import skipped_row
from imgtar.answers.filters import Filtered
from imgtar.answers.one_image import only_image, without_image
from imgtar.answers.provenance import Stated, absent_provenance, search_provenance
from imgtar.answers.session import Session
from imgtar.answers.steps_context import steps_context
from imgtar.contract.dockerfile import (
    ContextLayer,
    DockerfileContent,
    DockerfileContext,
    DockerfileLine,
    DockerfileProvenance,
    DockerfileReport,
    DockerfileText,
    Origin,
)
from imgtar.image.image import ImageOutline
from imgtar.report.words.image import counted
from imgtar.text import escape, json_string

Source = Literal["auto", "history", "provenance"]
_NAMES = 3  # of other files
_SHORT = 12  # digits of an ID


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What `dockerfile` is asked for.

    Without `has_base` each step of the base image is a line, too; without `wrap` a RUN is one line. `context`: a build
    context is wanted; `freeze`: one that rebuilds all layers from their files.
    """

    source: Source = "auto"
    has_base: bool = True
    wrap: bool = True
    context: bool = False
    freeze: bool = False


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """The Dockerfile: its lines, the comments around them, where they come from, and the context that it needs."""

    origin: Origin
    lines: Sequence[Line] = ()
    head: Sequence[str] = ()
    tail: Sequence[str] = ()
    stated: Stated | None = None
    context: Context | None = None

    @property
    def text(self) -> DockerfileText:
        """What stands in the file."""
        directive = None if self.stated is None else self.stated.dockerfile.directive
        rows = [_row(line) for line in self.lines]
        return DockerfileText(lines=rows, head=self.head, tail=self.tail, directive=directive)


def tell(session: Session, asked: Asked = Asked()) -> Told:  # noqa: B008 -- a frozen value
    """The Dockerfile of the one image of a session; what is wrong with its provenance is noted there.

    Raises UsageError where there are several images, and InputError where provenance alone is asked for and has none.
    """
    image = only_image(session)
    if image is None:
        return Told(origin="history", head=["No image can be read"])
    if asked.source != "history" and not asked.context:
        search = search_provenance(session, image)
        if search.found is not None:
            head = _stated_head(search.found)
            return Told(origin="provenance", lines=search.found.dockerfile.lines, head=head, stated=search.found)
        if asked.source == "provenance":
            raise absent_provenance(search.absence)
    if asked.freeze:
        context = frozen_context(session)
        lines = frozen(image, [part.layer for part in context.files], session.stacked(0).tree.__contains__)
        return Told(origin="layers", lines=lines, head=_frozen_head(image), context=context)
    base = foundation_of(session) if asked.has_base else Foundation(0)
    steps, supplied = steps_context(session, image, base) if asked.context else (None, {})
    lines = rebuilt(image, base, partial(_made, session), wrap=asked.wrap, supplied=supplied)
    return Told(origin="history", lines=lines, head=_head(image, lines), tail=_tail(image), context=steps)


def dockerfile_content(
    session: Session, filtered: Filtered, told: Told | None = None, written: WrittenContext | None = None
) -> DockerfileContent:
    """The report about a Dockerfile, by default the one of `tell`, and about the context that was written for it.

    Raises as `tell` does.
    """
    told = tell(session) if told is None else told
    image = only_image(session)
    text = told.text
    document = DockerfileReport(
        **fields_of(session.envelope, without_image(filtered)),
        image=None if image is None else image.record.image_id,
        origin=told.origin,
        provenance=None if told.stated is None else _provenance(told.stated),
        context=None if written is None else _context(written),
        lines=text.lines,
    )
    refused = written is not None and any(done.refused for done in written.files)
    return DockerfileContent(document=document, text=text, refused=refused)


def _context(written: WrittenContext) -> DockerfileContext:
    parts = zip(written.context.files, written.files, strict=True)
    skipped = (*written.context.skipped, *(one for done in written.files for one in done.skipped))
    return DockerfileContext(
        directory=json_string(written.directory),
        layers=[
            ContextLayer(
                layer=part.layer,
                name=part.name,
                files=sum(item.type == "file" for item in done.items),
                bytes=sum(item.member.size for item in done.items if item.type == "file"),
            )
            for part, done in parts
        ],
        skipped=list(map(skipped_row, skipped)),
    )


def _provenance(stated: Stated) -> DockerfileProvenance:
    name, kind = json_string(stated.dockerfile.name), json_string(stated.predicate_type)
    return DockerfileProvenance(digest=stated.digest, predicate_type=kind, filename=name)


def _stated_head(stated: Stated) -> list[str]:
    dockerfile = stated.dockerfile
    head = ["from the build's provenance attestation (not signed here)"]
    if dockerfile.others:
        names = ", ".join(escape(name) for name in dockerfile.others[:_NAMES])
        head.append(f"{escape(dockerfile.name)}; the provenance has {len(dockerfile.others)} more: {names}")
    if stated.disagreeing:
        verb = "has" if stated.disagreeing == 1 else "have"
        head.append(f"{counted(stated.disagreeing, 'more attestation')} about the image {verb} another text")
    unsure = sum(not line.certain for line in dockerfile.lines)
    if unsure:
        has, is_ = ("has", "is") if unsure == 1 else ("have", "are")
        lines = f"{unsure} of {len(dockerfile.lines)} lines"
        head.append(f"{lines} {has} characters that stand here as codes, or {is_} too long")
    return head


def _row(line: Line) -> DockerfileLine:
    return DockerfileLine(
        text=json_string(line.text),
        step=line.step,
        layer=line.layer,
        line=line.number,
        certain=line.certain,
        notes=[json_string(note) for note in line.notes],
    )


def foundation_of(session: Session) -> Foundation:
    """The base image: its layers where a name can stand for them, or where a person counts them."""
    base = session.bases[0]
    if base is None or not base.layers:
        return Foundation(0)
    stated = f"{base.name}@{base.digest}" if base.digest and "@" not in (base.name or "") else base.name
    name = stated if stated is not None and base.name and is_image_name(stated) else None
    return Foundation(base.layers, name) if name is not None or base.by == "given" else Foundation(0)


def _made(session: Session, layer: int) -> Made:
    """The regular files of a layer."""
    scan = session.images[0].layers[layer].scan
    members = [] if scan is None else scan.entries.items()
    files = size = 0
    first = b""
    for path, member in members:
        if member.type == "file":
            first = first or path
            files += 1
            size += member.size
    return Made(files, size, first)


def _head(image: ImageOutline, lines: Sequence[Line]) -> list[str]:
    steps = len(image.pairing.steps)
    unsure = sum(not line.certain for line in lines)
    certainty = f"{unsure} of {len(lines)} lines {'is' if unsure == 1 else 'are'} not certain"
    return [
        f"Rebuilt by imgtar from the history of {_name(image)}",
        f"{counted(steps, 'step')}; "
        + (f"{certainty}, the comment above each says why" if unsure else "every line is certain"),
    ]


def _frozen_head(image: ImageOutline) -> list[str]:
    platform = "/".join(
        part for part in (image.platform.os, image.platform.architecture, image.platform.variant) if part
    )
    head = [
        f"Rebuilds {_name(image)} from the files of its layers, without a network",
        "A file that a later layer deletes or replaces is not here; no RUN of the original runs",
    ]
    return [*head, f"The platform is {escape(platform)}"] if platform else head


def _name(image: ImageOutline) -> str:
    name = escape(image.record.names[0]) if image.record.names else "an image without a name"
    digits = (image.record.image_id or "").partition(":")[2][:_SHORT]
    return f"{name}{f' ({digits})' if digits else ''}"


def _tail(image: ImageOutline) -> list[str]:
    if not any("|" in (step.entry.created_by or "")[:5] for step in image.pairing.steps):
        return []
    return ["Build arguments stand here as the history has them; imgtar audit looks for secrets in them"]
