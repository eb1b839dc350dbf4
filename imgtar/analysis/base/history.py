"""What the history lets one guess of the base image."""

from __future__ import annotations

from imgtar.image.history.pairing import is_base
from imgtar.image.image import ImageOutline

_DEFAULTS = ("CMD", "ENTRYPOINT")


def bottom_layers(image: ImageOutline) -> int:
    """1 if the lowest layer is an import, an `ADD` to `/` or of unknown instruction, else 0."""
    step = image.pairing.step_of(0) if image.layers else None
    return int(step is not None and is_base(step.parsed))


def guessed_layers(image: ImageOutline) -> int:
    """How many layers the base probably has; 0 where the history lets one guess none.

    Nearly every base image ends with CMD or ENTRYPOINT. So from the last step back, past the steps of metadata at the
    end and past the layers below them, the next CMD or ENTRYPOINT is the end of the base (as Trivy and OSV-Scalibr
    guess). Without one the base is the lowest layer, where `bottom_layers` says so. A stage of one's own that ends with
    CMD looks the same, so this is a guess.
    """
    own = False  # a layer of the image itself was seen
    for step in reversed(image.pairing.steps):
        own = own or step.layer is not None
        if own and step.layer is None and step.instruction in _DEFAULTS:
            below = [lower.layer for lower in image.pairing.steps[: step.index] if lower.layer is not None]
            if below:
                return max(below) + 1
            break
    return bottom_layers(image)
