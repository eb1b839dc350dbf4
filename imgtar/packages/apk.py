"""The files of Alpine packages: the installed database of apk, apk-package(5).

`F:` begins a directory, `R:` a file in it, and `Z:` behind a file states its digest: `Q1` and the SHA-1 in Base64, or
`Q2` and the SHA-256.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from imgtar.packages.installed import (
    MOST_PACKAGES,
    TOO_MANY,
    Installed,
    InstalledPackages,
    counted_problem,
    fact,
    joined,
    number,
    paragraphs,
)
from imgtar.packages.package_file import PackageFile, base64, inside

# A value that is longer is cut: a field of megabytes costs no copy of itself.
_FIELD = re.compile(rb"^([PVALoI]):([^\n]{0,999})", re.MULTILINE)
# What is about files, and the lines that end a package; all others stay where they are.
_FILES = re.compile(rb"^(?:[FRZ]:[^\n]*)?$", re.MULTILINE)
DATABASES = frozenset({b"lib/apk/db/installed", b"usr/lib/apk/db/installed"})


def is_database(path: bytes) -> bool:
    """Is this the database of installed packages?"""
    return path in DATABASES


def package_files(_path: bytes, content: bytes) -> Iterator[PackageFile]:
    """The files of all packages."""
    folder: bytes | None = b""
    name, digest = b"", b""
    for match in _FILES.finditer(content):
        line = match[0]
        field = line[:2]
        if field in (b"F:", b"R:", b""):
            yield from _file(folder, name, digest)
            name = digest = b""
        if field == b"F:":
            folder = inside(b"", line[2:]) if line[2:] else b""
        elif field == b"R:":
            name = line[2:]
        elif field == b"Z:" and line[2:4] in (b"Q1", b"Q2"):
            digest = base64(line[4:])
    yield from _file(folder, name, digest)


def installed(path: bytes, content: bytes) -> InstalledPackages:
    """The packages, each with its files."""
    packages: list[Installed] = []
    nameless = 0
    for paragraph in paragraphs(content):
        if len(packages) == MOST_PACKAGES:
            return InstalledPackages(tuple(packages), TOO_MANY)
        fields = dict(_FIELD.findall(paragraph))
        if fields.get(b"P") and fields.get(b"V"):
            name, version, arch, source, terms = (
                fact(fields.get(field, b"")) for field in (b"P", b"V", b"A", b"o", b"L")
            )
            files = joined(file.path for file in package_files(path, paragraph))
            packages.append(Installed(name, version, arch, source, terms, files, number(fields.get(b"I", b""))))
        else:
            nameless += bool(paragraph.strip())
    return InstalledPackages(tuple(packages), counted_problem(nameless, "paragraphs without a name or a version"))


def _file(folder: bytes | None, name: bytes, digest: bytes) -> Iterator[PackageFile]:
    path = inside(folder, name) if name and folder is not None else None
    if path is not None:
        yield PackageFile(path, digest)
