"""Which files of an image a command is about: the final filesystem, that after a layer, or what a layer stores."""

from __future__ import annotations

import msgspec

from imgtar.answers.options import FILES, Needs
from imgtar.errors import InputError
from imgtar.image.image import ImageOutline


class View(msgspec.Struct, frozen=True, kw_only=True):
    """`--layer` and `--upto`: what layer `layer` itself stores, or the filesystem of the layers from 0 to `upto`.

    At most one of the two is a number. Without one the view is the final filesystem.
    """

    layer: int | None = None
    upto: int | None = None

    @property
    def top(self) -> int | None:
        """The highest layer that the view depends on; None for the final filesystem, which depends on all."""
        return self.layer if self.upto is None else self.upto

    @property
    def needs(self) -> Needs:
        """The layers up to `top`."""
        return FILES if self.top is None else Needs(top=self.top, rows=False)

    def check(self, image: ImageOutline) -> None:
        """Raises InputError, with the layers that there are, where the image lacks the layer."""
        if self.top is not None and self.top >= len(image.layers):
            there = f"it has layers 0 to {len(image.layers) - 1}" if image.layers else "it has no layers"
            raise InputError("input.no-such-layer", f"the image has no layer {self.top}", there)
