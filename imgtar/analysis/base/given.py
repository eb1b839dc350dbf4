"""What a person states of the base image: a number of layers, or archives of images that may be the base."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

import msgspec

from imgtar.archive.archive import open_archive
from imgtar.archive.catalog.records import ImageRecord
from imgtar.archive.input.source import parse_input
from imgtar.errors import ImgtarError, InputError
from imgtar.formats.digest import Digest
from imgtar.image.image import LayerOutline
from imgtar.image.selection import select
from imgtar.limits import Limits, Meter

DiffIDs = tuple[Digest | None, ...]
_REMEDY = "give an archive that has the configuration of the image"


class KnownImage(msgspec.Struct, frozen=True):
    """An image that may be the base of another one; `diff_ids` base first, `steps` rows of history."""

    name: str | None
    digest: str | None
    diff_ids: DiffIDs
    steps: int

    def is_below(self, layers: Sequence[LayerOutline]) -> bool:
        """Has it layers, are all of them known, and are they the lowest of `layers`?"""
        lowest = tuple(layer.diff_id for layer in layers[: len(self.diff_ids)])
        return bool(lowest) and None not in lowest and lowest == self.diff_ids

    def is_smaller(self, other: KnownImage) -> bool:
        """Has it fewer layers or, of as many, fewer steps? So no two images are each other's base."""
        return (len(self.diff_ids), self.steps) < (len(other.diff_ids), other.steps)


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
    try:
        return _images(path, limits), False
    except InputError as problem:
        found = list(_folder(path, limits)) if os.path.isdir(path) else []
        if found:
            return found, True
        raise InputError(problem.code, f"base image {path}: {problem.message}", problem.remedy) from None


def _folder(path: str, limits: Limits) -> Iterator[KnownImage]:
    """The images of the archives in a folder, by the names of the files."""
    for name in sorted(os.listdir(path)):
        try:
            yield from _images(os.path.join(path, name), limits)
        except ImgtarError:
            continue


def _images(path: str, limits: Limits) -> list[KnownImage]:
    """The images of an archive that state their diffIDs. Raises InputError if there are none."""
    name = parse_input(path)
    archive = open_archive(name, Meter(limits), allow_missing=True)
    images = [known(record) for record in select(archive.catalog.images, name.reference) if record.diff_ids]
    if not images:
        raise InputError("input.base-image", "no image in it states the diffIDs of its layers", _REMEDY)
    return images


def known(record: ImageRecord) -> KnownImage:
    """An image of a catalog as a possible base."""
    digest = record.manifest_digest or record.target_digest
    return KnownImage(
        name=record.names[0] if record.names else None,
        digest=None if digest is None else str(digest),
        diff_ids=record.diff_ids,
        steps=len(record.history),
    )
