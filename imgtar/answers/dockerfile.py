"""What `dockerfile` says: the Dockerfile of the one image, from its provenance or rebuilt from its history."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Literal

from imgtar.analysis.dockerfile.files import Made
from imgtar.analysis.dockerfile.history import Foundation, is_image_name, rebuilt
from imgtar.analysis.dockerfile.line import Line
from imgtar.answers.envelope import fields_of
from imgtar.answers.filters import Filtered
from imgtar.answers.one_image import only_image, without_image
from imgtar.answers.provenance import Stated, absent_provenance, search_provenance
from imgtar.answers.session import Session
from imgtar.contract.dockerfile import DockerfileContent, DockerfileLine, DockerfileProvenance, DockerfileReport
from imgtar.image.image import ImageOutline
from imgtar.report.words.image import counted
from imgtar.text import escape, json_string

Source = Literal["auto", "history", "provenance"]
_NAMES = 3  # of other files
_SHORT = 12  # digits of an ID


def dockerfile_content(
    session: Session,
    filtered: Filtered,
    has_base: bool = True,
    wrap: bool = True,
    stated: Stated | None = None,
) -> DockerfileContent:
    """The Dockerfile of the image: the `stated` one, or else one rebuilt from the history.

    Without `has_base` each step of the base image is a line, too. Raises UsageError where there are several images.
    """
    image = only_image(session)
    lines: Sequence[Line] = () if stated is None else stated.dockerfile.lines
    if image is not None and stated is None:
        lines = rebuilt(image, _foundation(session) if has_base else Foundation(0), partial(_made, session), wrap=wrap)
    document = DockerfileReport(
        **fields_of(session.envelope, without_image(filtered)),
        image=None if image is None else image.record.image_id,
        origin="history" if stated is None else "provenance",
        provenance=None if stated is None else _provenance(stated),
        lines=[_row(line) for line in lines],
    )
    if stated is not None:
        return DockerfileContent(document=document, head=_stated_head(stated), directive=stated.dockerfile.directive)
    return DockerfileContent(document=document, head=_head(image, lines), tail=_tail(image))


def sought(session: Session, source: Source) -> dict[str, Stated | None]:
    """The Dockerfile in the provenance, where `source` asks for it: what `dockerfile_content` gets as `stated`.

    Raises UsageError where there are several images, and InputError where provenance alone is asked for and has none.
    """
    image = only_image(session)
    if image is None or source == "history":
        return {"stated": None}
    search = search_provenance(session, image)
    if search.found is None and source == "provenance":
        raise absent_provenance(search.absence)
    return {"stated": search.found}


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


def _foundation(session: Session) -> Foundation:
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


def _head(image: ImageOutline | None, lines: Sequence[Line]) -> list[str]:
    if image is None:
        return ["No image can be read"]
    name = escape(image.record.names[0]) if image.record.names else "an image without a name"
    digits = (image.record.image_id or "").partition(":")[2][:_SHORT]
    steps = len(image.pairing.steps)
    unsure = sum(not line.certain for line in lines)
    certainty = f"{unsure} of {len(lines)} lines {'is' if unsure == 1 else 'are'} not certain"
    return [
        f"Rebuilt by imgtar from the history of {name}{f' ({digits})' if digits else ''}",
        f"{counted(steps, 'step')}; "
        + (f"{certainty}, the comment above each says why" if unsure else "every line is certain"),
    ]


def _tail(image: ImageOutline | None) -> list[str]:
    if image is None or not any("|" in (step.entry.created_by or "")[:5] for step in image.pairing.steps):
        return []
    return ["Build arguments stand here as the history has them; imgtar audit looks for secrets in them"]
