"""The modules of a Go program: what the linker writes for `go version -m`, as Go's debug/buildinfo reads it.

The section `.go.buildinfo` begins with a head of 32 bytes. Since Go 1.18 two texts with their lengths follow it;
before, the head has pointers to them.
"""

from __future__ import annotations

from imgtar.packages.binaries.elf import Elf, Region
from imgtar.packages.installed import Installed, InstalledPackages, counted_problem, fact

_MARK = b"\xff Go buildinf:"
_ALIGNED, _HEAD = 16, 32
_INLINE, _BIG_ENDIAN = 2, 1  # bits of the byte of flags
_SEARCHED = 1 << 20  # bytes at the begin of the data where the mark may lie
_FRAME = 16  # bytes around the list of modules
_LONGEST = 16 << 20  # bytes of a list of modules
_MOST = 100_000  # modules of one program
_FOLDERS = (b"./", b"../", b"/")  # how a replacement begins that is a folder, and so no name of a module


def installed(_path: bytes, content: bytes) -> InstalledPackages:
    """The main module, then those that it depends on, as they were replaced, and Go's own library as `stdlib`.

    A module that a folder replaces keeps its name; its version is `(devel)`, as that of a main module without one. A
    program that is not one of Go has none.
    """
    try:
        elf = Elf(content)
    except ValueError:
        return InstalledPackages(())
    section = elf.section(b".go.buildinfo")
    places = [section] if section is not None else list(elf.segments())[:1]
    found = next(((place, at) for place in places if (at := _mark(content, place)) is not None), None)
    if found is None:
        return InstalledPackages((), "its section .go.buildinfo is damaged" if section is not None else "")
    place, start = found
    is_inline = content[start + 15] & _INLINE
    version, listed = _inline(content, start, place.offset + place.size) if is_inline else _pointed(elf, start)
    if not version.startswith((b"go", b"devel")):
        return InstalledPackages((), "its section .go.buildinfo is damaged")
    modules = listed[_FRAME:-_FRAME] if len(listed) > 2 * _FRAME and listed[-_FRAME - 1 : -_FRAME] == b"\n" else b""
    return _modules(modules, version.partition(b" ")[0].removeprefix(b"go"))


def _mark(content: bytes, place: Region) -> int | None:
    """Where the mark lies, at a multiple of 16 from the begin of the data."""
    end = min(place.offset + place.size, place.offset + _SEARCHED, len(content))
    at = content.find(_MARK, place.offset, end)
    while at >= 0 and (at - place.offset) % _ALIGNED:
        at = content.find(_MARK, at + 1, end)
    return at if at >= 0 and at + _HEAD <= len(content) else None


def _inline(content: bytes, start: int, end: int) -> tuple[bytes, bytes]:
    """The two texts between the head and the end of the section, each with its length before it."""
    version, at = _text(content, start + _HEAD, end)
    return version, _text(content, at, end)[0]


def _text(content: bytes, at: int, end: int) -> tuple[bytes, int]:
    length = shift = 0
    while shift < 64 and at < end:
        byte = content[at]
        at += 1
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    is_whole = length <= min(_LONGEST, end - at)
    return (content[at : at + length], at + length) if is_whole else (b"", end)


def _pointed(elf: Elf, start: int) -> tuple[bytes, bytes]:
    """The texts to which the two pointers in the head lead: each to an address and a length."""
    order = "big" if elf.content[start + 15] & _BIG_ENDIAN else "little"
    size = elf.content[start + 14]
    if size not in (4, 8):
        return b"", b""

    def number(at: int) -> int:
        return int.from_bytes(elf.content[at : at + size], order)  # type: ignore[arg-type]

    segments = list(elf.segments())

    def offset(address: int, length: int) -> int | None:
        inside = (one for one in segments if one.address <= address and address + length <= one.address + one.size)
        return next((one.offset + address - one.address for one in inside), None)

    def text(at: int) -> bytes:
        head = offset(number(at), 2 * size)
        length = 0 if head is None else number(head + size)
        body = None if head is None or length > _LONGEST else offset(number(head), length)
        return b"" if body is None else elf.content[body : body + length]

    return text(start + 16), text(start + 16 + size)


def _modules(listed: bytes, version: bytes) -> InstalledPackages:
    modules: list[Installed] = []
    broken = 0
    lines = listed.split(b"\n", _MOST)
    for line in lines[:_MOST]:
        kind, *words = line.split(b"\t")
        if kind in (b"mod", b"dep", b"=>"):
            if len(words) < 2 or not words[0]:
                broken += 1
                continue
            name = fact(words[0])
            if kind == b"=>" and modules:
                replaced = modules.pop().name
                name = replaced if words[0].startswith(_FOLDERS) else name
            modules.append(Installed(name, fact(words[1]) or "(devel)"))
    modules.append(Installed("stdlib", fact(version)))
    return InstalledPackages(tuple(modules), counted_problem(broken, "modules without a name"))
