"""Package URLs as SBOMs state them: `pkg:TYPE/NAMESPACE/NAME@VERSION?QUALIFIERS#SUBPATH`, the purl specification."""

from __future__ import annotations

from urllib.parse import unquote

import msgspec

_SCHEME = "pkg:"


class PackageUrl(msgspec.Struct, frozen=True):
    """The parts, decoded; a part that is not stated is empty. `epoch` is the qualifier of that name."""

    type: str
    namespace: str
    name: str
    version: str
    epoch: str
    subpath: str


def parse_purl(text: str) -> PackageUrl | None:
    """The parts of a package URL, None for a text that has no type or no name. Raises nothing."""
    if not text.startswith(_SCHEME):
        return None
    rest, _, subpath = text.removeprefix(_SCHEME).partition("#")
    rest, _, qualifiers = rest.partition("?")
    kind, _, path = rest.strip("/").partition("/")
    namespace, _, last = path.rpartition("/")
    name, _, version = last.partition("@")
    if not kind or not name:
        return None
    epoch = next((one.partition("=")[2] for one in qualifiers.split("&") if one.startswith("epoch=")), "")
    return PackageUrl(kind.lower(), *map(unquote, (namespace, name, version, epoch, subpath)))
