"""The RPM packages and their files, from the database of installed headers."""

from __future__ import annotations

from collections.abc import Iterator

from imgtar.formats.sqlite import MAGIC
from imgtar.packages.installed import MOST_PACKAGES, TOO_MANY, Installed, InstalledPackages, counted_problem
from imgtar.packages.package_file import PackageFile
from imgtar.packages.rpm import berkeley, ndb, sqlite
from imgtar.packages.rpm.header import header_files, header_package

_FOLDERS = (b"var/lib/rpm/", b"usr/lib/sysimage/rpm/")
_CONTAINERS = {b"rpmdb.sqlite": sqlite.blobs, b"Packages.db": ndb.blobs, b"Packages": berkeley.blobs}
DATABASES = frozenset(folder + name for folder in _FOLDERS for name in _CONTAINERS)
_MAGIC = {b"rpmdb.sqlite": MAGIC, b"Packages.db": ndb.MAGIC}
# Where SQLite keeps what it has not yet written into a database, by the database. What is there counts more.
LOGS = {folder + b"rpmdb.sqlite": folder + b"rpmdb.sqlite-wal" for folder in _FOLDERS}


def is_database(path: bytes) -> bool:
    """Is this the file that holds the headers of the installed packages?"""
    return path in DATABASES


def package_files(path: bytes, content: bytes) -> Iterator[PackageFile]:
    """The files of all packages that have a digest."""
    for blob in _blobs(path, content):
        yield from header_files(blob)


def installed(path: bytes, content: bytes) -> InstalledPackages:
    """The packages, each with its files: the version is `[EPOCH:]VERSION-RELEASE`, the source the source package."""
    if not content.startswith(_MAGIC.get(path.rpartition(b"/")[2], b"")):
        return InstalledPackages((), "it is not a database of RPM")
    packages: list[Installed] = []
    damaged = 0
    for blob in _blobs(path, content):
        if len(packages) == MOST_PACKAGES:
            return InstalledPackages(tuple(packages), TOO_MANY)
        package = header_package(blob)
        if package is None:
            damaged += 1
        else:
            packages.append(package)
    return InstalledPackages(tuple(packages), counted_problem(damaged, "headers that cannot be read"))


def _blobs(path: bytes, content: bytes) -> Iterator[bytes]:
    """The headers; those that overlap, so that they exceed the file, end it, with an empty one."""
    left = len(content)
    for blob in _CONTAINERS[path.rpartition(b"/")[2]](content):
        left -= len(blob)
        if left < 0:
            yield b""
            return
        yield blob
