"""Opens an archive and chooses its images: by reference, by platform, or the only one there is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from imgtar.archive.archive import open_archive
from imgtar.archive.index.spooled_index import Announce
from imgtar.archive.input.input_name import Input, InputName, input_name, parse_input
from imgtar.errors import UsageError, errors_about
from imgtar.image.image import Image
from imgtar.image.layer_scans import Scans, StreamScanner
from imgtar.image.reader import ImageReader
from imgtar.image.selection import select
from imgtar.image.twins import Twins
from imgtar.layer.places import PlaceReader
from imgtar.layer.probes import Probe
from imgtar.limits import DEFAULT, Limits, Meter
from imgtar.progress import Progress

if TYPE_CHECKING:
    from imgtar.cache.scan_cache import ScanCache


def open_images(
    name: InputName,
    meter: Meter,
    *,
    reference: str | None = None,
    platform: str | None = None,
    verify: bool = False,
    allow_missing: bool = False,
    jobs: int | None = None,
    contents: bool = False,
    twins: Twins | None = None,
    probes: Sequence[Probe[object]] = (),
    passing_probes: Sequence[Probe[object]] = (),
    places: PlaceReader[object] | None = None,
    spool: Announce | None = None,
    root_filesystem: bool = False,
    progress: Progress | None = None,
    cache: ScanCache | None = None,
) -> ImageReader:
    """Opens the input and chooses its images; of a seekable file or a directory no layer is read yet.

    `reference` and `platform` are `--image` and `--platform`; a reference in the name itself counts without one.
    With `verify` the digests of everything that is here are recomputed, with `contents` the digest of every file is
    taken, with `twins` that of every file in a compressed layer. Layers that have twins are not read, unless
    `verify` asks for that. `jobs` is `--jobs`. The `probes` watch the files of every layer, and the
    `passing_probes` too where the archive passes once. The files of `places` are read where no probe watches.
    `spool` is that of `open_archive`. With `root_filesystem` the input may be one: the form `rootfs`, with one
    image of one layer, whatever is chosen. With a `cache` a layer may come from an earlier run, which changes nothing
    of what is said. Raises InputError, UsageError and OutputError.
    """
    passing = (*probes, *passing_probes)
    archive = open_archive(
        name,
        meter,
        scan=StreamScanner(meter, passing, places=places),
        scan_root=StreamScanner(meter, passing, markers=False) if root_filesystem else None,
        spool=spool,
        progress=progress,
        allow_missing=allow_missing,
    )
    records = archive.catalog.images
    chosen = records if archive.catalog.form == "rootfs" else select(records, reference or name.reference, platform)
    scans = Scans(
        archive,
        meter,
        digests=verify,
        jobs=jobs,
        contents=contents,
        comparable=twins is not None,
        probes=probes,
        places=places,
        progress=progress,
        cache=cache,
    )
    return ImageReader(archive, meter, chosen, scans, verify=verify, allow_missing=allow_missing, twins=twins)


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
        reader = open_images(parse_input(source), meter, reference=image, platform=platform, verify=verify)
        count = len(reader.outlines)
        if count != 1:
            raise UsageError("usage.several-images", f"{count} images fit", "choose one with image= or platform=")
        return reader.images[0]
