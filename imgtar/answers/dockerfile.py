"""What `dockerfile` says: the Dockerfile of the one image, rebuilt from its history."""

from __future__ import annotations

from collections.abc import Sequence

from imgtar.analysis.dockerfile.history import Foundation, Line, MadeFiles, is_image_name, rebuilt
from imgtar.answers.envelope import fields_of
from imgtar.answers.filters import Filtered
from imgtar.answers.one_image import only_image, without_image
from imgtar.answers.session import Session
from imgtar.contract.dockerfile import DockerfileContent, DockerfileLine, DockerfileReport
from imgtar.errors import UsageError
from imgtar.image.image import ImageOutline
from imgtar.text import escape, json_string

_SHORT = 12  # digits of an ID


def dockerfile_content(
    session: Session, filtered: Filtered, base: int | str = "auto", wrap: bool = True
) -> DockerfileContent:
    """The lines for the image; `base` is the number of layers of the base image, `auto` or `none`.

    Raises UsageError where there are several images, or where the image has fewer layers than its base.
    """
    image = only_image(session)
    lines: list[Line] = []
    if image is not None:
        lines = rebuilt(image, _foundation(session, image, base), _made(session), wrap=wrap)
    document = DockerfileReport(
        **fields_of(session.envelope, without_image(filtered)),
        image=None if image is None else image.record.image_id,
        origin="history",
        lines=[_row(line) for line in lines],
    )
    return DockerfileContent(document=document, head=_head(image, lines), tail=_tail(image))


def _row(line: Line) -> DockerfileLine:
    return DockerfileLine(
        text=json_string(line.text),
        step=line.step,
        layer=line.layer,
        certain=line.certain,
        notes=[json_string(note) for note in line.notes],
    )


def _foundation(session: Session, image: ImageOutline, base: int | str) -> Foundation:
    if base == "none":
        return Foundation(0)
    found = session.bases[0]
    name = None
    layers = None if found is None else found.layers
    is_about = not isinstance(base, int) or layers in (None, base)  # the name is that of an image with these layers
    if found is not None and found.name is not None and is_about:
        stated = f"{found.name}@{found.digest}" if found.digest and "@" not in found.name else found.name
        name = stated if is_image_name(stated) else None
    if isinstance(base, int):
        if base > len(image.layers):
            raise UsageError("usage.base", f"--base {base}: the image has {len(image.layers)} layers", "give fewer")
        return Foundation(base, name)
    if found is None or not found.layers or name is None:
        return Foundation(0)
    return Foundation(found.layers, name)


def _made(session: Session) -> MadeFiles:
    """The regular files of each layer."""
    files: dict[int, Sequence[tuple[bytes, int]]] = {}
    for layer in session.images[0].layers:
        entries = {} if layer.scan is None else layer.scan.entries
        files[layer.index] = [(path, member.size) for path, member in entries.items() if member.type == "file"]
    return files


def _head(image: ImageOutline | None, lines: Sequence[Line]) -> list[str]:
    if image is None:
        return ["No image can be read"]
    name = escape(image.record.names[0]) if image.record.names else "an image without a name"
    digits = (image.record.image_id or "").partition(":")[2][:_SHORT]
    steps = len(image.pairing.steps)
    unsure = sum(not line.certain for line in lines)
    verb = "is" if unsure == 1 else "are"
    return [
        f"Rebuilt by imgtar from the history of {name}{f' ({digits})' if digits else ''}",
        f"{steps} {'step' if steps == 1 else 'steps'}; {unsure} of {len(lines)} lines {verb} not certain"
        + (", the comment above each says why" if unsure else ""),
    ]


def _tail(image: ImageOutline | None) -> list[str]:
    if image is None or not any("|" in (step.entry.created_by or "")[:5] for step in image.pairing.steps):
        return []
    return ["Build arguments stand here as the history has them; imgtar audit looks for secrets in them"]
