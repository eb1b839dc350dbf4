"""The files of Python packages: the list `RECORD` of installed projects, PyPA's specification of that name.

A row is `path,sha256=DIGEST,size`, the path relative to the folder of the `.dist-info`, and the digest in the Base64 of
URLs without padding. `RECORD` itself and compiled files have no digest. `direct_url.json` beside it says where a
project came from that no package index served: PyPA's "Recording the Direct URL Origin".
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from imgtar.packages.package_file import PackageFile, base64, inside

_RECORD = b".dist-info/RECORD"
_ORIGIN = b".dist-info/direct_url.json"
_FROM_URL = bytes.maketrans(b"-_", b"+/")


def is_database(path: bytes) -> bool:
    """Is this the list of an installed project?"""
    return path.endswith(_RECORD)


def package_files(path: bytes, content: bytes) -> Iterator[PackageFile]:
    """The files of the project; without a digest only those in its folder, so no path with `..`."""
    folder = path.rpartition(b"/")[0].rpartition(b"/")[0]
    for line in content.splitlines():
        row = line.rsplit(b",", 2)
        if len(row) != 3:
            continue
        name = row[0]
        if name.startswith(b'"'):
            name = name[1:-1].replace(b'""', b'"')
        algorithm, _, stated = row[1].partition(b"=")
        digest = base64(stated.translate(_FROM_URL)) if algorithm == b"sha256" else b""
        file = inside(folder, name)
        if file is None or (row[1] and not digest) or (not digest and not file.startswith(folder + b"/")):
            continue
        yield PackageFile(file, digest)


class _Origin(msgspec.Struct):
    dir_info: dict[str, object] | None = None
    vcs_info: dict[str, object] | None = None


def is_origin(path: bytes) -> bool:
    """Is this the statement where an installed project came from?"""
    return path.endswith(_ORIGIN)


def is_own(content: bytes) -> bool:
    """Was the project installed from a folder or a repository (`pip install .`), so that nobody published it?"""
    try:
        origin = msgspec.json.decode(content, type=_Origin)
    except (ValueError, RecursionError):
        return True
    return origin.dir_info is not None or origin.vcs_info is not None
