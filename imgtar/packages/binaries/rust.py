"""The crates of a Rust program that cargo-auditable built: the section `.dep-v0`, zlib around a JSON document."""

from __future__ import annotations

import zlib

import msgspec

from imgtar.packages.binaries.elf import Elf
from imgtar.packages.installed import Installed, InstalledPackages, fact

_SECTION = b".dep-v0"
_LONGEST = 8 << 20  # bytes of the document, the bound of cargo-auditable's own reader


class _Crate(msgspec.Struct, gc=False):
    name: str
    version: str
    kind: str = "runtime"
    root: bool = False


class _Crates(msgspec.Struct):
    packages: list[_Crate]


def installed(elf: Elf) -> InstalledPackages:
    """The program's own crate, then those that are compiled into it; none of a program without such a section."""
    section = elf.section(_SECTION)
    if section is None:
        return InstalledPackages(())
    inflater = zlib.decompressobj()
    try:
        text = inflater.decompress(elf.read(section.offset, section.size), _LONGEST)
        crates = msgspec.json.decode(text, type=_Crates).packages
    except (zlib.error, ValueError, RecursionError):
        return InstalledPackages((), "its section .dep-v0 is damaged")
    used = [crate for crate in crates if crate.kind == "runtime" and crate.name and crate.version]
    used.sort(key=lambda crate: not crate.root)
    return InstalledPackages(tuple(Installed(_fact(crate.name), _fact(crate.version)) for crate in used))


def _fact(text: str) -> str:
    return fact(text.encode("utf-8", "surrogatepass"))
