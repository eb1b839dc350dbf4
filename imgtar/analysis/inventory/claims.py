"""What SBOMs claim of an image, compared with the packages that its files name."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from typing import Literal

import msgspec

from imgtar.formats.purl import parse_purl
from imgtar.formats.sbom_packages import SbomPackage
from imgtar.packages.names import PURL_TYPES, compared_name, compared_version, package_name, package_version

DifferenceKind = Literal["not-found", "not-claimed", "version"]
_Key = tuple[str, str]  # type and compared name


class Found(msgspec.Struct, frozen=True):
    """A package that the files of the image name."""

    type: str
    name: str
    version: str


class Claimed(msgspec.Struct, frozen=True):
    """A package that an SBOM names; `sbom` is the number of the SBOM."""

    package: SbomPackage
    sbom: int


class Difference(msgspec.Struct, frozen=True):
    """Versions of one package that only one side has; `version` has some of both, so the package is another version.

    `sboms` are the numbers of those that name the package, in any version.
    """

    kind: DifferenceKind
    type: str
    name: str
    claimed: tuple[str, ...]
    found: tuple[str, ...]
    sboms: tuple[int, ...]


class Comparison(msgspec.Struct, frozen=True):
    """Counts are of packages by type, name and version; `same` are on both sides.

    `uncompared` counts what SBOMs name and nothing is said of, by the type in the purl ("": without a purl).
    """

    claimed: int
    found: int
    same: int
    differences: tuple[Difference, ...]
    uncompared: dict[str, int]


class _Side:
    """The versions of each package that one side names, by their compared form, with the first spelling of each."""

    def __init__(self) -> None:
        self.versions: defaultdict[_Key, dict[str, str]] = defaultdict(dict)
        self.names: dict[_Key, str] = {}

    def add(self, key: _Key, name: str, version: str) -> None:
        self.names.setdefault(key, name)
        self.versions[key].setdefault(compared_version(key[0], version), version)


def compare(found: Iterable[Found], claimed: Iterable[Claimed], types: Collection[str]) -> Comparison:
    """Compares by type, name and version, where the purl of a claim has one of `types`.

    A claim without a purl does not say which type it is about: it can only agree with a package of its name and
    version. A claim without a version agrees with each version.
    """
    files, claims = _Side(), _Side()
    for one in found:
        files.add((one.type, compared_name(one.type, one.name)), one.name, one.version)
    by_name: defaultdict[str, list[_Key]] = defaultdict(list)
    for key in files.names:
        by_name[key[1]].append(key)
    sboms: defaultdict[_Key, set[int]] = defaultdict(set)
    uncompared: Counter[str] = Counter()
    for claim in claimed:
        keys, name, version, reason = _keys(claim.package, types, by_name, files)
        if not keys:
            uncompared[reason] += 1
        for key in keys:
            claims.add(key, name, version)
            sboms[key].add(claim.sbom)
    _agree_on_unstated(files, claims)
    return _comparison(files, claims, sboms, dict(sorted(uncompared.items())))


def _keys(
    package: SbomPackage, types: Collection[str], by_name: dict[str, list[_Key]], files: _Side
) -> tuple[list[_Key], str, str, str]:
    """The packages that a claim is about, its name and version, and, where it is about none, its type."""
    purl = parse_purl(package.purl)
    if purl is None:
        name, version = package.name, package.version
        named = {key for kind in types for key in by_name.get(compared_name(kind, name), ()) if key[0] in types}
        agreeing = [key for key in sorted(named) if compared_version(key[0], version) in files.versions[key]]
        return agreeing, name, version, ""
    kind = PURL_TYPES.get(purl.type, "")
    if kind not in types:
        return [], "", "", purl.type
    name = package_name(kind, purl)
    return [(kind, compared_name(kind, name))], name, package_version(purl) or package.version, ""


def _agree_on_unstated(files: _Side, claims: _Side) -> None:
    """Who states no version beside another one adds nothing; alone it means what the other side has."""
    for side in (files, claims):
        for versions in side.versions.values():
            if len(versions) > 1:
                versions.pop("", None)
    for key in files.versions.keys() & claims.versions.keys():
        one, other = files.versions[key], claims.versions[key]
        for unstated, stated in ((one, other), (other, one)):
            if "" in unstated and "" not in stated:
                del unstated[""]
                unstated.update(stated)


def _comparison(files: _Side, claims: _Side, sboms: dict[_Key, set[int]], uncompared: dict[str, int]) -> Comparison:
    differences: list[Difference] = []
    same = 0
    for key in sorted(files.names.keys() | claims.names.keys()):
        found, claimed = files.versions.get(key, {}), claims.versions.get(key, {})
        same += len(found.keys() & claimed.keys())
        only_found = tuple(sorted(found[version] for version in found.keys() - claimed.keys()))
        only_claimed = tuple(sorted(claimed[version] for version in claimed.keys() - found.keys()))
        if only_found or only_claimed:
            kind: DifferenceKind = "version"
            if not only_found or not only_claimed:
                kind = "not-found" if only_claimed else "not-claimed"
            name = files.names.get(key) or claims.names[key]
            numbers = tuple(sorted(sboms.get(key, ())))
            differences.append(Difference(kind, key[0], name, only_claimed, only_found, numbers))
    return Comparison(
        claimed=sum(map(len, claims.versions.values())),
        found=sum(map(len, files.versions.values())),
        same=same,
        differences=tuple(differences),
        uncompared=uncompared,
    )
