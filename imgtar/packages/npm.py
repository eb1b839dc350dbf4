"""Packages of npm: `package.json` in each folder below `node_modules`, as npm-folders(5) and package.json(5) say.

Debian's packages have the same folders in `usr/share/nodejs`, where Debian's Node.js looks for modules too.
"""

from __future__ import annotations

import re

import msgspec

from imgtar.packages.installed import Installed, InstalledPackages, fact

# A folder of modules may lie in a package of another one, as deep as packages depend on one another.
_PATH = re.compile(rb"(?:(?:.*/)?node_modules|usr/share/nodejs)/(?:@[^/]+/)?[^/@.][^/]*/package\.json", re.DOTALL)


class _Manifest(msgspec.Struct):
    name: str = ""
    version: str = ""
    license: object = None


def is_inventory(path: bytes) -> bool:
    """Is this the manifest of an installed package?"""
    return path.endswith(b"/package.json") and _PATH.fullmatch(path) is not None


def location(path: bytes) -> bytes:
    """The folder of the package."""
    return path.rpartition(b"/")[0]


def installed(_path: bytes, content: bytes) -> InstalledPackages:
    """The package. A manifest without a name or a version belongs to a folder of modules, not to a package."""
    try:
        manifest = msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"), type=_Manifest)
    except (ValueError, RecursionError):
        return InstalledPackages((), "package.json that cannot be read")
    if not manifest.name or not manifest.version:
        return InstalledPackages(())
    terms = manifest.license if isinstance(manifest.license, str) else ""
    name, version, terms = (fact(_raw(text)) for text in (manifest.name, manifest.version, terms))
    return InstalledPackages((Installed(name, version, license=terms),))


def _raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
