"""Under which name and version two programs mean the same package: SBOMs and databases spell them in several ways."""

from __future__ import annotations

import re

from imgtar.formats.purl import PackageUrl

# The types of purls of the packages that databases name.
PURL_TYPES = {
    "deb": "deb",
    "apk": "apk",
    "rpm": "rpm",
    "npm": "npm",
    "pypi": "python",
    "golang": "go",
    "cargo": "rust",
    "maven": "java",
}
_UNKNOWN = frozenset({"", "(devel)", "unknown", "noassertion", "none"})  # versions that say nothing
_SEPARATORS = {"java": ":", "npm": "/", "go": "/"}  # between the namespace and the name


def package_name(kind: str, purl: PackageUrl) -> str:
    """The name that a database has for the package that a purl means; `kind` is the type of the database."""
    separator = _SEPARATORS.get(kind)
    name = purl.name if separator is None or not purl.namespace else f"{purl.namespace}{separator}{purl.name}"
    # A Go module whose path ends with its major version has that as subpath.
    return f"{name}/{purl.subpath}" if kind == "go" and purl.subpath else name


def package_version(purl: PackageUrl) -> str:
    """The version with the epoch, which some programs write as a qualifier."""
    is_apart = purl.epoch and not purl.version.startswith(f"{purl.epoch}:")
    return f"{purl.epoch}:{purl.version}" if is_apart else purl.version


def compared_name(kind: str, name: str) -> str:
    """The name without what spellings of it differ in."""
    if kind == "python":
        return re.sub(r"[-_.]+", "-", name).lower()
    if kind == "rust":
        return name.replace("_", "-").lower()
    if kind == "java":  # without coordinates in the archive, some repeat its name as the group
        group, _, artifact = name.rpartition(":")
        return artifact if group == artifact else name
    return name if kind == "rpm" else name.lower()


def compared_version(kind: str, version: str) -> str:
    """The version without what spellings of it differ in; empty where it says nothing."""
    version = version.strip()
    if version.lower() in _UNKNOWN:
        return ""
    if kind == "go":
        return version.removeprefix("go").removeprefix("v")
    return version.removeprefix("0:") if kind in ("deb", "rpm") else version
