"""Every database that says which packages are installed, by its path, with the parser of each format."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from imgtar.packages import apk, dpkg, npm, python
from imgtar.packages.binaries import go, java, rust
from imgtar.packages.binaries.elf import Elf
from imgtar.packages.installed import InstalledPackages
from imgtar.packages.rpm import database as rpm


class InventoryFormat(msgspec.Struct, frozen=True):
    """A format: the type of its packages, which paths have it, and the packages in a file of it.

    `location` is where the packages of such a file are installed; packages of one name in one place are versions of
    one package. `is_system`: packages live on where the file of the database is deleted. In the other formats a file is
    part of its package and goes with it.
    """

    type: str
    is_inventory: Callable[[bytes], bool]
    location: Callable[[bytes], bytes]
    installed: Callable[[bytes, bytes], InstalledPackages]
    is_system: bool = False


class ProgramFormat(InventoryFormat, frozen=True, kw_only=True):
    """What a program says of itself: `compiled_in` are the packages that it is made of."""

    compiled_in: Callable[[Elf], InstalledPackages]


def _nowhere(_path: bytes) -> bytes:
    return b""


def _itself(path: bytes) -> bytes:
    return path


def _program(name: str, compiled_in: Callable[[Elf], InstalledPackages]) -> ProgramFormat:
    def installed(_path: bytes, content: bytes) -> InstalledPackages:
        try:
            return compiled_in(Elf(lambda offset, size: content[offset : offset + size], len(content)))
        except ValueError:
            return InstalledPackages(())

    return ProgramFormat(name, bool, _itself, installed, compiled_in=compiled_in)


FORMATS = (
    InventoryFormat("deb", dpkg.is_inventory, _nowhere, dpkg.installed, is_system=True),
    InventoryFormat("apk", apk.is_database, _nowhere, apk.installed, is_system=True),
    InventoryFormat("rpm", rpm.is_database, _nowhere, rpm.installed, is_system=True),
    InventoryFormat("python", python.is_inventory, python.location, python.installed),
    InventoryFormat("npm", npm.is_inventory, npm.location, npm.installed),
    InventoryFormat("java", java.is_inventory, java.location, java.installed),
)
# A program says what it is made of; its path does not say that it is one.
PROGRAMS = (_program("go", go.installed), _program("rust", rust.installed))
TYPES = tuple(known.type for known in (*FORMATS, *PROGRAMS))
# How the paths of all formats end, and the folder below which any file may be one; a test asks for each.
_ENDINGS = (
    *(b".list", b"dpkg/status", b"dpkg/diversions", b"/installed", b"/rpmdb.sqlite", b"/Packages.db", b"/Packages"),
    *(b"/RECORD", b"/METADATA", b"/PKG-INFO", b".egg-info", b"/package.json", *java.ENDINGS),
)
_FOLDER = b"var/lib/dpkg/status.d/"
# The same as parts of a path without a slash.
ENDINGS = tuple(ending.rpartition(b"/")[2] for ending in _ENDINGS)
FOLDERS = (b"status.d",)


def inventory_format(path: bytes) -> InventoryFormat | None:
    """The format of the database at `path`, None where no database is. Layers ask for the path of every file."""
    if not path.endswith(_ENDINGS) and not path.startswith(_FOLDER):
        return None
    return next((known for known in FORMATS if known.is_inventory(path)), None)
