"""Every package database whose content names files, by its path."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from imgtar.packages import apk, conda, dpkg, python
from imgtar.packages.package_file import PackageFile
from imgtar.packages.rpm import database as rpm


class DatabaseFormat(msgspec.Struct, frozen=True):
    """A format: the type of its packages, which paths are such databases, and the files that one of them names."""

    type: str
    is_database: Callable[[bytes], bool]
    package_files: Callable[[bytes, bytes], Iterator[PackageFile]]


FORMATS = (
    DatabaseFormat("deb", dpkg.is_database, dpkg.package_files),
    DatabaseFormat("apk", apk.is_database, apk.package_files),
    DatabaseFormat("rpm", rpm.is_database, rpm.package_files),
    DatabaseFormat("python", python.is_database, python.package_files),
    DatabaseFormat("conda", conda.is_database, conda.package_files),
)
# How the paths of all databases end; a test asks for each format.
_ENDINGS = (
    *(b".list", b".md5sums", b"dpkg/status", b"/installed", b"/RECORD", b".json"),
    *(b"/rpmdb.sqlite", b"/Packages.db", b"/Packages"),
)


def database_format(path: bytes) -> DatabaseFormat | None:
    """The format of the database at `path`, None where no database is. Layers ask for the path of every file."""
    if not path.endswith(_ENDINGS):
        return None
    return next((known for known in FORMATS if known.is_database(path)), None)
