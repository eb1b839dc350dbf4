"""The one image that is explored, with what every screen needs of it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from typing import NamedTuple

from imgtar.analysis.stacked_image import StackedImage
from imgtar.answers.session import Session
from imgtar.answers.view import View
from imgtar.contract.content import TextSettings
from imgtar.contract.inspect import Image, InspectReport
from imgtar.explore.model.history import PathHistory
from imgtar.report.words.image import short
from imgtar.text import escape

_TELLS_BASE = ("inspect", "packages")  # commands that take `base_options`
_PREFIXES = {  # of forms that have another name as a prefix
    "docker+oci": "docker-archive",
    "docker-legacy": "docker-archive",
    "oci-layout": "oci",
    "docker-dir": "dir",
}


class Explored(NamedTuple):
    """A session that has read all layers of one image; its document, the image in it, and the stack of its layers.

    `choice` is what `--image` needs to choose the image; empty where the archive has no other. `base_options` are the
    options that tell which layers are those of the base image.
    """

    session: Session
    document: InspectReport
    image: Image
    stacked: StackedImage
    history: PathHistory
    unicode: bool
    choice: str
    base_options: tuple[str, ...] = ()

    def settings(self, columns: int) -> TextSettings:
        """The settings of a text that is shown in so many columns."""
        return TextSettings(width=max(columns, 1), colour=True, unicode=self.unicode)

    def shown(self, text: str | bytes) -> str:
        """A text of the image, escaped."""
        return escape(text, ascii_only=not self.unicode)

    def instruction(self, layer: int) -> str | None:
        """The instruction of the step that made a layer."""
        step = self.stacked.image.pairing.step_of(layer)
        return None if step is None else step.instruction

    def command(self, name: str, *words: str, view: View | None = None) -> str:
        """The command line that prints the same, escaped, and quoted for a shell."""
        operands = [_operand(self._archive), *words]
        if view is not None and view.top is not None:
            operands += ["--layer" if view.upto is None else "--upto", str(view.top)]
        if self.choice:
            operands += ["--image", self.choice]
        if name in _TELLS_BASE:
            operands += self.base_options
        return shlex.join(["imgtar", name, *operands])

    def diff_command(self, other: str, *options: str) -> str:
        """The command line that compares the image with that of an `other` archive; escaped, and quoted for a shell."""
        form = self.session.archive.catalog.form
        prefix = _PREFIXES.get(form, form)
        image = f"{prefix}:{self._archive}:{self.choice}" if self.choice else _operand(self._archive)
        return shlex.join(["imgtar", "diff", image, _operand(other), *options])

    @property
    def _archive(self) -> str:
        return self.shown(os.fsencode(self.session.archive.source.path))

    def path(self, path: bytes) -> str:
        """A path of the image as the commands print and read it."""
        return self.shown(b"/" + path)


def _operand(archive: str) -> str:
    """An escaped path as an operand that is no option."""
    return f"./{archive}" if archive.startswith("-") and archive != "-" else archive


def explored(session: Session, *, unicode: bool, base_options: Sequence[str] = ()) -> Explored | None:
    """The image of a session that has one; None where damage left none."""
    document = session.document
    if not document.images:
        return None
    image = document.images[0]
    stacked = session.stacked(0)
    several = len(session.archive.catalog.images) > 1
    return Explored(
        session=session,
        document=document,
        image=image,
        stacked=stacked,
        history=PathHistory(stacked),
        unicode=unicode,
        choice=(short(image.id) or "@0") if several else "",
        base_options=tuple(escape(word, ascii_only=not unicode) for word in base_options),
    )
