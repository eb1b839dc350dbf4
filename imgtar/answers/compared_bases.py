"""The base images of two images that `diff` compares."""

from __future__ import annotations

from imgtar.answers.base import own_from
from imgtar.answers.session import Session


def base_layers(a: Session, x: int | None, b: Session, y: int | None) -> tuple[int, int]:
    """How many of the lowest layers of image `x` of `a` and image `y` of `b` belong to their bases; 0 where unknown.

    Where the second one is a filesystem without layers, neither side has layers to leave out. Raises UsageError if what
    is given of a base does not fit.
    """
    if b.archive.catalog.form == "rootfs":
        return 0, 0
    return _layers(a, x), _layers(b, y)


def _layers(session: Session, number: int | None) -> int:
    return 0 if number is None else own_from(session.bases[number])
