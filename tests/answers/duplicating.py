"""Asks for the duplicates of archives in tests, as the command does."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import msgspec

from imgtar.analysis.duplicates import DuplicatesQuery
from imgtar.answers.duplicates import duplicates_content, duplicates_of
from imgtar.answers.filters import Filter
from imgtar.answers.opening import open_session
from imgtar.answers.options import FILES, InspectOptions
from imgtar.contract.duplicates import DuplicateCopy, DuplicateGroup, DuplicatesReport
from imgtar.limits import DEFAULT, Limits


def report(
    archive: bytes | Path,
    folder: Path,
    *,
    most: int | None = None,
    limits: Limits = DEFAULT,
    image: str | None = None,
    **asked: Any,
) -> DuplicatesReport:
    """The whole document about an archive; `asked` are fields of `DuplicatesQuery`, `most` is the limit of the gate."""
    path = archive if isinstance(archive, Path) else folder / "image.tar"
    if isinstance(archive, bytes):
        path.write_bytes(archive)
    session = open_session(path, InspectOptions(limits=limits, image=image, digests=True))
    session.read(FILES)
    query = DuplicatesQuery(**asked)
    found = duplicates_of(session, query)
    content = duplicates_content(session, Filter().apply(session.findings), found, query, most)
    return msgspec.structs.replace(content.document, groups=list(content.groups()))


def raw_path(copy: DuplicateCopy) -> bytes:
    """The bytes of a path, without its leading slash."""
    raw = copy.path.encode() if copy.path_b64 is None else base64.b64decode(copy.path_b64)
    return raw[1:]


def paths(group: DuplicateGroup) -> list[str]:
    """`/a 0` for each file of a group, with its layer, its further names and whether it is gone."""
    return [
        f"{copy.path} {copy.layer}"
        + (f" {copy.names} names" if copy.names > 1 else "")
        + (" gone" if copy.gone else "")
        for copy in group.paths
    ]


def listed(archive: bytes | Path, folder: Path, **asked: Any) -> list[list[str]]:
    """The files of each group, the one that saves most first."""
    return [paths(group) for group in report(archive, folder, **asked).groups]
