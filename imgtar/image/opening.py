"""Opens an archive and chooses its images: by reference, by platform, or the only one there is."""

from __future__ import annotations

from collections.abc import Sequence

from imgtar.archive.archive import Archive, open_archive
from imgtar.archive.catalog.records import ImageRecord
from imgtar.archive.input.input_name import Input, InputName, input_name, parse_input
from imgtar.errors import UsageError, errors_about
from imgtar.findings import Effect
from imgtar.image.image import Image
from imgtar.image.layer_scans import Scans, StreamScanner
from imgtar.image.read_options import PLAIN, ReadOptions
from imgtar.image.reader import ImageReader
from imgtar.image.selection import select
from imgtar.layer.places import PlaceReader
from imgtar.layer.probes import Probe
from imgtar.limits import DEFAULT, Limits, Meter


def open_images(
    name: InputName,
    meter: Meter,
    options: ReadOptions = PLAIN,
    *,
    contents: bool = False,
    probes: Sequence[Probe[object]] = (),
    passing_probes: Sequence[Probe[object]] = (),
    places: PlaceReader[object] | None = None,
) -> ImageReader:
    """Opens the input and chooses its images; of a seekable file or a directory no layer is read yet.

    A reference in the name itself counts where the options state none. With `contents` the digest of every file is
    taken. The `probes` watch the files of every layer, and the `passing_probes` too where the archive passes once. The
    files of `places` are read where no probe watches. Where damage has left no image there is none to choose. Raises
    InputError, UsageError and OutputError.
    """
    passing = (*probes, *passing_probes)
    archive = open_archive(
        name,
        meter,
        scan=StreamScanner(meter, passing, places=places),
        scan_root=StreamScanner(meter, passing, markers=False) if options.root_filesystem else None,
        spool=options.spool,
        progress=options.progress,
        allow_missing=options.allow_missing,
    )
    chosen: Sequence[ImageRecord] = archive.catalog.images
    if archive.catalog.form != "rootfs":
        chosen = select(chosen, options.image or name.reference, options.platform, lost=_is_harmed(archive))
    scans = Scans(archive, meter, options, contents=contents, probes=probes, places=places)
    return ImageReader(archive, meter, chosen, scans, options)


def _is_harmed(archive: Archive) -> bool:
    """Is the archive damaged or not read to its end? Then it may have had images that are not here."""
    return any(finding.effect is not Effect.NONE for finding in archive.findings)


def open_image(
    source: Input,
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
    with errors_about(input_name(source)):
        meter = Meter(limits)
        reader = open_images(parse_input(source), meter, ReadOptions(image=image, platform=platform, verify=verify))
        count = len(reader.outlines)
        if count != 1:
            raise UsageError("usage.several-images", f"{count} images fit", "choose one with image= or platform=")
        return reader.images[0]
