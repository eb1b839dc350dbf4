"""The files of Python packages: the list `RECORD` of installed projects, PyPA's specification of that name.

A row is `path,sha256=DIGEST,size`, the path relative to the folder of the `.dist-info`, and the digest in the Base64 of
URLs without padding. `RECORD` itself and compiled files have no digest. `direct_url.json` beside it says where a
project came from that no package index served: PyPA's "Recording the Direct URL Origin". `METADATA`, or `PKG-INFO` in
an older `.egg-info`, has the name and the version: PyPA's "Core metadata".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from imgtar.packages.installed import Installed, InstalledPackages, fact, joined
from imgtar.packages.package_file import PackageFile, base64, inside

_RECORD = b".dist-info/RECORD"
_ORIGIN = b".dist-info/direct_url.json"
_METADATA = (b".dist-info/METADATA", b".egg-info/PKG-INFO", b".egg-info")
_FIELD = re.compile(rb"^(Name|Version|License|License-Expression):[ \t]*([^\r\n]*)", re.MULTILINE)
_LINE = re.compile(rb"[^\r\n]+")
_FROM_URL = bytes.maketrans(b"-_", b"+/")


def is_database(path: bytes) -> bool:
    """Is this the list of an installed project?"""
    return path.endswith(_RECORD)


def package_files(path: bytes, content: bytes) -> Iterator[PackageFile]:
    """The files of the project; without a digest only those in its folder, so no path with `..`."""
    folder = path.rpartition(b"/")[0].rpartition(b"/")[0]
    for line in (found[0] for found in _LINE.finditer(content)):
        row = line.rsplit(b",", 2)
        if len(row) != 3:
            continue
        name = _recorded(line)
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


def is_inventory(path: bytes) -> bool:
    """Does it describe an installed project, or list its files?"""
    return path.endswith((_RECORD, *_METADATA))


def location(path: bytes) -> bytes:
    """The folder in which the project is installed, such as `usr/lib/python3/dist-packages`."""
    folder = path if path.endswith(_METADATA[-1]) else path.rpartition(b"/")[0]
    return folder.rpartition(b"/")[0]


def installed(path: bytes, content: bytes) -> InstalledPackages:
    """The project, or without a version its files. The name is the normalised one: `typing-extensions`."""
    if path.endswith(_RECORD):
        folder = path.rpartition(b"/")[0]
        name = folder.rpartition(b"/")[2].removesuffix(b".dist-info").partition(b"-")[0]
        names = (_recorded(line[0]) for line in _LINE.finditer(content))
        files = joined(inside(folder.rpartition(b"/")[0], name) for name in names if name)
        return InstalledPackages((Installed(_normalised(name), files=files),))
    fields: dict[bytes, bytes] = dict(reversed(_FIELD.findall(content.replace(b"\r\n", b"\n").partition(b"\n\n")[0])))
    if not fields.get(b"Name") or not fields.get(b"Version"):
        return InstalledPackages((), "metadata without a name or a version")
    terms = fields.get(b"License-Expression", fields.get(b"License", b""))
    return InstalledPackages((Installed(_normalised(fields[b"Name"]), fact(fields[b"Version"]), license=fact(terms)),))


def _recorded(line: bytes) -> bytes:
    """The path in a row of RECORD."""
    name = line.rsplit(b",", 2)[0]
    return name[1:-1].replace(b'""', b'"') if name.startswith(b'"') else name


def _normalised(name: bytes) -> str:
    return re.sub(r"[-_.]+", "-", fact(name)).lower()
