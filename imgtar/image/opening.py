"""The domain objects for programs: one image of an archive, read and ready."""

from __future__ import annotations

from imgtar.archive.input.source import parse_input
from imgtar.errors import UsageError
from imgtar.image.image import Image, open_images
from imgtar.limits import DEFAULT, Limits, Meter


def open_image(
    source: str,
    *,
    image: str | None = None,
    platform: str | None = None,
    verify: bool = False,
    limits: Limits = DEFAULT,
) -> Image:
    """The one image that `source` holds or that the choice leaves, its layers scanned, base first.

    `source`, `image` and `platform` are what the command line takes. Raises InputError where the input cannot be used
    or nothing fits the choice, UsageError where several images fit it.
    """
    opened = open_images(parse_input(source), Meter(limits), reference=image, platform=platform, verify=verify)
    if len(opened.images) != 1:
        count = len(opened.images)
        raise UsageError("usage.several-images", f"{count} images fit", "choose one with image= or platform=")
    return opened.images[0]
