"""Targets for the parsers of package databases: the bytes come from an image."""

from __future__ import annotations

from imgtar.packages import python
from imgtar.packages.databases import FORMATS, database_format
from imgtar.packages.folders import package_folders
from imgtar.packages.installed import InstalledPackages
from imgtar.packages.inventories import PROGRAMS, inventory_format
from imgtar.packages.package_file import DIGEST_SIZES

# A path of each kind of database; the first byte of the input chooses one.
PATHS = (
    b"var/lib/dpkg/info/a.list",
    b"var/lib/dpkg/info/a.md5sums",
    b"var/lib/dpkg/status",
    b"lib/apk/db/installed",
    b"venv/lib/a-1.dist-info/RECORD",
    b"opt/conda/conda-meta/a.json",
    b"opt/conda/pkgs/a/info/paths.json",
    b"var/lib/rpm/rpmdb.sqlite",
    b"var/lib/rpm/Packages.db",
    b"var/lib/rpm/Packages",
)

LONGEST = 4 * 512  # characters of a name, each byte written out
# A path of each kind of database of installed packages; beyond them the input is a program.
INVENTORIES = (
    b"var/lib/dpkg/status",
    b"var/lib/dpkg/status.d/a",
    b"var/lib/dpkg/status.d/a.md5sums",
    b"var/lib/dpkg/info/a.list",
    b"var/lib/dpkg/diversions",
    b"lib/apk/db/installed",
    b"var/lib/rpm/rpmdb.sqlite",
    b"var/lib/rpm/Packages.db",
    b"var/lib/rpm/Packages",
    b"venv/lib/a-1.dist-info/RECORD",
    b"venv/lib/a-1.dist-info/METADATA",
    b"app/node_modules/a/package.json",
    b"app/a.jar",
)


def package_database(raw: bytes) -> None:
    """Any bytes name files inside the root, with a digest of a known size or none; raises nothing."""
    path = PATHS[raw[0] % len(PATHS)] if raw else PATHS[0]
    known = database_format(path)
    assert known is not None
    for file in known.package_files(path, raw[1:]):
        assert file.path
        assert not {b"", b".", b".."} & set(file.path.split(b"/"))
        assert b"\0" not in file.path
        assert not file.digest or len(file.digest) in DIGEST_SIZES


def package_inventory(raw: bytes) -> None:
    """Any bytes name packages with a name, and files inside the root; raises nothing."""
    number = raw[0] if raw else 0
    path = INVENTORIES[number] if number < len(INVENTORIES) else b""
    known = inventory_format(path) or PROGRAMS[number % len(PROGRAMS)]
    found = known.installed(path, raw[1:])
    assert isinstance(found, InstalledPackages)
    for package in found.packages:
        assert len(package.name) <= LONGEST
        for file in package.files.split(b"\0")[:-1]:
            assert not {b"", b".", b".."} & set(file.split(b"/"))
    known.location(path)


def package_paths(raw: bytes) -> None:
    """Any path is in a bounded number of packages, each with marks; any statement of origin is read. Raises nothing."""
    folders = list(package_folders(raw))
    inventory_format(raw)
    assert len(folders) < 500
    assert all(folder.marks and all(folder.marks) for folder in folders)
    for known in FORMATS:
        known.is_database(raw)
    python.is_own(raw)


PACKAGE_TARGETS = {
    "package_database": package_database,
    "package_inventory": package_inventory,
    "package_paths": package_paths,
}
