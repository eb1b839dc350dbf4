"""The one image that is explored, with what every screen needs of it."""

from __future__ import annotations

import os
import shlex
from typing import NamedTuple

from imgtar.analysis.stacked_image import StackedImage
from imgtar.answers.session import Session
from imgtar.answers.view import View
from imgtar.contract.content import TextSettings
from imgtar.contract.inspect import Image, InspectReport
from imgtar.explore.model.history import PathHistory
from imgtar.report.words.image import short
from imgtar.text import escape


class Explored(NamedTuple):
    """A session that has read all layers of one image; its document, the image in it, and the stack of its layers.

    `choice` is what `--image` needs to choose the image; empty where the archive has no other.
    """

    session: Session
    document: InspectReport
    image: Image
    stacked: StackedImage
    history: PathHistory
    unicode: bool
    choice: str

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
        path = self.session.archive.source.path
        archive = self.shown(os.fsencode(path))
        operands = [f"./{archive}" if archive.startswith("-") and path != "-" else archive, *words]
        if view is not None and view.top is not None:
            operands += ["--layer" if view.upto is None else "--upto", str(view.top)]
        if self.choice:
            operands += ["--image", self.choice]
        return shlex.join(["imgtar", name, *operands])

    def path(self, path: bytes) -> str:
        """A path of the image as the commands print and read it."""
        return self.shown(b"/" + path)


def explored(session: Session, *, unicode: bool) -> Explored | None:
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
    )
