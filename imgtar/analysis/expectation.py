"""Compares an archive with the image IDs, digests and checksum that the caller expects."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence

import msgspec

from imgtar.archive.input.source import Source
from imgtar.findings import Effect, Finding, Kind, Severity
from imgtar.image.image import ImageOutline

UNEXPECTED_ID = Kind(
    code="verify.unexpected-id",
    severity=Severity.HIGH,
    effect=Effect.INCONSISTENT,
    sentence="no image has the expected ID {expected}; there are {found}",
    meaning="No image in the archive has the expected image ID.",
    remedy="Ask for the right archive; do not use this one.",
)
UNEXPECTED_DIGEST = Kind(
    code="verify.unexpected-digest",
    severity=Severity.HIGH,
    effect=Effect.INCONSISTENT,
    sentence="no manifest or index has the expected digest {expected}; there are {found}",
    meaning="No image in the archive has the expected manifest digest.",
    remedy="Ask for the right archive; do not use this one.",
)
BAD_CHECKSUM = Kind(
    code="verify.bad-checksum",
    severity=Severity.HIGH,
    effect=Effect.INCONSISTENT,
    sentence="the archive has the SHA-256 {found}, not {expected}",
    meaning="The file is not the one of the checksum list.",
    remedy="Copy it again; where it still differs, do not use it.",
)
NO_CHECKSUM = Kind(
    code="verify.no-checksum",
    severity=Severity.HIGH,
    effect=Effect.INCOMPLETE,
    sentence="the checksum of the archive cannot be computed: {why}",
    meaning="Only a regular file can be compared with a checksum list.",
    remedy="Give the file itself, not a pipe or a directory.",
)
KINDS = (UNEXPECTED_ID, UNEXPECTED_DIGEST, BAD_CHECKSUM, NO_CHECKSUM)
_SHORTEST = 12  # digits that may stand for a digest


class Expectation(msgspec.Struct, frozen=True, kw_only=True):
    """What was stated elsewhere: image IDs, manifest or index digests (12 digits and more), the file's SHA-256."""

    ids: Sequence[str] = ()
    digests: Sequence[str] = ()
    checksum: str | None = None


def unmet(expected: Expectation, images: Sequence[ImageOutline], source: Source) -> Iterator[Finding]:
    """What is not as it was stated."""
    records = [image.record for image in images]
    ids = [str(record.image_id) for record in records if record.image_id]
    named = [str(digest) for record in records for digest in (record.manifest_digest, record.target_digest) if digest]
    for stated in expected.ids:
        if not _is_among(stated, ids):
            yield UNEXPECTED_ID.at(expected=stated, found=", ".join(ids) or "none")
    for stated in expected.digests:
        if not _is_among(stated, named):
            yield UNEXPECTED_DIGEST.at(expected=stated, found=", ".join(dict.fromkeys(named)) or "none")
    if expected.checksum is not None:
        yield from _checksum(expected.checksum, source)


def _is_among(stated: str, found: Sequence[str]) -> bool:
    digits = stated.lower().removeprefix("sha256:")
    return len(digits) >= _SHORTEST and any(one.removeprefix("sha256:").startswith(digits) for one in found)


def _checksum(stated: str, source: Source) -> Iterator[Finding]:
    if source.size is None or not os.path.isfile(source.path):
        yield NO_CHECKSUM.at(why="the input is not a regular file")
        return
    with open(source.path, "rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != stated.lower():
        yield BAD_CHECKSUM.at(expected=stated, found=found)
