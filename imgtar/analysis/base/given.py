"""What a person states of the base image: a number of layers, or archives of images that may be the base."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from imgtar.analysis.base.known import KnownImage, known
from imgtar.archive.archive import open_archive
from imgtar.archive.input.archive_folder import archives_in
from imgtar.archive.input.input_name import parse_input
from imgtar.errors import ImgtarError, InputError
from imgtar.image.selection import select
from imgtar.limits import Limits, Meter

_REMEDY = "give an archive that has the configuration of the image"


class GivenBase(msgspec.Struct, frozen=True):
    """`count` layers, or one of `images`.

    With `many` the images are a collection: none need fit, and the image itself may be among them.
    """

    count: int | None = None
    images: tuple[KnownImage, ...] = ()
    many: bool = False


def given_base(count: int | None, paths: Sequence[str], limits: Limits) -> GivenBase:
    """What `--base` and `--base-image` state.

    Each path is an archive, or a folder that holds archives; of such a folder what cannot be used is left out. Raises
    InputError if an archive or folder cannot be used, UsageError if a path names an image that its archive lacks.
    """
    images: list[KnownImage] = []
    many = False
    for path in paths:
        found, is_folder = _read(path, limits)
        images += found
        many = many or is_folder
    return GivenBase(count, tuple(images), many)


def _read(path: str, limits: Limits) -> tuple[list[KnownImage], bool]:
    """The images of one argument, and whether it is a folder of archives."""
    inside = archives_in(path)
    if inside and (found := list(_usable(inside, limits))):
        return found, True
    try:
        return _images(path, limits), False
    except InputError as problem:
        raise InputError(problem.code, f"base image {path}: {problem.message}", problem.remedy) from None


def _usable(paths: Sequence[str], limits: Limits) -> Iterator[KnownImage]:
    """The images of the archives that can be used."""
    for path in paths:
        try:
            yield from _images(path, limits)
        except ImgtarError:
            continue


def _images(path: str, limits: Limits) -> list[KnownImage]:
    """The images of an archive that state their diffIDs. Raises InputError if there are none."""
    name = parse_input(path)
    archive = open_archive(name, Meter(limits), allow_missing=True)
    chosen = select(archive.catalog.images, name.reference, lost=True)  # the error below says more of none
    images = [known(record) for record in chosen if record.diff_ids]
    if not images:
        raise InputError("input.base-image", "no image in it states the diffIDs of its layers", _REMEDY)
    return images
