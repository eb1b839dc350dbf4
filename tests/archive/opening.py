"""Opens archives that a test has built, and says in short what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from imgtar.archive.archive import Archive, open_archive
from imgtar.archive.input.input_name import parse_input
from imgtar.errors import InputError
from imgtar.findings import Effect, Finding
from imgtar.image.opening import open_images
from imgtar.image.read_options import ReadOptions
from imgtar.image.reader import ImageReader
from imgtar.limits import DEFAULT, Limits, Meter


def archive(raw: bytes, folder: Path, limits: Limits = DEFAULT, **options: Any) -> Archive:
    """The opened archive of these bytes."""
    return open_archive(parse_input(_stored(raw, folder)), Meter(limits), **options)


def images(raw: bytes | Path, folder: Path, limits: Limits = DEFAULT, **options: Any) -> ImageReader:
    """The read images of these bytes or of this path."""
    path = str(raw) if isinstance(raw, Path) else _stored(raw, folder)
    reader = open_images(parse_input(path), Meter(limits), ReadOptions(**options))
    assert reader.images is not None  # read now: the next archive of a test takes the same path
    return reader


def outcome(raw: bytes | Path, folder: Path, limits: Limits = DEFAULT, **options: Any) -> tuple[int, set[str]]:
    """The exit code that the findings stand for, and the codes of all findings (or of the error)."""
    try:
        opened = images(raw, folder, limits, **options)
    except InputError as error:
        return 3, {error.code}
    found = list(every_finding(opened))
    effects = {finding.effect for finding in found}
    damaged = not effects.isdisjoint({Effect.INCOMPLETE, Effect.INCONSISTENT})
    return 4 if damaged else 5 if Effect.LIMIT in effects else 0, {finding.code for finding in found}


def every_finding(opened: ImageReader) -> list[Finding]:
    """The findings of the archive, of its images and of their layers."""
    found = list(opened.findings)
    for image in opened.images:
        found += image.findings
        for layer in image.layers:
            found += layer.ref.findings
            found += () if layer.scan is None else layer.scan.findings
    return found


def _stored(raw: bytes, folder: Path) -> str:
    path = folder / "image.tar"
    path.write_bytes(raw)
    return str(path)
