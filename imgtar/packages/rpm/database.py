"""The files of RPM packages, from the database of installed headers."""

from __future__ import annotations

from collections.abc import Iterator

from imgtar.packages.package_file import PackageFile
from imgtar.packages.rpm import berkeley, ndb, sqlite
from imgtar.packages.rpm.header import header_files

_FOLDERS = (b"var/lib/rpm/", b"usr/lib/sysimage/rpm/")
_CONTAINERS = {b"rpmdb.sqlite": sqlite.blobs, b"Packages.db": ndb.blobs, b"Packages": berkeley.blobs}


def is_database(path: bytes) -> bool:
    """Is this the file that holds the headers of the installed packages?"""
    folder, slash, name = path.rpartition(b"/")
    return name in _CONTAINERS and folder + slash in _FOLDERS


def package_files(path: bytes, content: bytes) -> Iterator[PackageFile]:
    """The files of all packages that have a digest. Headers that overlap, so that they exceed the file, end it."""
    left = len(content)
    for blob in _CONTAINERS[path.rpartition(b"/")[2]](content):
        left -= len(blob)
        if left < 0:
            return
        yield from header_files(blob)
